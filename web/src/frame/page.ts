/** The conversation with the shop's page: its exact origin and its own window, both ways. */
import type { FrameMessage, PageMessage } from "../shared/types";
import type { Config } from "./config";

type WithoutStore<T> = T extends unknown ? Omit<T, "storeId"> : never;

export class Page {
  constructor(private readonly config: Pick<Config, "storeId" | "pageOrigin">) {}

  say(message: WithoutStore<FrameMessage>): void {
    window.parent.postMessage({ ...message, storeId: this.config.storeId }, this.config.pageOrigin);
  }

  listen(hear: (message: PageMessage) => void): void {
    addEventListener("message", (event: MessageEvent<PageMessage | null>) => {
      if (event.source !== window.parent || event.origin !== this.config.pageOrigin) return;
      if (event.data && typeof event.data === "object" && event.data.storeId === this.config.storeId) hear(event.data);
    });
  }
}
