/** One product from three sources: what `open()` was given wins, then the element, then what the page shows. Pure. */
import type { Product, ProductImage, ProductOptions, Variation } from "../shared/types";

/** What one source knows of a product. */
export type Known = Partial<Product>;

const IMAGES_MAX = 12;
const VARIATIONS_MAX = 250;

const text = (value: unknown): string | undefined => {
  const words = typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
  return words || undefined;
};

/** The absolute http(s), data or blob address of an image, or null if it is none. */
function imageAddress(src: unknown, base: string): string | null {
  if (typeof src !== "string" || !src.trim()) return null;
  try {
    const url = new URL(src, base);
    return /^(https?|blob):$/.test(url.protocol) || url.href.startsWith("data:image/") ? url.href : null;
  } catch {
    return null;
  }
}

/** Images with absolute addresses and distinct ids; what can't be an image is left out. */
export function imagesFrom(list: readonly unknown[], base: string): ProductImage[] {
  const images: ProductImage[] = [];
  for (const entry of list) {
    const given = (entry && typeof entry === "object" ? entry : { src: entry }) as Partial<ProductImage>;
    const src = imageAddress(given.src, base);
    if (!src || images.length === IMAGES_MAX || images.some((image) => image.src === src)) continue;
    const wanted = text(given.id) ?? String(images.length + 1);
    const id = images.some((image) => image.id === wanted) ? `${wanted}#${images.length + 1}` : wanted;
    images.push({ id, src, ...(text(given.alt) && { alt: text(given.alt) }), ...(text(given.name) && { name: text(given.name) }) });
  }
  return images;
}

function variationsFrom(list: unknown): Variation[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return (list as Partial<Variation>[])
    .filter((variation) => variation && text(variation.id))
    .slice(0, VARIATIONS_MAX)
    .map(({ id, attributes, is_in_stock }) => ({
      id: id as string | number,
      attributes: (Array.isArray(attributes) ? attributes : [])
        .filter((attribute) => attribute && text(attribute.name))
        .map(({ name, value }) => ({ name, value: text(value) ?? null })),
      ...(typeof is_in_stock === "boolean" && { is_in_stock }),
    }));
}

/** Only what survives `postMessage`, and is no function. */
function plain(value: unknown): unknown {
  try {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

/** What the shop said in `open()`. */
export function fromOptions(options: ProductOptions, base: string): Known {
  const images = [options.productImage, ...(Array.isArray(options.productImages) ? options.productImages : [])];
  const attributes = plain(options.attributes);
  return {
    productId: text(options.productId),
    productTitle: text(options.productTitle),
    productImages: imagesFrom(options.productImages?.length ? images.slice(1) : images, base),
    productUrl: text(options.productUrl),
    type: text(options.type),
    variations: variationsFrom(options.variations),
    attributes: Array.isArray(attributes) ? attributes : undefined,
    is_purchasable: typeof options.is_purchasable === "boolean" ? options.is_purchasable : undefined,
    is_in_stock: typeof options.is_in_stock === "boolean" ? options.is_in_stock : undefined,
    dimensions: plain(options.dimensions),
  };
}

/** `data-product-images`: a JSON array, or addresses separated by commas. */
function imageList(value: string | undefined): unknown[] {
  if (!value) return [];
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // Not JSON, so a list.
  }
  // A comma inside an address is rare, one in a data address is certain.
  return value.startsWith("data:") ? [value] : value.split(",");
}

/** Ids of variants, each once, from a list or a JSON array. Not read as JSON, which would round long numbers. */
const idsFrom = (value: string | undefined): string[] => [...new Set(value?.match(/[^\s,"[\]]+/g))].slice(0, VARIATIONS_MAX);

/** What a `data-selektable-widget` element says. */
export function fromElement(element: Element | null, base: string): Known {
  const { productId, productTitle, productImages, productUrl, variantIds, variantId } = (element as HTMLElement | null)?.dataset ?? {};
  return {
    productId: text(productId),
    productTitle: text(productTitle),
    productImages: imagesFrom(imageList(productImages), base),
    productUrl: text(productUrl),
    variantIds: idsFrom(variantIds || variantId),
  };
}

/** The first source that knows a thing wins; sources are given best first. */
export function merge(sources: readonly Known[]): Product {
  const product: Record<string, unknown> = { productImages: [] };
  for (const source of [...sources].reverse()) {
    for (const [name, value] of Object.entries(source)) {
      if (value !== undefined && !(Array.isArray(value) && value.length === 0)) product[name] = value;
    }
  }
  return product as unknown as Product;
}
