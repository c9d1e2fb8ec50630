/**
 * Opens the widget for the plugin's buttons. The button tells more than `data-selektable-widget` alone would: all variations
 * (WooCommerce leaves them out of the page above 30) with the one the shopper has chosen first, and how to buy.
 */
import type { CartResult, Product, ProductAttribute, ProductImage, ProductOptions, Variation } from "../shared/types";

interface ButtonVariation extends Variation {
  image: ProductImage | null;
}
interface AddedToCart {
  error?: unknown;
  fragments?: unknown;
  cart_hash?: unknown;
}
interface Page {
  Selektable?: { open?: (widgetId: string, options: ProductOptions) => void; q?: { push(...entries: unknown[]): unknown } };
  jQuery?: (element: HTMLElement) => { trigger(name: string, more: unknown[]): void };
}

const page = window as unknown as Page;

function listOf<T>(json: string | undefined): T[] {
  const list: unknown = JSON.parse(json || "[]");
  return Array.isArray(list) ? (list as T[]) : [];
}

/** The variation chosen in the product's own form, or undefined. */
function chosenId(productId: string): string | undefined {
  const forms = [...document.querySelectorAll<HTMLElement>("form.variations_form")];
  const form = forms.find(({ dataset }) => dataset.product_id === productId);
  const id = form?.querySelector<HTMLInputElement>("input[name=variation_id]")?.value;
  return id && id !== "0" ? id : undefined;
}

/** The list with what `wanted` finds in front. */
function inFront<T>(list: readonly T[], wanted: (entry: T) => boolean): T[] {
  return [...list.filter(wanted), ...list.filter((entry) => !wanted(entry))];
}

async function addToCart(address: string, product: Product, quantity: number, variation?: Variation): Promise<CartResult> {
  const body = new URLSearchParams({ product_id: String(variation?.id ?? product.productId ?? ""), quantity: String(quantity) });
  const response = await fetch(address, { method: "POST", body, credentials: "same-origin" });
  const answer = (await response.json()) as AddedToCart | null;
  if (!response.ok || !answer || answer.error) return { success: false };
  // Both kinds of mini cart hear of it as if the shop's own button had been pressed.
  page.jQuery?.(document.body).trigger("added_to_cart", [answer.fragments, answer.cart_hash]);
  document.body.dispatchEvent(new CustomEvent("wc-blocks_added_to_cart", { bubbles: true }));
  return { success: true };
}

/** What the widget is opened with. */
function optionsOf(button: HTMLElement): ProductOptions {
  const data = button.dataset;
  const chosen = chosenId(data.productId ?? "");
  const found = inFront(listOf<ButtonVariation>(data.selektableVariations), ({ id }) => String(id) === chosen);
  const image = String(found[0]?.id) === chosen ? found[0]?.image : null;
  const images = listOf<ProductImage>(data.productImages).filter(({ src }) => src !== image?.src);
  const { selektableAddToCart: cartCall, selektableCart: cart, selektableCheckout: checkout } = data;
  return {
    productId: data.productId,
    productTitle: data.productTitle,
    productImages: image ? [image, ...images] : images,
    productUrl: data.productUrl,
    is_in_stock: data.selektableStock !== "out",
    ...(found.length && {
      type: "variable",
      variations: found.map(({ id, attributes, is_in_stock }) => ({ id, attributes, is_in_stock })),
      attributes: listOf<ProductAttribute>(data.selektableAttributes),
    }),
    ...(cartCall && { onAddToCart: (product, quantity, variation) => addToCart(cartCall, product, quantity, variation) }),
    ...(cart && { onViewCart: () => location.assign(cart) }),
    ...(checkout && { onCheckout: () => location.assign(checkout) }),
  };
}

/** Opens the widget from now on when one of the plugin's buttons is pressed, also before `embed.js` has arrived. */
export function openButtons(): void {
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>(".selektable-button") : null;
      const widgetId = button?.dataset.selektableWidget;
      if (!button || !widgetId) return;
      const options = optionsOf(button);
      // `embed.js` would open it with less.
      event.preventDefault();
      page.Selektable ??= {};
      if (page.Selektable.open) page.Selektable.open(widgetId, options);
      else (page.Selektable.q ??= []).push(["open", widgetId, options]);
    },
    true,
  );
}
