/** The block checkout sends the ids as extension data of its store, which may be there long after this script. */
import type { Ids } from "./carry";

type SetExtensionData = (namespace: string, values: Record<string, string>, replace: boolean) => unknown;
interface CheckoutStore {
  setExtensionData?: SetExtensionData;
  __internalSetExtensionData?: SetExtensionData;
}
type WordPress = { data?: { dispatch?: (store: string) => CheckoutStore | undefined } } | undefined;

const MOMENTS = ["DOMContentLoaded", "load", "focusin", "pointerdown"] as const;

let latest: Ids | null = null;
let given: string | null = null;
let waiting = false;

function give(): boolean {
  try {
    const store = (window as unknown as { wp?: WordPress }).wp?.data?.dispatch?.("wc/store/checkout");
    const set = store?.setExtensionData ?? store?.__internalSetExtensionData;
    if (!store || !set) return false;
    const values = { visitor_id: latest?.visitorId ?? "", session_id: latest?.sessionId ?? "" };
    const text = JSON.stringify(values);
    // Nothing was given and there is nothing to give: the shop's store stays untouched.
    if (text !== given && (latest || given)) {
      set.call(store, "selektable", values, true);
      given = text;
    }
    return true;
  } catch {
    // A store of another version: the cookie remains.
    return true;
  }
}

/** Gives the ids, or takes them back; as soon as there is a block checkout that takes them. */
export function toBlockCheckout(ids: Ids | null): void {
  latest = ids;
  if (give() || waiting) return;
  waiting = true;
  // No timer: a checkout that was loaded late is there when somebody touches it.
  const again = (): void => {
    if (!give()) return;
    waiting = false;
    for (const moment of MOMENTS) removeEventListener(moment, again, true);
  };
  for (const moment of MOMENTS) addEventListener(moment, again, true);
}
