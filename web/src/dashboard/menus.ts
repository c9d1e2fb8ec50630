/** Menus are `<details>`: open one at a time, closed by Escape and by a click elsewhere. */
export function menus(root: Document): void {
  const all = [...root.querySelectorAll<HTMLDetailsElement>("details[data-menu]")];
  const closeExcept = (kept: Element | null): void => {
    for (const menu of all) if (menu !== kept) menu.open = false;
  };
  root.addEventListener("click", (event) => {
    closeExcept(event.target instanceof Element ? event.target.closest("details[data-menu]") : null);
  });
  root.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" ? all.find((menu) => menu.open) : undefined;
    if (!open) return;
    open.open = false;
    open.querySelector("summary")?.focus();
  });
}
