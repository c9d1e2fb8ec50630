/** Variation, quantity and "add to cart", with every state the shop's answer can lead to. */
import type { Callbacks, CartResult, Product, Variation, VariationAttribute } from "../shared/types";
import { button, h, icon } from "./dom";
import { say } from "./strings";

const QUANTITY_MAX = 999;

/** What the cart tells the page. */
export interface CartActions {
  add(quantity: number, variation: Variation | null): void;
  viewCart(): void;
  checkout(): void;
}

const label = ({ id, attributes, is_in_stock }: Variation): string => {
  const values = attributes.map(({ value }) => value).filter(Boolean);
  const name = values.length ? values.join(" / ") : `#${id}`;
  return is_in_stock === false ? `${name} (${say("outOfStock")})` : name;
};

/** The chosen variation, kept from step to step. */
export class Choice {
  variation: Variation | null = null;

  constructor(readonly product: Product) {
    const buyable = this.#variations().filter(({ is_in_stock }) => is_in_stock !== false);
    if (buyable.length === 1 && this.#variations().length === 1) this.variation = buyable[0] ?? null;
    // The one that is chosen on the page already.
    const [named, ...more] = product.variantIds ?? [];
    const onPage = buyable.find(({ id }) => String(id) === named);
    if (onPage && !more.length) this.variation = structuredClone(onPage);
  }

  /** True when a variation has to be chosen first. */
  get isOpen(): boolean {
    const undecided = ({ name, value }: VariationAttribute): boolean => value === null && this.#options(name).length > 0;
    return this.#variations().length > 0 && (!this.variation || this.variation.attributes.some(undecided));
  }

  /** The controls, or null if there is nothing to choose. */
  controls(changed: () => void = () => {}): HTMLElement | null {
    const variations = this.#variations();
    if (!variations.length) return null;
    const select = h(
      "select",
      {},
      h("option", { value: "" }, say("choose")),
      ...variations.map((variation, index) => h("option", { value: index, disabled: variation.is_in_stock === false }, label(variation))),
    );
    const chosen = variations.findIndex(({ id }) => id === this.variation?.id);
    select.value = chosen < 0 ? "" : String(chosen);
    const details = h("div", { class: "details" });
    const showDetails = (): void => details.replaceChildren(...this.#details(changed));
    select.addEventListener("change", () => {
      const variation = variations[Number(select.value)];
      this.variation = select.value && variation ? structuredClone(variation) : null;
      showDetails();
      changed();
    });
    showDetails();
    return h("div", { class: "variation" }, h("label", { class: "field" }, h("span", {}, say("variation")), select), details);
  }

  /** Selects for attributes that the chosen variation leaves open. */
  #details(changed: () => void): HTMLElement[] {
    const original = this.#variations().find(({ id }) => id === this.variation?.id);
    return (original?.attributes ?? []).flatMap(({ name, value }) => {
      const options = value === null ? this.#options(name) : [];
      return options.length ? [this.#detail(name, options, changed)] : [];
    });
  }

  #detail(name: string, options: string[], changed: () => void): HTMLElement {
    const mine = (): VariationAttribute | undefined => this.variation?.attributes.find((attribute) => attribute.name === name);
    const select = h("select", {}, h("option", { value: "" }, say("choose")), ...options.map((option) => h("option", { value: option }, option)));
    select.value = mine()?.value ?? "";
    select.addEventListener("change", () => {
      const attribute = mine();
      if (attribute) attribute.value = select.value || null;
      changed();
    });
    return h("label", { class: "field" }, h("span", {}, name.replace(/^pa_/, "")), select);
  }

  /** The values a shopper may choose for an attribute; none if the shop does not say. */
  #options(name: string): string[] {
    const options = this.product.attributes?.find((attribute) => attribute.name === name)?.options;
    return Array.isArray(options) ? options : [];
  }

  #variations(): Variation[] {
    return this.product.variations ?? [];
  }
}

function quantityField(): { element: HTMLElement; value: () => number } {
  const input = h("input", { type: "number", min: 1, max: QUANTITY_MAX, value: 1, inputmode: "numeric", "aria-label": say("quantity") });
  const value = (): number => Math.min(QUANTITY_MAX, Math.max(1, Math.round(Number(input.value)) || 1));
  const step = (by: number) => (): void => {
    input.value = String(value() + by);
    input.value = String(value());
  };
  input.addEventListener("change", () => (input.value = String(value())));
  const fewer = h("button", { type: "button", "aria-label": say("fewer") }, "−");
  const more = h("button", { type: "button", "aria-label": say("more") }, "+");
  fewer.addEventListener("click", step(-1));
  more.addEventListener("click", step(1));
  return { element: h("div", { class: "quantity" }, fewer, input, more), value };
}

/** The cart block; `answer` is called with the shop's result. */
export class Cart {
  readonly element = h("div", { class: "cart" });
  readonly #status = h("p", { class: "cart-status", role: "status" });
  readonly #after = h("div", { class: "pair" });
  readonly #quantity = quantityField();
  readonly #add: HTMLButtonElement;

  constructor(
    private readonly choice: Choice,
    private readonly callbacks: Callbacks,
    private readonly actions: CartActions,
  ) {
    this.#add = button("primary", say("addToCart"), () => this.#press(), icon("cart"));
    const { is_in_stock, is_purchasable } = choice.product;
    if (is_in_stock === false || is_purchasable === false) {
      this.element.append(h("p", { class: "hint" }, say("notAvailable")));
      return;
    }
    const controls = choice.controls(() => this.#tell(""));
    if (controls) this.element.append(controls);
    this.element.append(h("div", { class: "buy" }, this.#quantity.element, this.#add), this.#status, this.#after);
  }

  answer(result: CartResult): void {
    this.#busy(false, say("addToCart"));
    if (!result.success) return this.#tell(result.error || say("cartFailed"), true);
    this.#tell(say("added"));
    const next: HTMLButtonElement[] = [];
    if (this.callbacks.viewCart || result.cartUrl) next.push(button("secondary", say("viewCart"), this.actions.viewCart));
    if (this.callbacks.checkout) next.push(button("secondary", say("checkout"), this.actions.checkout));
    this.#after.replaceChildren(...next);
  }

  #press(): void {
    if (this.#add.ariaDisabled === "true") return;
    if (this.choice.isOpen) return this.#tell(say("chooseFirst"), true);
    this.#tell("");
    this.#after.replaceChildren();
    this.#busy(true, say("adding"));
    this.actions.add(this.#quantity.value(), this.choice.variation);
  }

  /** Not `disabled`: that would throw the keyboard's focus away. */
  #busy(busy: boolean, text: string): void {
    this.#add.ariaDisabled = String(busy);
    this.#add.classList.toggle("busy", busy);
    const words = this.#add.querySelector("span");
    if (words) words.textContent = text;
  }

  #tell(text: string, fault = false): void {
    this.#status.classList.toggle("fault", fault);
    this.#status.replaceChildren(...(text ? [icon(fault ? "warning" : "check"), h("span", {}, text)] : []));
  }
}
