/**
 * Who is on this page, and whether that may be remembered: visitor, anonymous id, user and traits in `localStorage`, the
 * session in `sessionStorage`, all under one key per store. While consent is missing nothing is stored, and the ids are
 * random ones of this page load: a form or an order still has ids, but they link to nobody.
 */
import type { Identity, Traits } from "../shared/types";
import { newId } from "./id";
import { Session } from "./session";
import { read, write } from "./storage";

/** The stored record. `c` is 1 once the visitor consented in so many words; a refusal is never stored. */
interface Person {
  v: string;
  a: string;
  u?: string;
  t?: Traits;
  c?: 1;
}

const AREA = "localStorage";

function freshPerson(): Person {
  const id = newId("v");
  return { v: id, a: id };
}

export class Identities {
  #person = freshPerson();
  readonly #session: Session;
  /** Every id this page has had, so that form filling knows which values are its own. */
  readonly given = new Set<string>();
  /** True while nothing may be stored or sent. */
  denied = false;

  readonly #key: string;
  readonly #changed: () => void;

  constructor(key: string, deniedByDefault: boolean, changed: () => void) {
    this.#key = key;
    this.#changed = changed;
    this.#session = new Session(key);
    if (deniedByDefault && !this.#stored()?.c) this.deny();
    else this.#keep();
    // Another tab's visitor is this tab's visitor, and so is the consent.
    addEventListener("storage", (event) => {
      if (event.key !== key) return;
      if (event.newValue === null) this.deny();
      else if (this.denied && this.#stored()?.c) this.#keep();
      changed();
    });
  }

  /** The identity as it is now; storage is read again because another tab may have changed it. */
  current(): Identity {
    const { v, a, u, t } = this.#load();
    const sessionId = this.#session.current();
    this.given.add(v).add(sessionId);
    return { visitorId: v, sessionId, anonymousId: a, ...(u !== undefined && { userId: u }), ...(t && { traits: t }) };
  }

  /** True when consent was given in so many words, which outweighs a browser's general signal. */
  explicit(): boolean {
    return !this.denied && !!this.#load().c;
  }

  identify(userId: string, traits?: Traits): void {
    this.#save({ ...this.#load(), u: userId, t: traits });
  }

  setVisitor(id: string): void {
    const person = this.#load();
    this.#save({ ...person, v: id, a: person.u === undefined ? id : person.a });
  }

  reset(): void {
    const { c } = this.#load();
    this.#session.renew();
    this.#save({ ...freshPerson(), c });
  }

  /** Turns storage on from now, with new ids if it was off: what was done before stays unlinked. */
  grant(): void {
    if (this.denied) {
      this.#person = freshPerson();
      this.#session.renew();
      this.#keep();
    }
    this.#save({ ...this.#load(), c: 1 });
  }

  /** Removes what is stored and stores nothing from now on. */
  deny(): void {
    this.denied = true;
    write(AREA, this.#key, null);
    this.#session.forget();
    this.#person = freshPerson();
  }

  #keep(): void {
    this.denied = false;
    this.#session.claim();
    if (!this.#stored()) write(AREA, this.#key, this.#person);
  }

  #stored(): Person | null {
    const person = read<Person>(AREA, this.#key);
    return person && typeof person.v === "string" && typeof person.a === "string" && person.v ? person : null;
  }

  #load(): Person {
    if (!this.denied) this.#person = this.#stored() ?? this.#person;
    return this.#person;
  }

  #save(person: Person): void {
    this.#person = person;
    if (!this.denied) write(AREA, this.#key, person);
    this.#changed();
  }
}
