/** The steps of the frame and what leads from one to the next. Each step's looks are in its own file. */
import type { Callbacks, FrameIdentity, FrameImage, PageMessage, Product } from "../shared/types";
import { cameraView } from "./camera";
import { Cart, Choice } from "./cart";
import { chooseView } from "./choose";
import type { Config } from "./config";
import { h, icon } from "./dom";
import { makingView } from "./making";
import type { Page } from "./page";
import { photoFrom, PhotoError, type Photo } from "./photo";
import { Pictures, type Cutout } from "./pictures";
import { placeView } from "./place";
import { startPlacement, type Placement } from "./placement";
import { resultView, type Picture } from "./result";
import { ownAddress, requestVisualization, ServerError, uuid, type Order, type Visualization } from "./server";
import type { Shell } from "./shell";
import { Stage } from "./stage";
import { say } from "./strings";

const VARIANTS_MAX = 100;
/** One transparent pixel: a picture without an address would get a border. */
const EMPTY_PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";

export class App {
  #product: Product = { productImages: [] };
  #signature = "";
  #callbacks: Callbacks = { addToCart: false, viewCart: false, checkout: false };
  #identity: FrameIdentity | null = null;
  #pictures: Pictures;
  #chosen: FrameImage | null = null;
  #choice = new Choice(this.#product);
  #photo: Photo | null = null;
  #stage: Stage | null = null;
  #follow: (place: Placement) => void = () => {};
  #cart: Cart | null = null;
  #making: AbortController | null = null;
  /** The click that is being served: what it asked for, and its id, which stays while the same is tried again. */
  #click = { asked: "", requestId: "" };

  constructor(
    private readonly config: Config,
    private readonly page: Page,
    private readonly shell: Shell,
  ) {
    this.#pictures = new Pictures(config.widgetId, [], () => {});
  }

  /** A message of the shop's page. */
  hear(message: PageMessage): void {
    switch (message.type) {
      case "widget:init":
        return this.#start(message);
      case "widget:image":
        return this.#pictures.arrived(message.id, message.blob);
      case "widget:identity":
        this.#identity = message.identity;
        return;
      case "widget:add-to-cart-result":
        return this.#cart?.answer(message);
    }
  }

