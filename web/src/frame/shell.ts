/** The frame's fixed parts: the product's name on top, the large area, the controls, and the spoken status. */
import { h } from "./dom";
import { direction, language } from "./strings";
import type { View } from "./view";

/** Black or white, whichever can be read on a colour (WCAG relative luminance). */
function inkOn(hex: string): string {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(full.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

/** Colours the frame in the shop's accent; anything but a hex colour is ignored. */
function tint(accent: string | null): void {
  if (!accent || !/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(accent)) return;
  const { style } = document.documentElement;
  style.setProperty("--accent", accent);
  style.setProperty("--on-accent", inkOn(accent));
}

export class Shell {
  readonly #title = h("h1", {});
  readonly #picture = h("div", { class: "head-picture" });
  readonly #stage = h("div", { class: "stage" });
  readonly #panel = h("div", { class: "panel" });
  readonly #status = h("div", { class: "spoken", role: "status", "aria-live": "polite" });
  #leave: (() => void) | undefined;

  constructor(root: HTMLElement, accent: string | null) {
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
    tint(accent);
    const head = h("header", { class: "head" }, this.#picture, this.#title);
    root.replaceChildren(h("main", { class: "app" }, this.#stage, head, this.#panel), this.#status);
  }

  /** The product's name and picture. */
  introduce(title: string, picture: HTMLElement): void {
    this.#title.textContent = title;
    document.title = title;
    this.#picture.replaceChildren(picture);
  }

  /** Shows a step; with `focus` false the focus stays where it is. */
  show(view: View, focus = true): void {
    this.#leave?.();
    this.#leave = view.leave;
    this.#stage.replaceChildren(...view.stage);
    this.#panel.replaceChildren(...view.panel);
    this.#panel.scrollTop = 0;
    if (focus) view.focus?.focus({ preventScroll: true });
  }

  /** Says something to those who listen rather than look. */
  announce(text: string): void {
    this.#status.textContent = text;
  }

  set dropping(dropping: boolean) {
    this.#stage.classList.toggle("dropping", dropping);
  }
}
