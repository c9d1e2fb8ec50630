/** Keeps the page behind the modal still, and puts every changed property back exactly as it was. */

type Saved = [name: string, value: string, priority: string];

/** Locks scrolling; the function it gives unlocks. */
export function lockScroll(page: Document): () => void {
  const root = page.documentElement;
  const { scrollX, scrollY, innerWidth } = window;
  const gap = innerWidth - root.clientWidth;
  const { paddingInlineEnd } = getComputedStyle(root);
  const saved: Saved[] = [];
  const set = (name: string, value: string): void => {
    saved.push([name, root.style.getPropertyValue(name), root.style.getPropertyPriority(name)]);
    root.style.setProperty(name, value, "important");
  };
  const hadStyle = root.hasAttribute("style");
  set("overflow", "hidden");
  // Without this the page jumps sideways by the width of the scroll bar.
  if (gap > 0) set("padding-inline-end", `${parseFloat(paddingInlineEnd) + gap}px`);
  return () => {
    for (const [name, value, priority] of saved) {
      if (value) root.style.setProperty(name, value, priority);
      else root.style.removeProperty(name);
    }
    if (!hadStyle) root.removeAttribute("style");
    if (window.scrollX !== scrollX || window.scrollY !== scrollY) {
      window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
    }
  };
}
