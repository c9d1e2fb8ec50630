/** Puts together what is known of the product that a widget is opened for. */
import type { Product, ProductOptions } from "../shared/types";
import { fromJsonLd } from "./json-ld";
import { fromElement, fromOptions, merge, type Known } from "./product";
import { fromWooCommerce } from "./woocommerce";

/**
 * What the page itself shows. It may only fill gaps of the same product: a card of a related product on a product page has
 * its own id, and must not get the page's pictures.
 */
function fromPage(page: Document, productId: string | undefined): Known[] {
  const shop = fromWooCommerce(page);
  const variationIds = shop?.variations?.map(({ id }) => String(id)) ?? [];
  if (shop && productId && productId !== shop.productId && !variationIds.includes(productId)) return [];
  const described = fromJsonLd(page, productId ?? shop?.productId);
  return [shop, described].filter((known) => known !== null);
}

/** The product for one opening of a widget. */
export function discover(page: Document, options: ProductOptions, element: Element | null): Product {
  const said = [fromOptions(options, page.baseURI), fromElement(element, page.baseURI)];
  const productId = merge(said).productId;
  return merge([...said, ...fromPage(page, productId)]);
}
