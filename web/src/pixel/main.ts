/**
 * `pixel.js`: what a merchant pastes under Settings → Customer events as a custom pixel. It reports who completed a checkout,
 * for orders whose cart never had our attributes ("Buy it now", some wallets). The dashboard fills in `__HOST__` and
 * `__STORE__`. Shopify runs it in a sandboxed frame, where `browser` reads the storage of the page around it.
 */
import { newId } from "../embed/id";

interface Allowed {
  analyticsProcessingAllowed?: boolean;
}
interface Checkout {
  token?: string | null;
  attributes?: { key: string; value: unknown }[];
}
interface CheckoutEvent {
  data?: { checkout?: Checkout };
}
interface Storage {
  getItem(key: string): Promise<string | null>;
}

declare const analytics: { subscribe(name: "checkout_completed", heard: (event: CheckoutEvent) => Promise<void>): void };
declare const browser: { localStorage: Storage; sessionStorage: Storage };
declare const init: { customerPrivacy?: Allowed; data?: { cart?: { id?: unknown } | null } };
declare const api: {
  customerPrivacy?: { subscribe(name: "visitorConsentCollected", heard: (event: { customerPrivacy: Allowed }) => void): void };
};

const HOST = "__HOST__";
const STORE = "__STORE__";

/** What the embed script keeps there (`identity.ts`, `session.ts`); nothing if it is denied or not ours. */
async function stored(area: "localStorage" | "sessionStorage"): Promise<Record<string, unknown>> {
  try {
    return JSON.parse((await browser[area].getItem("selektable:" + STORE)) || "{}") ?? {};
  } catch {
    return {};
  }
}

/** The last part of a token without its key: `gid://shopify/Cart/abc?key=1` is `abc`. */
const tokenOf = (id: unknown): string | undefined => String(id ?? "").split("?")[0]?.split("/").pop() || undefined;

function cartToken(): string | undefined {
  try {
    return tokenOf(init.data?.cart?.id);
  } catch {
    return undefined;
  }
}

async function report({ data }: CheckoutEvent): Promise<void> {
  const checkout = data?.checkout;
  const attribute = (name: string): unknown => checkout?.attributes?.find(({ key }) => key === name)?.value;
  const person = await stored("localStorage");
  const visitorId = person.v || attribute("selektable_visitor_id");
  const sessionId = (await stored("sessionStorage")).id || attribute("selektable_session_id") || newId("s");
  const checkoutToken = tokenOf(checkout?.token);
  if (!visitorId || !checkoutToken) return;
  const now = Date.now();
  const event = { id: newId("e"), type: "checkout_completed", at: now, checkoutToken, cartToken: cartToken() };
  await fetch(HOST + "/api/events", {
    method: "POST",
    headers: { "Content-Type": "text/plain;charset=UTF-8" },
    body: JSON.stringify({ storeId: STORE, visitorId, sessionId, consent: person.c === 1 || undefined, sentAt: now, events: [event] }),
    keepalive: true,
    credentials: "omit",
  });
}

let privacy: Allowed | undefined;
try {
  privacy = init.customerPrivacy;
  api.customerPrivacy?.subscribe("visitorConsentCollected", (event) => (privacy = event.customerPrivacy));
} catch {
  // An older sandbox: what `init` said holds.
}
analytics.subscribe("checkout_completed", async (event) => {
  if (privacy?.analyticsProcessingAllowed === false) return;
  // Somebody has just paid: nothing that goes wrong here is worth a word in their console.
  await report(event).catch(() => {});
});
