/** The photo with the product in it, moved by pointer, wheel and keyboard. Holds the placement; knows no server. */
import { h } from "./dom";
import type { Photo } from "./photo";
import type { Cutout } from "./pictures";
import { bounded, dragged, pressed, type Placement, type Point } from "./placement";
import { say } from "./strings";

const WHEEL_GROWTH = 0.0015;
const WHEEL_DEGREES = 0.05;

export class Stage {
  readonly element: HTMLElement;
  readonly #image = h("img", { class: "placed-image", alt: "", draggable: "false" });
  readonly #placed: HTMLElement;
  readonly #pointers = new Map<number, Point>();
  readonly #ratio: number;
  readonly #sizes: ResizeObserver;
  readonly #box: HTMLElement;
  #place: Placement = { x: 0.5, y: 0.5, scale: 0.4, rotation: 0 };

  /** `moved` hears of each change the shopper makes. */
  constructor(
    photo: Photo,
    private readonly moved: (place: Placement) => void,
  ) {
    this.#ratio = photo.width / photo.height;
    this.#placed = h(
      "div",
      { class: "placed", tabindex: "0", role: "application", "aria-roledescription": say("movable"), "aria-label": `${say("placed")}. ${say("placeKeys")}` },
      this.#image,
    );
    this.#box = h("div", { class: "photo" }, h("img", { class: "photo-image", src: photo.url, alt: "", draggable: "false" }), this.#placed);
    this.element = h("div", { class: "fit" }, this.#box);
    this.#sizes = new ResizeObserver(() => this.#fit());
    this.#sizes.observe(this.element);
    this.#bind();
  }

  get place(): Placement {
    return this.#place;
  }

  /** Moves the product there, without telling anyone. */
  set place(place: Placement) {
    this.#place = bounded(place);
    this.#draw();
  }

  /** Shows another picture of the product. */
  show(cutout: Cutout): void {
    this.#image.src = cutout.url;
  }

  /** While locked the product can't be moved. */
  set locked(locked: boolean) {
    this.element.inert = locked;
    this.#box.classList.toggle("busy", locked);
  }

  focus(): void {
    this.#placed.focus({ preventScroll: true });
  }

  leave(): void {
    this.#sizes.disconnect();
  }

  #draw(): void {
    const { x, y, scale, rotation } = this.#place;
    const { style } = this.#placed;
    style.left = `${x * 100}%`;
    style.top = `${y * 100}%`;
    style.width = `${scale * 100}%`;
    style.transform = `translate(-50%, -50%) rotate(${rotation}deg)`;
  }

  #fit(): void {
    const { clientWidth, clientHeight } = this.element;
    const width = Math.min(clientWidth, clientHeight * this.#ratio);
    this.#box.style.width = `${Math.floor(width)}px`;
    this.#box.style.height = `${Math.floor(width / this.#ratio)}px`;
  }

  #change(place: Placement): void {
    this.place = place;
    this.moved(this.#place);
  }

  #point({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.#box.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  #bind(): void {
    const box = this.#box;
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      box.setPointerCapture(event.pointerId);
      this.#pointers.set(event.pointerId, this.#point(event));
      box.classList.add("moving");
    });
    box.addEventListener("pointermove", (event) => {
      if (!this.#pointers.has(event.pointerId)) return;
      const before = [...this.#pointers.values()].slice(0, 2);
      this.#pointers.set(event.pointerId, this.#point(event));
      this.#change(dragged(this.#place, before, [...this.#pointers.values()].slice(0, 2), this.#ratio));
    });
    const release = (event: PointerEvent): void => {
      this.#pointers.delete(event.pointerId);
      if (!this.#pointers.size) box.classList.remove("moving");
    };
    box.addEventListener("pointerup", release);
    box.addEventListener("pointercancel", release);
    box.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const { scale, rotation } = this.#place;
        // With Shift some browsers turn the wheel sideways.
        const delta = event.deltaY || event.deltaX;
        if (event.shiftKey) this.#change({ ...this.#place, rotation: rotation + delta * WHEEL_DEGREES });
        else this.#change({ ...this.#place, scale: scale * Math.exp(-delta * WHEEL_GROWTH) });
      },
      { passive: false },
    );
    this.#placed.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const place = pressed(event.key, this.#place, event.shiftKey && event.key.startsWith("Arrow"));
      if (!place) return;
      event.preventDefault();
      this.#change(place);
    });
  }
}
