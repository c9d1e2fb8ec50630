/** The list of what has arrived: asks now and then, until everything has, and only while the page is looked at. */

const PAUSE_MS = 3000;

interface Step {
  id: string;
  done: boolean;
}

function isSteps(value: unknown): value is Step[] {
  return Array.isArray(value) && value.every((step) => typeof step?.id === "string" && typeof step?.done === "boolean");
}

/** Follows the list marked `data-waiting`, if the page has one. */
export function waiting(root: Document): void {
  const list = root.querySelector<HTMLElement>("[data-waiting]");
  const path = list?.dataset["waiting"];
  if (!list || !path) return;
  const ask = async (): Promise<boolean> => {
    const answer = await fetch(path, { headers: { Accept: "application/json" }, redirect: "error" });
    const steps: unknown = answer.ok ? await answer.json() : null;
    if (!isSteps(steps)) return false;
    for (const { id, done } of steps) {
      const row = list.querySelector(`[data-step="${CSS.escape(id)}"]`);
      row?.classList.toggle("done", done);
      row?.classList.toggle("waiting", !done);
    }
    return steps.every((step) => step.done);
  };
  const turn = async (): Promise<void> => {
    // A failed question is asked again: the server may be restarting.
    const over = root.visibilityState === "visible" && (await ask().catch(() => false));
    if (!over) setTimeout(() => void turn(), PAUSE_MS);
  };
  setTimeout(() => void turn(), PAUSE_MS);
}
