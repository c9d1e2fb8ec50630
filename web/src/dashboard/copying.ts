/** Copying by one click: ids by clicking them, blocks of code and secrets by a button. */

const SHOWN_MS = 1600;

async function copy(text: string, shown: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure connection there is no clipboard: selecting it is the next best thing.
    getSelection()?.selectAllChildren(shown);
    return;
  }
  shown.classList.add("copied");
  setTimeout(() => shown.classList.remove("copied"), SHOWN_MS);
}

function addButton(target: HTMLElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  // What is copied is read at the click, so that the button's own text is never part of it.
  const text = (): string => target.dataset["copy"] || (target.querySelector("code")?.textContent ?? "");
  button.addEventListener("click", () => {
    void copy(text(), target).then(() => {
      if (!target.classList.contains("copied")) return;
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), SHOWN_MS);
    });
  });
  if (target instanceof HTMLPreElement) target.append(button);
  else target.after(button);
}

/** Makes everything marked `data-copy` copyable. */
export function copying(root: ParentNode): void {
  for (const target of root.querySelectorAll<HTMLElement>("[data-copy]")) {
    // An id inside of a link leads to its page.
    if (target.classList.contains("id")) {
      if (!target.closest("a")) target.addEventListener("click", () => void copy(target.dataset["copy"] ?? "", target));
    } else addButton(target);
  }
}
