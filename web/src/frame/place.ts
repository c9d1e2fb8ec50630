/** The second step: the product is in the photo; move, resize, turn, pick another picture of it, and make the picture. */
import type { FrameImage } from "../shared/types";
import { button, h, icon } from "./dom";
import type { Placement } from "./placement";
import type { Stage } from "./stage";
import { say } from "./strings";
import type { View } from "./view";

const SLIDER_SIZE_MAX = 120;

/** What the second step can start. */
export interface Placing {
  make(): void;
  reset(): void;
  otherPhoto(): void;
  pick(image: FrameImage): void;
}

interface Slider {
  element: HTMLElement;
  show(value: number): void;
}

function slider(label: string, least: number, most: number, spoken: (n: number) => string, moved: (value: number) => void): Slider {
  const input = h("input", { type: "range", min: least, max: most, step: 1 });
  const show = (value: number): void => {
    input.value = String(value);
    const share = (Number(input.value) - least) / (most - least);
    input.style.setProperty("--share", `${share * 100}%`);
    input.setAttribute("aria-valuetext", spoken(Math.round(value)));
  };
  input.addEventListener("input", () => {
    moved(Number(input.value));
    show(Number(input.value));
  });
  return { element: h("label", { class: "slider" }, h("span", {}, label), input), show };
}

function picker(images: readonly FrameImage[], chosen: FrameImage, thumbnail: (image: FrameImage) => HTMLElement, pick: (image: FrameImage) => void): HTMLElement {
  const choices = images.map((image, index) => {
    const input = h("input", { type: "radio", name: "product-image", "aria-label": image.alt || say("productImage", { n: index + 1 }), checked: image.id === chosen.id });
    input.addEventListener("change", () => pick(image));
    return h("label", { class: "thumb" }, input, thumbnail(image));
  });
  return h("fieldset", { class: "thumbs" }, h("legend", {}, say("productImages")), ...choices);
}

/** What the second step needs to show. */
export interface Placeable {
  stage: Stage;
  images: readonly FrameImage[];
  chosen: FrameImage;
  thumbnail: (image: FrameImage) => HTMLElement;
  /** A fault to show, in words. */
  fault: string | null;
}

/** The second step, and the function that shows a changed placement on the sliders. */
export function placeView({ stage, images, chosen, thumbnail, fault }: Placeable, placing: Placing): View & { follow: (place: Placement) => void } {
  const size = slider(say("size"), 3, SLIDER_SIZE_MAX, (n) => say("percent", { n }), (value) => (stage.place = { ...stage.place, scale: value / 100 }));
  // Half a turn is both ends of the slider; without this its thumb would jump from one to the other.
  const turned = (value: number): Placement => ({ ...stage.place, rotation: Math.min(value, 179.99) });
  const turn = slider(say("turn"), -180, 180, (n) => say("degrees", { n }), (value) => (stage.place = turned(value)));
  const follow = (place: Placement): void => {
    size.show(place.scale * 100);
    turn.show(place.rotation);
  };
  follow(stage.place);
  const make = button("primary", say("makePicture"), placing.make);
  const reset = (): void => {
    placing.reset();
    follow(stage.place);
  };
  return {
    stage: [stage.element],
    panel: [
      h("h2", {}, say("placeTitle")),
      h("p", { class: "hint" }, say("placeHint")),
      fault && h("p", { class: "fault", role: "alert" }, icon("warning"), h("span", {}, fault)),
      images.length > 1 && picker(images, chosen, thumbnail, placing.pick),
      h("div", { class: "sliders" }, size.element, turn.element),
      h(
        "div",
        { class: "actions compact" },
        make,
        h("div", { class: "pair" }, button("secondary", say("otherPhoto"), placing.otherPhoto, icon("photo")), button("secondary", say("reset"), reset, icon("reset"))),
      ),
    ].filter((node): node is HTMLElement => node instanceof HTMLElement),
    follow,
  };
}
