/**
 * A part of the page that is not done yet, marked `data-live` with the address that shows it: it is asked for again and
 * replaced, until it is done, and only while the page is looked at. What was typed elsewhere on the page stays.
 */
import { copying } from "./copying";

const PAUSE_MS = 1500;

async function fresh(path: string, id: string): Promise<HTMLElement | null> {
  const answer = await fetch(path, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
}

/** Follows the part of the page that is marked, if there is one. */
export function live(root: Document): void {
  const first = root.querySelector<HTMLElement>("[data-live]");
  if (!first) return;
  let part = first;
  const said = root.createElement("p");
  said.className = "away";
  said.setAttribute("role", "status");
  part.after(said);

  const turn = async (): Promise<void> => {
    const path = part.dataset["live"];
    if (!path) return;
    if (root.visibilityState === "visible") {
      // A failed question is asked again: the server may be restarting.
      const next = await fresh(path, part.id).catch(() => null);
      if (next) replace(root.adoptNode(next));
    }
    setTimeout(() => void turn(), PAUSE_MS);
  };
  const replace = (next: HTMLElement): void => {
    const held = part.contains(root.activeElement);
    part.replaceWith(next);
    part = next;
    copying(part);
    if (held) {
      part.tabIndex = -1;
      part.focus();
    }
    const words = part.querySelector("[data-said]")?.textContent ?? "";
    if (said.textContent !== words) said.textContent = words;
  };
  setTimeout(() => void turn(), PAUSE_MS);
}
