/** Calls the shop's `onAddToCart` and turns whatever it does into a result. */
import type { CartResult, Product, ProductOptions, Variation } from "../shared/types";

const ANSWER_MS_MAX = 30_000;

const failed = (error: unknown): CartResult => ({
  success: false,
  error: error instanceof Error ? error.message : typeof error === "string" ? error : undefined,
});

function late(): Promise<CartResult> {
  return new Promise((resolve) => setTimeout(() => resolve({ success: false }), ANSWER_MS_MAX));
}

/** An address the page may be sent to: http(s) only, since `javascript:` is an address too. */
function webAddress(address: unknown): string | undefined {
  if (typeof address !== "string" || !address) return undefined;
  try {
    const url = new URL(address, document.baseURI);
    return /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing, a promise, an exception, a refusal or silence: always ends in a result. */
export async function addToCart(
  callback: ProductOptions["onAddToCart"],
  product: Product,
  quantity: number,
  variation: Variation | null,
): Promise<CartResult> {
  if (!callback) return { success: false };
  try {
    const answer = await Promise.race([callback(product, quantity, variation ?? undefined), late()]);
    if (!answer || typeof answer !== "object") return { success: true };
    if (answer.success === false) return failed(answer.error);
    return { success: true, cartUrl: webAddress(answer.cartUrl) };
  } catch (error) {
    return failed(error);
  }
}
