/**
 * What the visitor sees: pages (also of single-page apps) and widget elements that come into view. One MutationObserver
 * tells of everything that is added later.
 */

/** Marks an element that opens a widget. */
export const MARK = "data-selektable-widget";

/** What the watcher reports. */
export interface Watcher {
  page(properties: { url: string; referrer: string }): void;
  exposure(widgetId: string, productId: string | undefined): void;
  /** Something was added to the document. */
  added(): void;
}

/** Origin and path: a query may carry what nobody wants in a statistic. */
const here = (): string => location.origin + location.pathname;

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return "";
  }
}

/** Makes an element that is neither button nor link reachable by keyboard. */
function makeOperable(element: HTMLElement): void {
  if (element.matches("button,a[href],input,summary,[tabindex]")) return;
  element.tabIndex = 0;
  if (!element.hasAttribute("role")) element.setAttribute("role", "button");
}

/** Starts watching; the function it gives reports the page and what is in view again (after consent). */
export function watchViews(watcher: Watcher): () => void {
  let url = "";
  let seen = new WeakSet<Element>();
  const intersections = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      intersections.unobserve(target);
      watcher.exposure(target.getAttribute(MARK) ?? "", (target as HTMLElement).dataset.productId);
    }
  });

  const look = (): void => {
    document.querySelectorAll<HTMLElement>(`[${MARK}]`).forEach((element) => {
      if (seen.has(element)) return;
      seen.add(element);
      makeOperable(element);
      intersections.observe(element);
    });
    if (url === here()) return;
    const referrer = url ? location.origin : originOf(document.referrer);
    url = here();
    watcher.page({ url, referrer });
  };

  const start = (): void => {
    look();
    new MutationObserver((records) => {
      if (!records.some(({ addedNodes }) => addedNodes.length)) return;
      look();
      watcher.added();
    }).observe(document, { childList: true, subtree: true });
    // A single-page app changes address and document; nothing of the shop's history object has to be replaced.
    addEventListener("popstate", look);
    (window as { navigation?: EventTarget }).navigation?.addEventListener("currententrychange", look);
  };
  if (document.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
  else start();

  return () => {
    intersections.disconnect();
    seen = new WeakSet();
    url = "";
    look();
  };
}
