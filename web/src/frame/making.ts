/** The wait: how far the upload is, then that the picture is being made; can be cancelled. */
import { button, h } from "./dom";
import { say } from "./strings";
import type { View } from "./view";

/** The waiting step, and the function that shows how much of the upload has gone (0 to 1). */
export function makingView(stage: Node, cancel: () => void, announce: (text: string) => void): View & { sent: (share: number) => void } {
  const heading = h("h2", {}, say("sending"));
  const bar = h("div", { class: "bar" });
  const progress = h("div", { class: "progress", role: "progressbar", "aria-label": say("sending"), "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const stop = button("secondary", say("cancel"), cancel);
  let making = false;
  announce(say("sending"));
  const sent = (share: number): void => {
    if (making) return;
    making = share >= 1;
    bar.style.setProperty("--share", String(share));
    progress.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    if (!making) return;
    // From here on nobody knows how long it takes.
    progress.classList.add("indeterminate");
    progress.removeAttribute("aria-valuenow");
    progress.setAttribute("aria-label", say("making"));
    heading.textContent = say("making");
    announce(say("making"));
  };
  return { stage: [stage], panel: [heading, progress, h("div", { class: "actions" }, stop)], focus: stop, sent };
}
