/** The first step: the product, and choosing or taking a photo. Says what happens to the photo before it is sent. */
import { hasCamera, hasCameraApp } from "./camera";
import type { Config } from "./config";
import { button, h, icon } from "./dom";
import { duration, say } from "./strings";
import type { View } from "./view";

/** What the first step can start. */
export interface Choosing {
  file(file: File): void;
  camera(): void;
}

function filePicker(chosen: (file: File) => void, capture?: string): HTMLInputElement {
  const input = h("input", { type: "file", accept: "image/*", capture, class: "hidden-input", tabindex: "-1", "aria-hidden": "true" });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    // Without this the same file could not be chosen twice.
    input.value = "";
    if (file) chosen(file);
  });
  return input;
}

/** The first step. `preview` is the product's picture as far as it is known. */
export function chooseView(config: Config, preview: HTMLElement, choosing: Choosing): View {
  const room = config.widgetType !== "virtual-try-on";
  const files = filePicker(choosing.file);
  const camera = filePicker(choosing.file, room ? "environment" : "user");
  const choose = button("primary", say("choosePhoto"), () => files.click(), icon("photo"));
  const take = button("secondary", say("takePhoto"), () => (hasCameraApp() ? camera.click() : choosing.camera()), icon("camera"));
  const zone = h(
    "div",
    { class: "dropzone" },
    h("div", { class: "preview" }, preview),
    h("p", { class: "drop-hint" }, say("dropHere")),
  );
  zone.addEventListener("click", () => files.click());
  return {
    stage: [zone],
    panel: [
      h("h2", {}, say(room ? "roomTitle" : "tryOnTitle")),
      h("p", { class: "hint" }, say(room ? "roomHint" : "tryOnHint")),
      h("div", { class: "actions" }, choose, hasCamera() && take, files, camera),
      h("p", { class: "privacy" }, icon("lock"), h("span", {}, say("privacy", { time: duration(config.retentionHours) }))),
    ],
    focus: choose,
  };
}
