/** Keys, listed on the page by `?`: `g` and a letter go to a tab, `/` to the first filter, `j` and `k` along rows. */

const SEQUENCE_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog") !== null;
}

function moveRow(root: Document, step: number): void {
  const rows = [...root.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row === root.activeElement);
  rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step]?.focus();
}

/** Listens for keys outside of fields. */
export function keys(root: Document): void {
  let goUntil = 0;
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.timeStamp < goUntil) {
      goUntil = 0;
      root.querySelector<HTMLElement>(`.tabs [data-key="${CSS.escape(event.key)}"]`)?.click();
      return;
    }
    const act: Record<string, () => void> = {
      g: () => (goUntil = event.timeStamp + SEQUENCE_MS),
      j: () => moveRow(root, 1),
      k: () => moveRow(root, -1),
      "/": () => {
        event.preventDefault();
        root.querySelector<HTMLElement>("[data-filters] select, [data-filters] input:not([type=hidden])")?.focus();
      },
      "?": () => root.querySelector<HTMLDialogElement>("#shortcuts")?.showModal(),
    };
    act[event.key]?.();
  });
}
