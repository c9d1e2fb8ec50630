/** What every test of the browser side stands on: a host, a shop on another origin, and a watch on the console. */
import { test as base, expect, type Page } from "@playwright/test";
import { MockHost, MockShop, type ShopPage } from "./mock-server.ts";

/** `window.Selektable` as the tests see it. */
export interface PageApi {
  getIdentity(): { visitorId: string; sessionId: string; anonymousId: string; userId?: string; traits?: Record<string, unknown> };
  identify(userId: unknown, traits?: object): void;
  reset(): void;
  setVisitorId(id: unknown): void;
  track(name: string, properties?: object): void;
  open(widgetId: string, options?: object): void;
  close(widgetId: string): void;
  preload(widgetId: string): void;
  discover(): Element[];
  consent(granted: boolean): void;
  q: { push(...entries: unknown[]): number };
}

declare global {
  // eslint-disable-next-line no-var
  var Selektable: PageApi;
}

interface Fixtures {
  host: MockHost;
  shop: MockShop;
  /** Problems that the console, the page or its content security policy reported; a test that expects some empties it. */
  problems: string[];
  /** Says which problems the test brings about itself, whenever they are told: that of a failed request may come late. */
  tolerate: (pattern: RegExp) => void;
  tolerated: RegExp[];
}

export const test = base.extend<Fixtures>({
  host: async ({}, use) => {
    const host = await new MockHost().start();
    await use(host);
    await host.stop();
  },
  shop: async ({}, use) => {
    const shop = await new MockShop().start();
    await use(shop);
    await shop.stop();
  },
  page: async ({ page }, use) => {
    // Playwright takes over file choosers only while somebody listens, and tells frames in other processes a moment later:
    // a listener from the start leaves no such moment.
    page.on("filechooser", () => {});
    await use(page);
  },
  tolerated: async ({}, use) => use([]),
  tolerate: async ({ tolerated }, use) => use((pattern) => tolerated.push(pattern)),
  problems: [
    async ({ context, tolerated }, use) => {
      const problems: string[] = [];
      const note = (problem: string): void => {
        if (!tolerated.some((pattern) => pattern.test(problem))) problems.push(problem);
      };
      context.on("console", (message) => message.type() === "error" && note(message.text()));
      context.on("weberror", (error) => note(String(error.error())));
      await use(problems);
      expect(problems).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The tag as a shop writes it. */
export const tag = (host: MockHost, attributes = ""): string =>
  `<script src="${host.origin}/widgets/embed.js" data-store-id="store_1" ${attributes}></script>`;

/** A shop page with something in its head and its body. */
export const page = (head: string, body = "", headers?: Record<string, string>): ShopPage => ({
  html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title>${head}</head><body>${body}</body></html>`,
  headers,
});

/** The page's identity. */
export const identityOf = (page: Page) => page.evaluate(() => Selektable.getIdentity());
