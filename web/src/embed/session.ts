/**
 * The tab's session id, in `sessionStorage`.
 *
 * Browsers copy `sessionStorage` into a tab that a script opens (`window.open`, `rel=opener`) and into a duplicated tab, but
 * a session is one tab's (SPEC section 2). A copy is told from the original by two marks that travel with it:
 * - `held` is 1 while a document is alive and 0 after `pagehide`. A copy is always taken from a living document, so it
 *   arrives held; reload, link and back/forward let go first. A crash also leaves it held, and so may another site whose
 *   page commits before ours has hidden. So only a plain navigation counts that is a tab's first: what a browser
 *   restores (`reload`, `back_forward`) and who comes back from elsewhere keep their session.
 * - `opened` says that the session was made in a window that has an opener. A window with an opener that finds a session
 *   without that mark, or the very session of its opener, has a copy.
 * Rejected: `window.name` (belongs to the shop, and is cleared when the visitor comes back from a payment page), Web Locks
 * and BroadcastChannel (asynchronous, and locks keep pages out of the back/forward cache).
 */
import { newId } from "./id";
import { whenShown } from "./shown";
import { read, write } from "./storage";

interface Stored {
  id: string;
  /** 0 or 1, and so is the next. */
  held: number;
  opened: number;
}

/** The session of this tab. */
export interface Session {
  /** The id as the tab has it now. */
  _current(): string;
  /** Takes over the tab's session, or starts one, as soon as it may be kept. */
  _claim(): void;
  /** A new session id. */
  _renew(): void;
  /** Removes what is stored. */
  _forget(): void;
}

const AREA = "sessionStorage";
// Frames of one tab share its storage; only the top document holds the session, or a frame would look like a copy.
const isTop = window === top;

/** The session kept under a key while `isKept` says so, and in memory otherwise. */
export function tabSession(key: string, isKept: () => boolean): Session {
  const { opener } = window as { opener: Window | null };
  let id = newId("s");

  const stored = (): Stored | null => (isKept() ? read<Stored>(AREA, key, ["id"]) : null);
  const save = (fresh: string): void => {
    id = fresh;
    if (isKept()) write(AREA, key, { id, held: +isTop, opened: +!!opener } satisfies Stored);
  };
  const renew = (): void => save(newId("s"));
  const hold = (held: number): void => {
    const session = stored();
    if (session) write(AREA, key, { ...session, held });
  };
  const isCopy = (session: Stored): boolean => {
    // An opener that is on another origin by now can't be compared.
    if (opener && (!session.opened || read<Stored>(AREA, key, [], opener)?.id === session.id)) return true;
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    return !!session.held && history.length === 1 && entry?.type === "navigate";
  };
  const settle = (): void => {
    const session = stored();
    if (!session) save(id);
    else if (isTop) {
      if (isCopy(session)) renew();
      else hold(1);
    }
  };

  if (isTop) {
    addEventListener("pagehide", () => hold(0));
    addEventListener("pageshow", (event) => event.persisted && hold(1));
  }
  return {
    _current: () => (id = stored()?.id ?? id),
    // A prerendered page looks at a copy of the tab's storage that is thrown away when it is shown.
    _claim: () => whenShown(settle),
    _renew: renew,
    _forget: () => write(AREA, key, null),
  };
}
