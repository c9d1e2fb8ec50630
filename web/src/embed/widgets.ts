/**
 * Loads the other scripts: `widget.js` when a widget is first opened or preloaded, `shopify.js` when it is asked for. Passes
 * calls on, and knows nothing of what they do.
 */
import type { Bridge, ProductOptions, Widgets } from "../shared/types";
import { MARK } from "./views";

/** The calls of the page API that need `widget.js`. */
export class WidgetLoader {
  #loading: Promise<Widgets> | undefined;
  #loaded: Widgets | undefined;
  #policy: TrustedPolicy | undefined;

  readonly #bridge: Omit<Bridge, "ready">;
  readonly #nonce: string | undefined;

  constructor(bridge: Omit<Bridge, "ready">, nonce: string | undefined) {
    this.#bridge = bridge;
    this.#nonce = nonce;
    const opener = (target: EventTarget | null): HTMLElement | null =>
      target instanceof Element ? target.closest<HTMLElement>(`[${MARK}]`) : null;
    const press = (event: Event, element: HTMLElement | null): void => {
      const widgetId = element?.getAttribute(MARK);
      if (!widgetId || event.defaultPrevented) return;
      event.preventDefault();
      this.open(widgetId, {}, element);
    };
    document.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) press(event, opener(event.target));
    });
    // Buttons and links turn these keys into clicks themselves; what `makeOperable` made a button does not.
    document.addEventListener("keydown", (event) => {
      const element = opener(event.target);
      const own = element === event.target && !element?.matches("button,a[href],input,summary");
      if (own && (event.key === "Enter" || event.key === " ")) press(event, element);
    });
  }

  open(widgetId: string, options: ProductOptions = {}, element: Element | null = null): void {
    this.#use((widgets) => widgets.open(widgetId, options ?? {}, element));
  }

  close(widgetId: string): void {
    if (this.#loading) this.#use((widgets) => widgets.close(widgetId));
  }

  preload(widgetId: string): void {
    this.#use((widgets) => widgets.preload(widgetId));
  }

  identityChanged(): void {
    this.#loaded?.identityChanged();
  }

  #use(work: (widgets: Widgets) => void): void {
    if (this.#loaded) return work(this.#loaded);
    this.#loading ??= new Promise<Widgets>((resolve, reject) => this.load("widget", resolve, reject));
    this.#loading.then((widgets) => work((this.#loaded = widgets))).catch((error) => {
      if (!this.#loaded) this.#loading = undefined;
      console.warn("Selektable:", error);
    });
  }

  /** Loads one of our scripts, which then calls `ready`. */
  load<Part>(name: string, ready: (part: Part) => void, failed?: (problem: string) => void): void {
    const script = document.createElement("script") as HTMLScriptElement & { selektable: Bridge<Part> };
    script.selektable = { ...this.#bridge, ready };
    if (this.#nonce) script.nonce = this.#nonce;
    script.onerror = () => failed?.(script.src + " could not be loaded");
    const address = this.#bridge.host + `/widgets/${name}.js`;
    // A page with `require-trusted-types-for 'script'` takes script addresses only from a named policy. A name may be
    // used once, but loading may be tried again.
    this.#policy ??= window.trustedTypes?.createPolicy("selektable", { createScriptURL: (url) => url });
    script.src = this.#policy ? this.#policy.createScriptURL(address) : address;
    document.head.append(script);
  }
}
