/** One widget on the page: its modal, and the conversation with its frame. Exact origins and the frame's own window only. */
import type { Bridge, FrameMessage, PageMessage, Product, ProductOptions, Variation } from "../shared/types";
import { addToCart } from "./cart";
import { fetchImage, isLocal } from "./images";
import { Modal } from "./modal";
import { pageLanguage } from "./words";

/** One opening: what was asked for. */
interface Opening {
  product: Product;
  options: ProductOptions;
}

type WithoutStore<T> = T extends unknown ? Omit<T, "storeId"> : never;

export class Conversation {
  readonly #modal: Modal;
  #opening: Opening | null = null;
  #cartUrl: string | undefined;

  constructor(
    private readonly bridge: Bridge,
    private readonly widgetId: string,
  ) {
    const language = pageLanguage();
    const address = new URL(`${bridge.host}/widgets/${encodeURIComponent(widgetId)}/frame`);
    address.searchParams.set("origin", location.origin);
    address.searchParams.set("lang", language);
    this.#modal = new Modal(address.href, language, () => this.#report("widget_close"));
    addEventListener("message", (event: MessageEvent<FrameMessage | null>) => {
      if (event.source !== this.#modal.iframe.contentWindow || event.origin !== bridge.host) return;
      if (event.data && typeof event.data === "object" && event.data.storeId === bridge.storeId) void this.#hear(event.data);
    });
  }

  open(product: Product, options: ProductOptions): void {
    if (this.#modal.isOpen) return;
    this.#opening = { product, options };
    this.#cartUrl = undefined;
    this.#modal.open();
    this.#report("widget_open");
    if (!this.#modal.isLoading) this.#introduce(this.#opening);
  }

  close(): void {
    void this.#modal.close();
  }

  identityChanged(): void {
    if (!this.#modal.isLoading) this.#say({ type: "widget:identity", identity: this.bridge.identity() });
  }

  #report(type: string, more?: { quantity: number; variantId: string | undefined }): void {
    this.bridge.event(type, { widgetId: this.widgetId, productId: this.#opening?.product.productId, ...more });
  }

  #say(message: WithoutStore<PageMessage>): void {
    const whole = { ...message, storeId: this.bridge.storeId } as PageMessage;
    this.#modal.iframe.contentWindow?.postMessage(whole, this.bridge.host);
  }

  #introduce({ product, options }: Opening): void {
    const images = product.productImages.map(({ id, src, alt, name }) => ({ id, src, alt: alt ?? name ?? "", local: isLocal(src) }));
    this.#say({
      type: "widget:init",
      options: product,
      callbacks: { addToCart: !!options.onAddToCart, viewCart: !!options.onViewCart, checkout: !!options.onCheckout },
      identity: this.bridge.identity(),
      images,
    });
    for (const image of images) if (image.local) void this.#sendImage(image.id);
  }

  async #sendImage(id: string): Promise<void> {
    const image = this.#opening?.product.productImages.find((candidate) => candidate.id === id);
    if (image) this.#say({ type: "widget:image", id, blob: await fetchImage(image.src) });
  }

  async #hear(message: FrameMessage): Promise<void> {
    switch (message.type) {
      case "widget:ready":
        this.#modal.ready(message.dir === "rtl" ? "rtl" : "ltr");
        if (this.#opening) this.#introduce(this.#opening);
        return;
      case "widget:modal-close":
        return this.#modal.close();
      case "widget:error":
        return console.warn("Selektable:", message.error);
      case "widget:image-request":
        return this.#sendImage(message.id);
      case "widget:add-to-cart":
        return this.#addToCart(message.quantity, message.variation);
      case "widget:view-cart":
        return this.#leaveFor("view_cart", this.#opening?.options.onViewCart ?? this.#openCart());
      case "widget:checkout":
        return this.#leaveFor("checkout", this.#opening?.options.onCheckout);
    }
  }

  async #addToCart(quantity: number, variation: Variation | null): Promise<void> {
    const opening = this.#opening;
    if (!opening) return;
    const result = await addToCart(opening.options.onAddToCart, opening.product, quantity, variation);
    if (result.success) this.#report("add_to_cart", { quantity, variantId: variation ? String(variation.id) : undefined });
    this.#cartUrl = result.cartUrl;
    this.#say({ type: "widget:add-to-cart-result", ...result });
  }

  #openCart(): (() => void) | undefined {
    const address = this.#cartUrl;
    return address ? () => location.assign(address) : undefined;
  }

  /** The modal's history entry has to go first: going back would cancel the navigation that the shop starts. */
  async #leaveFor(event: string, work: (() => void) | undefined): Promise<void> {
    this.#report(event);
    await this.#modal.close();
    try {
      work?.();
    } catch (error) {
      console.warn("Selektable:", error);
    }
  }
}
