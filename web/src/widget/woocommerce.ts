/** Reads the product of a WooCommerce single-product page from its standard markup. Reads only; binds nothing. */
import { imagesFrom, type Known } from "./product";

interface WooVariation {
  variation_id?: number;
  attributes?: Record<string, string>;
  is_in_stock?: boolean;
}

/** `attribute_pa_colour` → `pa_colour`: WooCommerce's own name of the attribute. */
const attributeName = (name: string): string => name.replace(/^attribute_/, "");

function variationsOf(form: HTMLElement | null): Known["variations"] {
  try {
    // Above 30 variations WooCommerce writes "false" here and loads them one by one.
    const list: unknown = JSON.parse(form?.dataset.product_variations ?? "null");
    if (!Array.isArray(list)) return undefined;
    return (list as WooVariation[]).map(({ variation_id, attributes, is_in_stock }) => ({
      id: variation_id ?? 0,
      attributes: Object.entries(attributes ?? {}).map(([name, value]) => ({ name: attributeName(name), value: value || null })),
      ...(typeof is_in_stock === "boolean" && { is_in_stock }),
    }));
  } catch {
    return undefined;
  }
}

function attributesOf(form: HTMLElement | null): Known["attributes"] {
  const selects = [...(form?.querySelectorAll<HTMLSelectElement>("select[name^=attribute_]") ?? [])];
  return selects.map((select) => ({
    name: attributeName(select.name),
    options: [...select.options].map((option) => option.value).filter(Boolean),
  }));
}

/** The page's product, or null if this is no WooCommerce product page. */
export function fromWooCommerce(page: Document): Known | null {
  const product = page.querySelector<HTMLElement>(".single-product div.product, div.product.type-product[id^=product-]");
  if (!product) return null;
  const form = product.querySelector<HTMLElement>("form.cart");
  const button = form?.querySelector<HTMLInputElement | HTMLButtonElement>("[name=add-to-cart]");
  const gallery = [...product.querySelectorAll<HTMLElement>(".woocommerce-product-gallery__image")].map((frame) => {
    const image = frame.querySelector<HTMLImageElement>("img");
    return {
      src: image?.dataset.large_image || frame.querySelector<HTMLAnchorElement>("a[href]")?.href || image?.src,
      alt: image?.alt,
    };
  });
  return {
    productId: form?.dataset.product_id || button?.value || product.id.match(/^product-(\d+)$/)?.[1],
    productTitle: product.querySelector(".product_title")?.textContent?.trim() || undefined,
    productImages: imagesFrom(gallery, page.baseURI),
    productUrl: page.querySelector<HTMLLinkElement>("link[rel=canonical]")?.href || undefined,
    variations: variationsOf(form),
    attributes: attributesOf(form),
    is_in_stock: product.classList.contains("outofstock") ? false : undefined,
  };
}
