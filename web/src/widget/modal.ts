/**
 * The full-screen modal with the frame in it: shows and hides, moves focus in and back, closes by Escape, back button, outside
 * click and close button. Knows nothing of products.
 */
import { enterHistory } from "./history";
import { lockScroll } from "./scroll-lock";
import { dress } from "./styles";
import { wordsOf, type Words } from "./words";

const READY_MS_MAX = 20_000;
/** What a loaded frame may take to say that it is ready; a refusal's page never does. */
const LOADED_MS_MAX = 2_000;

function make<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function cross(): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M4 4l12 12M16 4L4 16");
  svg.append(path);
  return svg;
}

export class Modal {
  readonly iframe = document.createElement("iframe");
  readonly #host = document.createElement("div");
  readonly #dialog = make("dialog", "");
  readonly #panel = make("div", "panel");
  readonly #address: string;
  #waiting = 0;
  #leave: (() => Promise<void>) | null = null;
  #unlock: (() => void) | null = null;
  #before: Element | null = null;

  /** `closed` is called each time the modal has closed, by whatever way. */
  constructor(
    address: string,
    language: string,
    private readonly closed: () => void,
  ) {
    this.#address = address;
    this.#build(wordsOf(language));
    (document.body ?? document.documentElement).append(this.#host);
    this.#load();
    // A frame in a process of its own may take the focus a moment after it was closed, unseen. While a window loses the
    // focus it can't be moved.
    addEventListener("blur", () => setTimeout(() => !this.isOpen && document.activeElement === this.#host && this.#giveFocusBack()));
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  /** True while the frame has not said that it is ready. */
  get isLoading(): boolean {
    return this.#waiting !== 0;
  }

  open(): void {
    if (this.isOpen) return;
    this.#before = document.activeElement;
    // A router may have replaced the body's children since; moved frames load anew.
    if (!this.#host.isConnected) {
      (document.body ?? document.documentElement).append(this.#host);
      this.#load();
    }
    this.#unlock = lockScroll(document);
    this.#dialog.showModal();
    this.#leave = enterHistory(() => {
      this.#leave = null;
      void this.close();
    });
    if (!this.isLoading) this.iframe.focus();
  }

  /** Closes; the promise settles when the history entry is gone and the page may navigate. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.#dialog.close();
    this.#unlock?.();
    const leave = this.#leave;
    this.#leave = null;
    this.#giveFocusBack();
    this.closed();
    await leave?.();
  }

  /** The frame is there and reads in this direction. */
  ready(direction: "ltr" | "rtl"): void {
    clearTimeout(this.#waiting);
    this.#waiting = 0;
    this.#dialog.dir = direction;
    this.#panel.className = "panel ready";
    if (this.isOpen) this.iframe.focus();
  }

  #giveFocusBack(): void {
    if (this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true });
  }

  #load(): void {
    this.#panel.className = "panel";
    this.iframe.src = this.#address;
    this.#expect(READY_MS_MAX);
    this.iframe.onload = () => this.isLoading && this.#expect(LOADED_MS_MAX);
  }

  #expect(milliseconds: number): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => (this.#panel.className = "panel failed"), milliseconds) as unknown as number;
  }

  #build(words: Words): void {
    const { iframe } = this;
    iframe.title = words.name;
    iframe.allow = "camera; web-share; clipboard-write";
    const close = make("button", "close", cross());
    close.type = "button";
    close.ariaLabel = words.close;
    close.onclick = () => void this.close();
    const retry = make("button", "", words.retry);
    retry.type = "button";
    retry.onclick = () => this.#load();
    const failure = make("div", "failure", make("p", "", words.failed), retry);
    failure.setAttribute("role", "alert");
    const skeleton = make("div", "skeleton", make("i", ""), make("i", ""), make("i", ""));
    this.#panel.append(skeleton, failure, iframe, close);
    this.#dialog.setAttribute("aria-label", words.name);
    this.#dialog.append(this.#panel);
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      void this.close();
    });
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && void this.close());
    const root = this.#host.attachShadow({ mode: "open" });
    dress(root);
    root.append(this.#dialog);
  }
}
