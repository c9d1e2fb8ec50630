/**
 * Who is on this page, and whether that may be remembered: visitor, anonymous id, user and traits in `localStorage`, the
 * session in `sessionStorage`, all under one key per store. While consent is missing nothing is stored, and the ids are
 * random ones of this page load: a form or an order still has ids, but they link to nobody.
 */
import type { FrameIdentity, Traits } from "../shared/types";
import { newId } from "./id";
import { tabSession } from "./session";
import { read, write } from "./storage";

/** The stored record. `c` is 1 once the visitor consented in so many words; a refusal is never stored. */
interface Person {
  v: string;
  a: string;
  u?: string;
  t?: Traits;
  c?: 1;
}

/** Who is on this page. */
export interface Identities {
  /** True while nothing may be stored or sent. */
  _denied(): boolean;
  /**
   * The identity as it is now; storage is read again because another tab may have changed it. `consent` says that it was
   * given in so many words, which outweighs a browser's general signal.
   */
  _current(): FrameIdentity;
  _identify(userId: string, traits?: Traits): void;
  _setVisitor(id: string): void;
  _reset(): void;
  /** Turns storage on from now, with new ids if it was off: what was done before stays unlinked. */
  _grant(): void;
  /** Removes what is stored and stores nothing from now on. */
  _deny(): void;
}

const AREA = "localStorage";

/** The identities kept under a key; `changed` is told of every change that this page or another tab makes. */
export function identitiesOf(key: string, deniedByDefault: unknown, changed: () => void): Identities {
  let person!: Person;
  let denied = true;
  const session = tabSession(key, () => !denied);

  const stored = (): Person | null => read<Person>(AREA, key, ["v", "a"]);
  const load = (): Person => (person = (!denied && stored()) || person);
  const save = (now: Person): void => {
    person = now;
    if (!denied) write(AREA, key, now);
    changed();
  };
  const beSomebodyNew = (): void => {
    session._renew();
    const id = newId("v");
    person = { v: id, a: id };
  };
  const keep = (): void => {
    denied = false;
    session._claim();
    if (!stored()) write(AREA, key, person);
  };
  const deny = (): void => {
    denied = true;
    write(AREA, key, null);
    session._forget();
    beSomebodyNew();
  };

  beSomebodyNew();
  if (deniedByDefault && !stored()?.c) deny();
  else keep();
  // Another tab's visitor is this tab's visitor, and so is the consent.
  addEventListener("storage", (event) => {
    if (event.key !== key) return;
    if (event.newValue === null) deny();
    else if (denied && stored()?.c) keep();
    changed();
  });

  return {
    _denied: () => denied,
    _current(): FrameIdentity {
      const { v, a, u, t, c } = load();
      const sessionId = session._current();
      return { visitorId: v, sessionId, anonymousId: a, ...(u && { userId: u }), ...(t && { traits: t }), ...(c && { consent: true }) };
    },
    _identify: (u, t) => save({ ...load(), u, t }),
    _setVisitor(v): void {
      const now = load();
      save({ ...now, v, a: now.u ? now.a : v });
    },
    _reset(): void {
      const { c } = load();
      beSomebodyNew();
      save({ ...person, c });
    },
    _grant(): void {
      if (denied) {
        beSomebodyNew();
        keep();
      }
      save({ ...load(), c: 1 });
    },
    _deny: deny,
  };
}
