/**
 * `embed.js`: creates `window.Selektable` (SPEC section 3). Each call is guarded: whatever goes wrong in here, the shop's
 * page never sees an exception. No cookie is read or set.
 */
import type { CartLink, FrameIdentity, Identity, ProductOptions, Traits } from "../shared/types";
import { Events } from "./events";
import { fillForms } from "./forms";
import { foreignId } from "./id";
import { Identities } from "./identity";
import { MARK, watchViews } from "./views";
import { WidgetLoader } from "./widgets";

type Call = [name: string, ...args: unknown[]];
/** A page API that is not there yet: calls wait in `q`, as `[name, ...arguments]`, as `arguments`, or as functions. */
interface Stub extends Record<string, unknown> {
  q?: unknown;
}

const warn = (problem: unknown): void => console.warn("Selektable:", problem);

function guarded<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R | undefined {
  return (...args) => {
    try {
      return work(...args);
    } catch (error) {
      warn(error);
      return undefined;
    }
  };
}

function start(tag: HTMLScriptElement) {
  const storeId = tag.dataset.storeId ?? "";
  const host = new URL(tag.src, location.href).origin;
  if (!storeId) warn("the script tag has no data-store-id, so nothing can be sent");
  const { globalPrivacyControl, doNotTrack } = navigator;
  const refused = tag.dataset.consent === "required" || !!globalPrivacyControl || doNotTrack === "1";

  const events = new Events(host + "/api/events");
  const changed = guarded((): void => {
    if (identities.denied) events.clear();
    refill();
    loader.identityChanged();
    followCart();
  });
  const identities = new Identities("selektable:" + storeId, refused, changed);

  const whoever = (): FrameIdentity => ({ ...identities.current(), ...(identities.explicit() && { consent: true }) });
  const send = (type: string, properties: object): void => {
    if (identities.denied || !storeId) return;
    const { visitorId, sessionId, consent } = whoever();
    events.add({ storeId, visitorId, sessionId, consent }, type, properties);
  };
  const tellUser = (): void => {
    const { userId, traits } = identities.current();
    if (userId !== undefined) send("identify", { userId, traits });
  };
  const explain = (call: string): void => warn(call + " got an id that stands for nobody; it is ignored");

  const loader = new WidgetLoader(
    {
      host,
      storeId,
      identity: () => (identities.denied ? null : whoever()),
      event: guarded((type, properties) => {
        send(type, properties);
        followCart();
      }),
    },
    tag.nonce,
  );
  // Undefined until it is asked for, then null until it is there.
  let cart: CartLink | null | undefined;
  // From the first consent on, a Shopify cart learns who fills it, once the page has nothing better to do.
  const followCart = (): void => {
    if (cart) return cart.look();
    if (cart === null || identities.denied) return;
    cart = null;
    (window.requestIdleCallback ?? setTimeout)(() => {
      if (window.Shopify || tag.dataset.platform === "shopify") loader.load<CartLink>("shopify", (part) => (cart = part));
    });
  };
  const refill = guarded(fillForms(identities));
  const review = watchViews({
    page: (properties) => send("page", properties),
    exposure: (widgetId, productId) => send("exposure", { widgetId, productId }),
    added: refill,
  });
  followCart();

  return {
    getIdentity: (): Identity => identities.current(),
    identify(user: unknown, traits?: Traits): void {
      const userId = foreignId(user);
      if (!userId) return explain("identify()");
      identities.identify(userId, traits);
      tellUser();
    },
    reset: (): void => identities.reset(),
    setVisitorId(visitor: unknown): void {
      const id = foreignId(visitor);
      if (!id) return explain("setVisitorId()");
      identities.setVisitor(id);
      tellUser();
    },
    track(name: string, properties?: Record<string, unknown>): void {
      if (name !== "$conversion") return send("custom", { name, properties });
      const userId = foreignId(properties?.userId ?? identities.current().userId) ?? undefined;
      send("conversion", { ...properties, userId });
      events.flush();
    },
    open: (widgetId: string, options?: ProductOptions): void => loader.open(widgetId, options),
    close: (widgetId: string): void => loader.close(widgetId),
    preload: (widgetId: string): void => loader.preload(widgetId),
    discover: (): Element[] => [...document.querySelectorAll(`[${MARK}]`)],
    consent(granted: boolean): void {
      const was = identities.denied;
      if (granted) {
        identities.grant();
        if (was) review();
      } else {
        identities.deny();
        changed();
      }
    },
  };
}

/** Puts the API into the stub the page may already hold on to, and makes up for the calls that waited. */
function install(api: Record<string, (...args: never[]) => unknown>): void {
  const page = window as unknown as { Selektable?: Stub };
  const stub: Stub = page.Selektable ?? {};
  const waiting: unknown[] = Array.isArray(stub.q) ? stub.q : [];
  const run = guarded((entry: unknown): unknown => {
    if (typeof entry === "function") return entry();
    const [name, ...args] = Array.from(entry as ArrayLike<unknown>) as Call;
    return target[name]?.(...args);
  });
  const target: Record<string, (...args: unknown[]) => unknown> = {};
  for (const name in api) target[name] = guarded(api[name] as (...args: unknown[]) => unknown);
  const q = Object.assign(waiting, {
    push: (...entries: unknown[]): number => {
      entries.forEach(run);
      return 0;
    },
  });
  page.Selektable = Object.assign(stub, target, { q, loaded: true });
  waiting.splice(0).forEach(run);
}

guarded(() => {
  // The tag may stand in the page twice, and a single-page app may insert it again.
  if ((window as unknown as { Selektable?: Stub }).Selektable?.loaded) return;
  const tag = document.currentScript ?? document.querySelector("script[data-store-id]");
  if (tag instanceof HTMLScriptElement) install(start(tag));
})();
