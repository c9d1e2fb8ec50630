/**
 * One history entry while a modal is open, so that the back button closes it. The entry keeps the shop's own state, because
 * routers of single-page apps look at it.
 */

const LEAVE_MS_MAX = 500;

/** Settles when the last entry is gone: going back is asynchronous, and an entry added meanwhile would be the one to go. */
let leaving: Promise<void> = Promise.resolve();

function goBack(): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      removeEventListener("popstate", done);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, LEAVE_MS_MAX);
    addEventListener("popstate", done);
    history.back();
  });
}

/** Adds the entry. `left` is called when the visitor goes back; the result takes the entry away again. */
export function enterHistory(left: () => void): () => Promise<void> {
  const mark = `selektable-${Date.now()}`;
  const isOurs = (): boolean => (history.state as { selektable?: string } | null)?.selektable === mark;
  let wanted = true;
  const back = (): void => {
    if (isOurs()) return;
    removeEventListener("popstate", back);
    left();
  };
  void leaving.then(() => {
    if (!wanted) return;
    const state: unknown = history.state;
    history.pushState({ ...(state && typeof state === "object" ? state : {}), selektable: mark }, "");
    addEventListener("popstate", back);
  });
  return () => {
    wanted = false;
    removeEventListener("popstate", back);
    // When the shop has navigated meanwhile, going back would undo its step.
    if (isOurs()) leaving = goBack();
    return leaving;
  };
}
