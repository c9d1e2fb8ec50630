/** The shop's own cart over Shopify's Ajax API: same origin, and never an exception. */

/** What we read of a cart; Shopify sends much more. */
export interface Cart {
  token?: unknown;
  item_count?: unknown;
  attributes?: Record<string, unknown> | null;
}

/** A cart, or how many milliseconds to wait at least before trying again; null means that it will never work. */
export type Answer = { cart: Cart } | { pause: number | null };

/** Cart attributes arrive in the order as `note_attributes` of the same names. */
const NAMES = ["selektable_visitor_id", "selektable_session_id"] as const;

/** Visitor and session as the attributes hold them; an empty text takes an attribute away. */
export type Ids = readonly [visitor: string, session: string];

/** Tells our own writes from the theme's; Shopify ignores it. */
const OURS = "?selektable";

/** Languages and markets of a shop live under a prefix, and so does their cart. */
function root(): string {
  const prefix = window.Shopify?.routes?.root;
  return typeof prefix === "string" && /^\/([^/].*)?$/.test(prefix) ? prefix.replace(/\/?$/, "/") : "/";
}

/** `Retry-After` in milliseconds; 0 if there is none that can be read. */
function pauseOf(answer: Response): number {
  const value = answer.headers.get("Retry-After") || "";
  return Math.max(0, Number(value) * 1000 || Date.parse(value) - Date.now() || 0);
}

async function ask(path: string, options: RequestInit): Promise<Answer> {
  try {
    const answer = await fetch(root() + path, options);
    const { status } = answer;
    if (status > 399 && status < 500 && status !== 429 && status !== 409) return { pause: null };
    if (!answer.ok) return { pause: pauseOf(answer) };
    const cart: unknown = await answer.json();
    if (cart && typeof cart === "object") return { cart };
  } catch {
    // No connection, or a page where a cart should be: a password page, a queue, a captcha.
  }
  return { pause: 0 };
}

/** Reads the cart. */
export const readCart = (signal: AbortSignal): Promise<Answer> => ask("cart.js", { signal, cache: "no-store" });

/** Writes our two attributes and leaves all others alone; outlives the page. */
export const writeCart = (ids: Ids): Promise<Answer> =>
  ask("cart/update.js" + OURS, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ attributes: Object.fromEntries(NAMES.map((name, index) => [name, ids[index]])) }),
    keepalive: true,
  });

/** Whether the cart says so already. */
export const holds = ({ attributes }: Cart, ids: Ids): boolean =>
  NAMES.every((name, index) => (attributes?.[name] ?? "") === ids[index]);

/** A cart that nobody has put anything into: Shopify makes one up for whoever asks. */
export const isBlank = ({ item_count, attributes }: Cart): boolean => !item_count && !Object.keys(attributes ?? {}).length;

/** The cart's token without its key, which opens the cart and is nobody else's business; null if there is none of use. */
export function tokenOf({ token }: Cart): string | null {
  const name = typeof token === "string" ? token.split("?")[0] : "";
  return name && /^[!-~]{1,255}$/.test(name) ? name : null;
}

/** Whether this address, asked for by somebody else on the page, changed the cart. */
export function changesCart(address: string): boolean {
  if (!address.startsWith(location.origin + "/")) return false;
  const { pathname, search } = new URL(address);
  return search !== OURS && /\/cart\/(add|change|update|clear)(\.\w+)?$/.test(pathname);
}

/** Whether there may be a cart. Asking Shopify would make one. */
export const mayHaveCart = (): boolean => /(^|; )cart=/.test(document.cookie) || /\/cart\/?$/.test(location.pathname);