  /** Takes a photo from wherever it came. */
  async receive(file: File): Promise<void> {
    if (this.#making || !this.#chosen) return;
    this.shell.announce(say("reading"));
    await this.#take(() => photoFrom(file, this.config.photoBytesMax));
  }

  #start({ options, callbacks, identity, images }: Extract<PageMessage, { type: "widget:init" }>): void {
    this.#callbacks = callbacks;
    this.#identity = identity;
    const signature = JSON.stringify([options, images, callbacks]);
    // Opened again for the same product: the shopper finds everything as it was.
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#making?.abort();
    this.#product = options;
    this.#choice = new Choice(options);
    this.#pictures.release();
    this.#pictures = new Pictures(this.config.widgetId, images, (id) => this.page.say({ type: "widget:image-request", id }));
    this.#chosen = images[0] ?? null;
    this.shell.introduce(options.productTitle ?? this.config.name, this.#chosen ? this.#thumbnail(this.#chosen) : h("span"));
    if (!this.#chosen) return this.shell.show({ stage: [], panel: [this.#fault(say("noProduct"))] });
    // The photo of the product before is still the shopper's room.
    if (this.#photo) void this.#place(this.#photo);
    else this.#choose();
  }

  #fault(text: string): HTMLElement {
    return h("p", { class: "fault", role: "alert" }, icon("warning"), h("span", {}, text));
  }

  /** The product's picture once its cutout is there; a calm placeholder until then. */
  #thumbnail(image: FrameImage): HTMLElement {
    const element = h("img", { class: "thumbnail loading", alt: "", src: EMPTY_PICTURE });
    const pictures = this.#pictures;
    pictures.cutout(image).then(
      ({ url }) => {
        // Another product came meanwhile, and the address is given back.
        if (pictures !== this.#pictures) return;
        element.src = url;
        element.classList.remove("loading");
      },
      () => element.classList.replace("loading", "missing"),
    );
    return element;
  }

  #choose(fault?: string): void {
    if (!this.#chosen) return;
    const view = chooseView(this.config, this.#thumbnail(this.#chosen), {
      file: (file) => void this.receive(file),
      camera: () => void this.#openCamera(),
    });
    if (fault) view.panel.splice(2, 0, this.#fault(fault));
    this.shell.show(view);
  }

  async #openCamera(): Promise<void> {
    const facing = this.config.widgetType === "virtual-try-on" ? "user" : "environment";
    const failed = (error: unknown): void => this.#choose(error instanceof PhotoError ? error.message : say("cameraFailed"));
    try {
      const taken = (photo: Photo): void => void this.#take(() => Promise.resolve(photo));
      this.shell.show(await cameraView(facing, this.config.photoBytesMax, taken, failed, () => this.#choose()));
    } catch (error) {
      failed(error);
    }
  }

  async #take(read: () => Promise<Photo>): Promise<void> {
    try {
      const photo = await read();
      if (this.#photo) URL.revokeObjectURL(this.#photo.url);
      this.#photo = photo;
      await this.#place(photo);
    } catch (error) {
      this.#choose(error instanceof PhotoError ? error.message : say("cannotOpen"));
    }
  }

  /** Puts the product into a photo anew. */
  async #place(photo: Photo): Promise<void> {
    const stage = new Stage(photo, (place) => this.#follow(place));
    this.#stage?.leave();
    this.#stage = stage;
    this.shell.show({ stage: [stage.element], panel: [h("h2", { tabindex: "-1" }, say("productLoading")), h("div", { class: "progress indeterminate" }, h("div", { class: "bar" }))] });
    this.shell.announce(say("productLoading"));
    const fault = await this.#useChosen(stage, true);
    if (this.#stage === stage) this.#arrange(fault);
  }

  /** Loads the chosen picture of the product into the stage; gives the fault, in words, if it can't. */
  async #useChosen(stage: Stage, anew: boolean): Promise<string | null> {
    const image = this.#chosen;
    if (!image || !this.#photo) return null;
    try {
      const cutout = await this.#pictures.cutout(image);
      if (image !== this.#chosen) return null;
      stage.show(cutout);
      if (anew) stage.place = this.#startOf(this.#photo, cutout);
      return null;
    } catch (error) {
      const others = this.#pictures.images.length > 1 ? " " + say("otherProductImage") : "";
      return this.#report(error, say("productFailed")) + others;
    }
  }

  /** Tells the shop what went wrong; gives the words for the shopper. */
  #report(error: unknown, otherwise: string): string {
    this.page.say({ type: "widget:error", error: error instanceof ServerError ? error.detail : String(error) });
    return error instanceof ServerError ? error.message : otherwise;
  }

  #startOf(photo: Photo, cutout: Cutout): Placement {
    return startPlacement(this.config.widgetType, photo.width / photo.height, cutout.ratio);
  }

  #arrange(fault: string | null = null): void {
    const stage = this.#stage;
    const chosen = this.#chosen;
    if (!stage || !chosen) return;
    stage.locked = false;
    const view = placeView(
      { stage, images: this.#pictures.images, chosen, thumbnail: (image) => this.#thumbnail(image), fault },
      {
        make: () => void this.#make(),
        reset: () => void this.#useChosen(stage, true).then(() => this.#follow(stage.place)),
        otherPhoto: () => this.#choose(),
        pick: (image) => void this.#pick(image, stage),
      },
    );
    this.#follow = view.follow;
    this.shell.show(view);
    stage.focus();
  }

  async #pick(image: FrameImage, stage: Stage): Promise<void> {
    this.#chosen = image;
    const fault = await this.#useChosen(stage, false);
    if (fault && this.#chosen === image) this.#arrange(fault);
  }

  async #make(): Promise<void> {
    const { config, shell } = this;
    const stage = this.#stage;
    const photo = this.#photo;
    const image = this.#chosen;
    if (!stage || !photo || !image || this.#making) return;
    const making = new AbortController();
    this.#making = making;
    stage.locked = true;
    const view = makingView(stage.element, () => making.abort(), (text) => shell.announce(text));
    shell.show(view);
    try {
      const cutout = await this.#pictures.cutout(image);
      const order = this.#order(photo, cutout, image.id, stage.place);
      await this.#finish(await requestVisualization(config.widgetId, order, view.sent, making.signal));
      this.#click.asked = "";
    } catch (error) {
      this.#making = null;
      if (making.signal.aborted) return this.#arrange();
      this.#arrange(this.#report(error, say("failed")));
    } finally {
      this.#making = null;
    }
  }

  #order(photo: Photo, cutout: Cutout, imageId: string, placement: Placement): Order {
    const { productId, productUrl, productTitle, variations = [], variantIds } = this.#product;
    const products = [
      {
        // A shop that gives no id still gets its picture; the order can then only be matched by person.
        productId: productId ?? productUrl ?? productTitle ?? "unknown",
        variantIds: (variantIds ?? variations.map(({ id }) => String(id))).slice(0, VARIANTS_MAX),
      },
    ];
    const asked = JSON.stringify([photo.url, imageId, placement, products]);
    if (asked !== this.#click.asked) this.#click = { asked, requestId: uuid() };
    return { photo: photo.blob, product: cutout.blob, placement, products, identity: this.#identity, requestId: this.#click.requestId };
  }

  async #finish(visualization: Visualization): Promise<void> {
    if (!visualization.pictureUrl) {
      // The same id again would give the same nothing.
      this.#click.asked = "";
      throw new ServerError("failed", "the picture of a repeated request is gone");
    }
    const address = ownAddress(visualization.pictureUrl);
    // The bytes are needed at the click on "Share": by then there is no time left to fetch them.
    const blob = await fetch(address).then((answer) => (answer.ok ? answer.blob() : null), () => null);
    const product = this.#product.productTitle ?? say("theProduct");
    const title = say(this.config.widgetType === "virtual-try-on" ? "resultTryOn" : "resultRoom", { product });
    const picture: Picture = { visualization, blob, url: blob ? URL.createObjectURL(blob) : address, title };
    this.#cart = this.#callbacks.addToCart ? this.#newCart() : null;
    const view = resultView(picture, this.#cart?.element ?? null, {
      adjust: () => this.#arrange(),
      otherPhoto: () => this.#choose(),
      announce: (text) => this.shell.announce(text),
    });
    this.shell.show({ ...view, leave: () => URL.revokeObjectURL(picture.url) });
    this.shell.announce(say("resultTitle"));
  }

  #newCart(): Cart {
    return new Cart(this.#choice, this.#callbacks, {
      add: (quantity, variation) => this.page.say({ type: "widget:add-to-cart", product: this.#product, quantity, variation }),
      viewCart: () => this.page.say({ type: "widget:view-cart" }),
      checkout: () => this.page.say({ type: "widget:checkout" }),
    });
  }
}
