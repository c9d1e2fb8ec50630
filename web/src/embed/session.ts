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
import { read, write } from "./storage";

interface Stored {
  id: string;
  held: 0 | 1;
  opened: 0 | 1;
}

const AREA = "sessionStorage";
// Frames of one tab share its storage; only the top document holds the session, or a frame would look like a copy.
const isTop = window === window.top;

function stored(key: string): Stored | null {
  const value = read<Stored>(AREA, key);
  return value && typeof value.id === "string" && value.id ? value : null;
}

function isCopy(session: Stored, key: string): boolean {
  const opener = window.opener as Window | null;
  if (opener) {
    if (!session.opened) return true;
    try {
      if (JSON.parse(opener.sessionStorage.getItem(key) || "{}").id === session.id) return true;
    } catch {
      // The opener is on another origin by now: its session can't be compared.
    }
  }
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return !!session.held && history.length === 1 && entry?.type === "navigate";
}

/** The session of this tab. With `stored` false (no consent) it lives in memory only. */
export class Session {
  #id = newId("s");
  #stored = false;

  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
    if (!isTop) return;
    addEventListener("pagehide", () => this.#hold(0));
    addEventListener("pageshow", (event) => event.persisted && this.#hold(1));
  }

  /** The id as the tab has it now. */
  current(): string {
    if (this.#stored) this.#id = stored(this.#key)?.id ?? this.#id;
    return this.#id;
  }

  /** Takes over the tab's session, or starts one, and keeps it in storage from now on. */
  claim(): void {
    this.#stored = true;
    const found = stored(this.#key);
    // A prerendered page looks at a copy of the tab's storage that is thrown away when it is shown.
    if (document.prerendering) {
      if (found) this.#id = found.id;
      document.addEventListener("prerenderingchange", () => this.#stored && this.claim(), { once: true });
    } else if (!found) this.#save(this.#id);
    else if (isTop) {
      if (isCopy(found, this.#key)) this.#save(newId("s"));
      else this.#hold(1);
    }
  }

  /** A new session id, stored only if the old one was. */
  renew(): void {
    this.#id = newId("s");
    if (this.#stored) this.#save(this.#id);
  }

  /** Forgets the stored session; what follows lives in memory. */
  forget(): void {
    this.#stored = false;
    write(AREA, this.#key, null);
    this.renew();
  }

  #hold(held: 0 | 1): void {
    const found = this.#stored && stored(this.#key);
    if (found) write(AREA, this.#key, { ...found, held });
  }

  #save(id: string): void {
    this.#id = id;
    write(AREA, this.#key, { id, held: isTop ? 1 : 0, opened: window.opener ? 1 : 0 } satisfies Stored);
  }
}
