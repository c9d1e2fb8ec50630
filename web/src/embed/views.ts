/**
 * What the visitor sees: pages (also of single-page apps) and widget elements that come into view. One MutationObserver
 * tells of everything that is added later.
 */
import { whenShown } from "./shown";

/** Selects elements that open a widget. */
export const MARKED = "[data-selektable-widget]";
/** Selects what the keyboard operates by itself. */
export const OPERABLE = "button,a[href],input,summary";

/** The origin of an address as browsers write it, which is the text before its path. */
export const originOf = (address: string): string => address.split("/", 3).join("/");

/**
 * Starts watching: `send` gets the events, and `added` is called when something was added to the document. The function it
 * gives reports the page and what is in view again (after consent).
 */
export function watchViews(send: (type: string, properties: object) => void, added: () => void): () => void {
  let url = "";
  let seen = new WeakSet<Element>();
  const intersections = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      intersections.unobserve(target);
      const { dataset } = target as HTMLElement;
      send("exposure", { widgetId: dataset.selektableWidget, productId: dataset.productId });
    }
  });

  const look = (): void => {
    document.querySelectorAll<HTMLElement>(MARKED).forEach((element) => {
      if (seen.has(element)) return;
      seen.add(element);
      intersections.observe(element);
      // What is neither button nor link can be reached by keyboard, too.
      if (element.matches(OPERABLE + ",[tabindex]")) return;
      element.tabIndex = 0;
      if (!element.hasAttribute("role")) element.setAttribute("role", "button");
    });
    // A query may carry what nobody wants in a statistic.
    const here = location.origin + location.pathname;
    if (url !== here) send("page", { url: here, referrer: url ? location.origin : originOf(document.referrer) });
    url = here;
  };

  whenShown(() => {
    look();
    new MutationObserver((records) => {
      if (!records.some(({ addedNodes }) => addedNodes.length)) return;
      look();
      added();
    }).observe(document, { childList: true, subtree: true });
    // A single-page app changes address and document; nothing of the shop's history object has to be replaced.
    addEventListener("popstate", look);
    (window as { navigation?: EventTarget }).navigation?.addEventListener("currententrychange", look);
  });

  return () => {
    intersections.disconnect();
    seen = new WeakSet();
    url = "";
    look();
  };
}
