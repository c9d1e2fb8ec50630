/**
 * Keeps two attributes of the cart equal to who is here. It looks before it writes, so a cart that is right is never
 * written and nothing goes round in circles; and whatever fails is tried a few times, not for ever.
 */
import { read, write } from "../embed/storage";
import type { Bridge, CartLink } from "../shared/types";
import { holds, isBlank, mayHaveCart, readCart, tokenOf, writeCart, type Answer, type Cart, type Ids } from "./cart";

/** What happens at once is looked at once. */
const LOOK_DELAY_MS = 250;
/** From this many looks on a page, somebody answers our looks with changes. */
const LOOKS_MANY = 20;
const LOOKS_MANY_DELAY_MS = 10_000;
/** Doubled with each failure; more if the shop asks for more, within what a page lives. */
const PAUSE_MS = 1000;
const PAUSE_MS_MAX = 3_600_000;
const FAILURES_MAX = 4;
/** The first write and the repairs of those that another script undid. */
const WRITES_MAX = 5;

/** The cart whose token the server knows, and whose it was then. */
interface Reported {
  t: string;
  v: string;
}

export class Keeper implements CartLink {
  #timer = 0;
  #busy = 0;
  #again = false;
  #over = false;
  #reporting = false;
  #notBefore = 0;
  #looks = 0;
  #reading: AbortController | undefined;
  #reported: Reported | null = null;
  /** Of the cart when it was last right; nobody hears the answer of a write that the checkout cuts off. */
  #token: string | null = null;
  /** Somebody changed the cart on this page, so there is one. */
  #seen = false;

  /** What the following three are about. */
  #ids: Ids = ["", ""];
  #failures = 0;
  #writes = 0;
  #right = false;
  #sending = false;

  readonly #bridge: Bridge<CartLink>;
  readonly #key: string;

  constructor(bridge: Bridge<CartLink>) {
    this.#bridge = bridge;
    this.#key = `selektable:${bridge.storeId}:cart`;
  }

  look(): void {
    if (this.#over || this.#reporting || document.prerendering) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    const delay = this.#looks < LOOKS_MANY ? LOOK_DELAY_MS : LOOKS_MANY_DELAY_MS;
    const wait = Math.max(delay, this.#notBefore - Date.now());
    this.#timer ||= setTimeout(() => this.#work(() => this.#check()), wait) as unknown as number;
  }

  /** Somebody else wrote to the cart. */
  cartChanged(): void {
    this.#seen = true;
    this.#right = false;
    this.look();
  }

  /** The checkout opens with the next step: what is missing goes out now, without waiting for anything. */
  checkoutOpens(): void {
    const ids = this.#current();
    if (this.#over || !ids[0] || this.#right || this.#sending) return;
    this.#reading?.abort();
    this.#report();
    void this.#work(() => this.#write(ids));
  }

  async #work(work: () => Promise<void>): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#busy++;
    // A page that may not even look at its own cookies has no cart for us.
    await work().catch(() => {});
    if (--this.#busy || !this.#again) return;
    this.#again = false;
    this.look();
  }

  async #check(): Promise<void> {
    const ids = this.#current();
    const done = !ids[0] && this.#right;
    if (done || this.#failures > FAILURES_MAX || !(this.#seen || mayHaveCart())) return;
    this.#looks++;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const answer = await readCart(signal);
    if (signal.aborted) return;
    const cart = this.#cartIn(answer);
    if (!cart) return;
    // Who was here when we asked is gone, perhaps with the consent.
    if (this.#current() !== ids) this.#again = true;
    else if (holds(cart, ids)) this.#settle(cart);
    else if (!isBlank(cart) && this.#writes < WRITES_MAX) await this.#write(ids);
  }

  async #write(ids: Ids): Promise<void> {
    this.#writes++;
    this.#sending = true;
    const cart = this.#cartIn(await writeCart(ids));
    if (this.#ids === ids) this.#sending = false;
    if (!cart) return;
    if (this.#current() === ids && holds(cart, ids)) this.#settle(cart);
    else this.#again = true;
  }

  #cartIn(answer: Answer): Cart | null {
    if ("cart" in answer) return answer.cart;
    if (answer.pause === null) this.#over = true;
    else {
      const pause = Math.max(answer.pause, PAUSE_MS * 2 ** this.#failures++);
      this.#notBefore = Date.now() + Math.min(pause, PAUSE_MS_MAX);
      this.#again = true;
    }
    return null;
  }

  /** The ids as they are now; the same array for as long as they stay the same. Without consent they are empty. */
  #current(): Ids {
    const identity = this.#bridge.identity();
    const ids: Ids = identity ? [identity.visitorId, identity.sessionId] : ["", ""];
    if (!identity) write("sessionStorage", this.#key, (this.#reported = null));
    if (ids.some((id, index) => id !== this.#ids[index])) {
      this.#ids = ids;
      this.#failures = this.#writes = 0;
      this.#right = this.#sending = false;
    }
    return this.#ids;
  }

  #settle(cart: Cart): void {
    this.#right = true;
    this.#failures = 0;
    this.#token = tokenOf(cart);
    this.#report();
  }

  /** Says whose cart this is, once for each cart and visitor. */
  #report(): void {
    const [v] = this.#ids;
    const t = this.#token;
    if (!t || !v) return;
    this.#reported ??= read<Reported>("sessionStorage", this.#key);
    if (this.#reported?.t === t && this.#reported.v === v) return;
    write("sessionStorage", this.#key, (this.#reported = { t, v }));
    this.#reporting = true;
    this.#bridge.event("cart", { cartToken: t });
    this.#reporting = false;
  }
}
