/** Reads schema.org `Product` and `ProductGroup` from a page's JSON-LD: alone, in arrays, in `@graph`, however nested. */
import { imagesFrom, type Known } from "./product";

type Node = Record<string, unknown>;

const DEPTH_MAX = 8;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const first = (value: unknown): string | undefined => {
  const [one] = list(value);
  return typeof one === "string" || typeof one === "number" ? String(one) : undefined;
};

function isProduct(node: Node): boolean {
  return list(node["@type"]).some((type) => typeof type === "string" && /(^|[/#])Product(Group)?$/.test(type));
}

function productsIn(value: unknown, depth = 0): Node[] {
  if (depth > DEPTH_MAX || !value || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap((entry) => productsIn(entry, depth + 1));
  const node = value as Node;
  if (isProduct(node)) return [node];
  return [node["@graph"], node.mainEntity].flatMap((entry) => productsIn(entry, depth + 1));
}

function imageOf(entry: unknown): unknown {
  if (!entry || typeof entry !== "object") return { src: entry };
  const { contentUrl, url, caption } = entry as Node;
  return { src: first(contentUrl) ?? first(url), alt: first(caption) };
}

const idsOf = (node: Node): string[] =>
  [node.productID, node.sku, node.productGroupID, node["@id"]].map(first).filter((id) => id !== undefined);

function known(node: Node, base: string): Known {
  const [offer] = list(node.offers) as Node[];
  return {
    productId: first(node.productID) ?? first(node.productGroupID) ?? first(node.sku),
    productTitle: first(node.name),
    productImages: imagesFrom(list(node.image).map(imageOf), base),
    productUrl: first(node.url),
    is_in_stock: /OutOfStock|SoldOut|Discontinued/.test(first(offer?.availability) ?? "") ? false : undefined,
  };
}

/**
 * The product a page describes: the one with the wanted id, or the only one there is. With several products and no id
 * that tells them apart it is null, since a wrong picture is worse than none.
 */
export function fromJsonLd(page: Document, productId: string | undefined): Known | null {
  const nodes: Node[] = [];
  page.querySelectorAll('script[type="application/ld+json"]').forEach((script) => {
    try {
      nodes.push(...productsIn(JSON.parse(script.textContent ?? "")));
    } catch {
      // A broken block says nothing; the others may.
    }
  });
  const wanted = productId === undefined ? undefined : nodes.find((node) => idsOf(node).includes(productId));
  const chosen = wanted ?? (nodes.length === 1 ? nodes[0] : undefined);
  return chosen ? known(chosen, page.baseURI) : null;
}
