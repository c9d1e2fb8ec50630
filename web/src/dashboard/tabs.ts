/**
 * On a narrow screen the bar of tabs scrolls by itself; the page shown should be in sight in it.
 */
export function tabs(root: Document): void {
  const current = root.querySelector<HTMLElement>(".tabs [aria-current]");
  const bar = current?.closest("ul");
  if (!current || !bar || bar.scrollWidth <= bar.clientWidth) return;
  bar.scrollLeft = current.offsetLeft - (bar.clientWidth - current.offsetWidth) / 2;
}
