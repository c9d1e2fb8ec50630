/**
 * Loads the other scripts: `widget.js` when a widget is first opened or preloaded, `shopify.js` when it is asked for. Passes
 * calls on, and knows nothing of what they do.
 */
import type { Bridge, ProductOptions, Widgets } from "../shared/types";
import { guarded, warn } from "./guarded";
import { MARKED, OPERABLE } from "./views";

/** Where calls go that need another script. */
export interface WidgetLoader {
  /** Those of the page API that need `widget.js`. */
  _calls: {
    open(widgetId: string, options?: ProductOptions): void;
    close(widgetId: string): void;
    preload(widgetId: string): void;
  };
  _identityChanged(): void;
  /** Loads one of our scripts; what it hands to `ready`. */
  _load<Part>(name: string): Promise<Part>;
}

/** Opens widgets from now on when somebody presses an element that is marked. */
export function widgetLoader(bridge: Omit<Bridge, "ready">, nonce: string): WidgetLoader {
  let loading: Promise<Widgets> | undefined;
  let policy: TrustedPolicy | undefined;
  const rules: TrustedPolicy = { createScriptURL: (address) => address };

  const load = <Part>(name: string): Promise<Part> =>
    new Promise((ready, failed) => {
      const script = document.createElement("script") as HTMLScriptElement & { selektable: Bridge<Part> };
      script.selektable = { ...bridge, ready };
      script.nonce = nonce;
      const address = `${bridge.host}/widgets/${name}.js`;
      script.onerror = () => failed(address + " could not be loaded");
      // A page with `require-trusted-types-for 'script'` takes script addresses only from a named policy. A name may be
      // used once, but loading may be tried again.
      policy ??= window.trustedTypes?.createPolicy("selektable", rules) ?? rules;
      script.src = policy.createScriptURL(address);
      document.head.append(script);
    });
  const use = (work: (widgets: Widgets) => void): void => {
    loading ??= load<Widgets>(WIDGET);
    loading.then(guarded(work), (problem) => {
      loading = undefined;
      warn(problem);
    });
  };
  const open = (widgetId: string, options?: ProductOptions, element: Element | null = null): void =>
    use((widgets) => widgets.open(widgetId, options ?? {}, element));

  const press = (event: MouseEvent | KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    // A document has no `closest`.
    const element = target.closest?.<HTMLElement>(MARKED);
    const widgetId = element?.dataset.selektableWidget;
    // Buttons and links turn these keys into clicks themselves; what only looks like a button does not. (What a browser
    // fills in by itself fires a `keydown` without a key.)
    const meant =
      "button" in event
        ? !(event.ctrlKey || event.metaKey || event.shiftKey)
        : element === target && !target.matches(OPERABLE) && /^( |Enter)$/.test(event.key);
    if (!widgetId || !meant || event.defaultPrevented) return;
    event.preventDefault();
    open(widgetId, {}, element);
  };
  addEventListener("click", press);
  addEventListener("keydown", press);

  return {
    _calls: {
      open: (widgetId, options) => open(widgetId, options),
      close: (widgetId) => loading && use((widgets) => widgets.close(widgetId)),
      preload: (widgetId) => use((widgets) => widgets.preload(widgetId)),
    },
    _identityChanged: () => loading && use((widgets) => widgets.identityChanged()),
    _load: load,
  };
}
