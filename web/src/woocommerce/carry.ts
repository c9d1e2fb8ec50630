/**
 * The ids' ways into an order: the fields of the classic checkout, the extension data of the block checkout, and a cookie for
 * what is bought past both. `embed.js` fills the inputs also when the visitor may not be remembered (with ids of this page
 * load that link to nobody); it keeps a record in the browser's storage only when it may. So only ids that stand in that
 * record go anywhere, and when it is gone they are taken back.
 */
import { read } from "../embed/storage";
import { toBlockCheckout } from "./block-checkout";

/** The ids that may be used for an order. */
export interface Ids {
  visitorId: string;
  sessionId: string;
}

const VISITOR = "[data-selektable-visitor-id]";
const SESSION = "[data-selektable-session-id]";
const COOKIE = "selektable_ids";
const COOKIE_DAYS = 90;

/** The record of `embed.js` under its key of the store: `v` is the visitor it remembers. */
const remembered = (storeId: string): unknown => read<{ v?: unknown }>("localStorage", "selektable:" + storeId)?.v;

function writeCookie(ids: Ids | null): void {
  const value = ids && encodeURIComponent(JSON.stringify([ids.visitorId, ids.sessionId]));
  const now = document.cookie.split("; ").find((pair) => pair.startsWith(COOKIE + "="));
  if (!value && !now) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const life = value ? COOKIE_DAYS * 24 * 3600 : 0;
  document.cookie = `${COOKIE}=${value ?? ""}; Path=/; Max-Age=${life}; SameSite=Lax${secure}`;
}

function switchFields(on: boolean): void {
  document.querySelectorAll<HTMLInputElement>(`form input:is(${VISITOR},${SESSION})`).forEach((input) => {
    if (input.disabled === on) input.disabled = !on;
  });
}

/** Keeps the three ways up to date from now on. */
export function shareIds(): void {
  const watched = document.getElementById("selektable-ids");
  const visitor = watched?.querySelector<HTMLInputElement>(VISITOR);
  const session = watched?.querySelector<HTMLInputElement>(SESSION);
  if (!watched || !visitor || !session) return;
  const storeId = watched.dataset.storeId ?? "";
  let cookieOf: string | null = null;

  const share = (): void => {
    const known = !!visitor.value && remembered(storeId) === visitor.value;
    const ids = known ? { visitorId: visitor.value, sessionId: session.value } : null;
    const text = JSON.stringify(ids);
    if (text !== cookieOf) writeCookie(ids);
    cookieOf = text;
    switchFields(!!ids);
    toBlockCheckout(ids);
  };

  // Filling a hidden input changes its `value` attribute, so this sees it, also in a form that a theme puts in later.
  new MutationObserver((records) => {
    if (records.some(({ target }) => (target as Element).matches(`${VISITOR},${SESSION}`))) share();
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["value"] });
  share();
}
