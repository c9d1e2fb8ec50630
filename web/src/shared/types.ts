/**
 * Words that the three scripts share: the page API of SPEC section 3, the product of section 4, and the messages between
 * page and frame. Types only; nothing here ends up in a built file.
 */

/** What a shop says about its user; kept as given. */
export type Traits = Record<string, unknown>;

/** Who acts on this page (SPEC section 3). */
export interface Identity {
  visitorId: string;
  sessionId: string;
  anonymousId: string;
  userId?: string;
  traits?: Traits;
}

/** Identity as the frame gets it: `consent` is true when the visitor said yes in so many words. */
export interface FrameIdentity extends Identity {
  consent?: true;
}

/** One picture of a product. `id` is unique among the product's pictures. */
export interface ProductImage {
  id: string;
  src: string;
  alt?: string;
  name?: string;
}

/** A variation's attribute; `null` stands for "any value". */
export interface VariationAttribute {
  name: string;
  value: string | null;
}

/** A variant of a product that can be bought. */
export interface Variation {
  id: string | number;
  attributes: VariationAttribute[];
  is_in_stock?: boolean;
}

/** A product's attribute with the values a shopper may choose from. */
export interface ProductAttribute {
  name: string;
  options?: string[];
}

/** What a product is, without the shop's functions: this part crosses to the frame. */
export interface Product {
  productId?: string;
  productTitle?: string;
  productImages: ProductImage[];
  productUrl?: string;
  type?: string;
  variations?: Variation[];
  /** The variants the element names: they are what the picture stands for, rather than all variations. */
  variantIds?: string[];
  attributes?: ProductAttribute[];
  is_purchasable?: boolean;
  is_in_stock?: boolean;
  dimensions?: unknown;
}

/** What `onAddToCart` may answer; nothing at all counts as success. */
export interface CartResult {
  success: boolean;
  error?: string;
  cartUrl?: string;
}

/** Options of `Selektable.open()` (SPEC section 4). */
export interface ProductOptions extends Partial<Omit<Product, "productId" | "productImages" | "variantIds">> {
  productId?: string | number;
  productImage?: string;
  productImages?: (ProductImage | string)[];
  onAddToCart?: (product: Product, quantity: number, variation?: Variation) => CartResult | void | Promise<CartResult | void>;
  onViewCart?: () => void;
  onCheckout?: () => void;
}

/** Which of the shop's functions exist: the frame offers only what the page can do. */
export interface Callbacks {
  addToCart: boolean;
  viewCart: boolean;
  checkout: boolean;
}

/** Messages of the frame to the page, each with the store they belong to. */
export type FrameMessage = { storeId: string } & (
  | { type: "widget:ready"; dir: "ltr" | "rtl" }
  | { type: "widget:modal-close" }
  | { type: "widget:error"; error: string }
  | { type: "widget:image-request"; id: string }
  | { type: "widget:add-to-cart"; product: Product; quantity: number; variation: Variation | null }
  | { type: "widget:view-cart" }
  | { type: "widget:checkout" }
);

/** Messages of the page to the frame. */
export type PageMessage = { storeId: string } & (
  | { type: "widget:init"; options: Product; callbacks: Callbacks; identity: FrameIdentity | null; images: FrameImage[] }
  | { type: "widget:image"; id: string; blob: Blob | null }
  | { type: "widget:identity"; identity: FrameIdentity | null }
  | ({ type: "widget:add-to-cart-result" } & CartResult)
);

/** A product picture for the frame: with `local` the page is fetching its bytes and a `widget:image` follows. */
export interface FrameImage {
  id: string;
  src: string;
  alt: string;
  local: boolean;
}

/** What `embed.js` lends to a script that it loads (as a property of the script element, so that no global is needed). */
export interface Bridge<Part = Widgets> {
  host: string;
  storeId: string;
  /** Null while the visitor has not consented: then a picture belongs to nobody. */
  identity(): FrameIdentity | null;
  event(type: string, properties: Record<string, unknown>): void;
  /** Called by the script once; `embed.js` calls what it gives from then on. */
  ready(part: Part): void;
}

/** What `shopify.js` gives back. */
export interface CartLink {
  /** Looks at the cart soon: identity or consent may have changed, or the widget did something. */
  look(): void;
}

/** What `widget.js` gives back. */
export interface Widgets {
  open(widgetId: string, options: ProductOptions, element: Element | null): void;
  close(widgetId: string): void;
  preload(widgetId: string): void;
  identityChanged(): void;
}
