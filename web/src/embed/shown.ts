/** Does something now, or, on a page that the browser has opened in advance, when somebody looks at it. */
export function whenShown(work: () => void): void {
  if (document.prerendering) document.addEventListener("prerenderingchange", work, { once: true });
  else work();
}
