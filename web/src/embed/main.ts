/**
 * `embed.js`: creates `window.Selektable` (SPEC section 3). Each call is guarded: whatever goes wrong in here, the shop's
 * page never sees an exception. No cookie is read or set.
 */
import type { CartLink, Identity, Traits } from "../shared/types";
import { eventsTo } from "./events";
import { fillForms } from "./forms";
import { guarded, warn } from "./guarded";
import { foreignId } from "./id";
import { identitiesOf } from "./identity";
import { MARKED, originOf, watchViews } from "./views";
import { widgetLoader } from "./widgets";

/** The page API. Before it is there, calls wait in `q`: as `[name, ...arguments]`, as `arguments`, or as functions. */
interface Page extends Record<string, unknown> {
  q?: unknown;
  loaded?: boolean;
}
declare global {
  interface Window {
    Selektable?: Page;
  }
}

/** The text of an id, where nothing else will do. */
function idOf(value: unknown): string {
  const id = foreignId(value);
  if (!id) throw new Error("nobody's id: " + value);
  return id;
}

function start(tag: HTMLScriptElement) {
  const { storeId = "", consent, platform } = tag.dataset;
  const host = originOf(tag.src);
  if (!storeId) warn("data-store-id is missing");
  const refused = consent === "required" || navigator.globalPrivacyControl || navigator.doNotTrack === "1";

  const events = eventsTo(host + "/api/events");
  const changed = guarded((): void => {
    if (identities._denied()) events._clear();
    refill();
    loader._identityChanged();
    followCart();
  });
  const identities = identitiesOf("selektable:" + storeId, refused, changed);

  const send = (type: string, properties: object): void => {
    if (identities._denied() || !storeId) return;
    const { anonymousId, userId, traits, ...browser } = identities._current();
    events._add({ storeId, ...browser }, type, properties);
  };
  const tellUser = (): void => {
    const { userId, traits } = identities._current();
    if (userId) send("identify", { userId, traits });
  };

  const loader = widgetLoader(
    {
      host,
      storeId,
      identity: () => (identities._denied() ? null : identities._current()),
      event(type, properties): void {
        send(type, properties);
        followCart();
      },
    },
    tag.nonce,
  );
  // Undefined until it is asked for, then null until it is there.
  let cart: CartLink | null | undefined;
  // From the first consent on, a Shopify cart learns who fills it, once the page has nothing better to do.
  const followCart = (): void => {
    if (cart) return cart.look();
    if (cart === null || identities._denied()) return;
    cart = null;
    (window.requestIdleCallback ?? setTimeout)(() => {
      if (window.Shopify || platform === "shopify") loader._load<CartLink>(SHOPIFY).then((part) => (cart = part), warn);
    });
  };
  const refill = fillForms(identities);
  const review = watchViews(send, refill);
  followCart();

  return {
    ...loader._calls,
    getIdentity(): Identity {
      const { consent, ...identity } = identities._current();
      return identity;
    },
    identify(user: unknown, traits?: Traits): void {
      identities._identify(idOf(user), traits);
      tellUser();
    },
    reset: identities._reset,
    setVisitorId(visitor: unknown): void {
      identities._setVisitor(idOf(visitor));
      tellUser();
    },
    track(name: string, properties?: Record<string, unknown>): void {
      if (name !== "$conversion") return send("custom", { name, properties });
      const userId = foreignId(properties?.userId ?? identities._current().userId);
      send("conversion", { ...properties, userId });
      events._flush();
    },
    discover: (): Element[] => [...document.querySelectorAll(MARKED)],
    consent(granted: boolean): void {
      const was = identities._denied();
      if (granted) {
        identities._grant();
        if (was) review();
      } else {
        identities._deny();
        changed();
      }
    },
  };
}

/** Puts the API into the stub the page may already hold on to, and makes up for the calls that waited. */
function install(api: Record<string, (...args: never[]) => unknown>): void {
  const page: Page = (window.Selektable ??= {});
  const q: unknown[] = Array.isArray(page.q) ? page.q : [];
  const run = guarded((entry: unknown): unknown => {
    if (typeof entry === "function") return entry();
    const [name, ...args] = entry as [string, ...unknown[]];
    return (page[name] as (...args: unknown[]) => unknown)(...args);
  });
  const waiting = q.splice(0);
  q.push = (...entries): number => {
    entries.forEach(run);
    return 0;
  };
  for (const name in api) page[name] = guarded(api[name] as (...args: unknown[]) => unknown);
  page.q = q;
  page.loaded = true;
  q.push(...waiting);
}

guarded(() => {
  // The tag may stand in the page twice, and a single-page app may insert it again.
  const tag = document.currentScript ?? document.querySelector("script[data-store-id]");
  if (tag && !window.Selektable?.loaded) install(start(tag as HTMLScriptElement));
})();
