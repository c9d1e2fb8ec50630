/** The last step: the picture, with download, share and the shop's cart. */
import { button, h, icon } from "./dom";
import type { Visualization } from "./server";
import { language, say } from "./strings";
import type { View } from "./view";

/** What the last step can start. */
export interface Finishing {
  adjust(): void;
  otherPhoto(): void;
  announce(text: string): void;
}

/** The finished picture. `blob` is missing when the bytes could not be read again. */
export interface Picture {
  visualization: Visualization;
  url: string;
  blob: Blob | null;
  title: string;
}

function fileName(title: string, blob: Blob): string {
  const name = title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").toLowerCase() || "picture";
  return `${name}.${blob.type === "image/png" ? "png" : blob.type === "image/webp" ? "webp" : "jpg"}`;
}

function download({ url, blob, title }: Picture): void {
  const link = h("a", { href: url, download: blob ? fileName(title, blob) : "" });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Shares the picture itself where the system can, otherwise copies its address. */
async function share(picture: Picture, announce: (text: string) => void): Promise<void> {
  const files = picture.blob ? [new File([picture.blob], fileName(picture.title, picture.blob), { type: picture.blob.type })] : [];
  const address = new URL(picture.visualization.pictureUrl ?? picture.url, location.href).href;
  try {
    if (files.length && navigator.canShare?.({ files })) return await navigator.share({ files, title: picture.title });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
  }
  try {
    await navigator.clipboard.writeText(address);
    announce(say("copied"));
  } catch {
    announce(say("shareFailed"));
  }
}

function expiry(expiresAt: string | null): string | null {
  const date = new Date(expiresAt ?? "");
  if (Number.isNaN(date.getTime())) return null;
  return say("expires", { date: new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(date) });
}

/** The last step. `cart` is missing when the page has no cart to offer. */
export function resultView(picture: Picture, cart: HTMLElement | null, finishing: Finishing): View {
  const note = h("p", { class: "note", "aria-hidden": "true" });
  const tell = (text: string): void => {
    note.textContent = text;
    finishing.announce(text);
  };
  const until = expiry(picture.visualization.expiresAt);
  const heading = h("h2", { tabindex: "-1" }, say("resultTitle"));
  const save = button(cart ? "secondary" : "primary", say("download"), () => download(picture), icon("download"));
  const send = button("secondary", say("share"), () => void share(picture, tell), icon("share"));
  return {
    stage: [h("div", { class: "fit" }, h("img", { class: "result", src: picture.url, alt: picture.title }))],
    panel: [
      heading,
      ...(cart ? [cart] : []),
      h("div", { class: "actions" }, h("div", { class: "pair" }, save, send), note),
      h(
        "div",
        { class: "pair quiet-pair" },
        button("quiet", say("adjust"), finishing.adjust, icon("adjust")),
        button("quiet", say("otherPhoto"), finishing.otherPhoto, icon("photo")),
      ),
      ...(until ? [h("p", { class: "privacy" }, icon("lock"), h("span", {}, until))] : []),
    ],
    focus: heading,
  };
}
