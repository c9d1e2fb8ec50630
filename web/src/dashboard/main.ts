/**
 * What the dashboard's script adds to pages that are whole without it: copying by one click, the "waiting for…" list
 * that follows along, parts that are not done yet, menus that close, tabs in sight, and keys. Nothing here is needed to read or to send anything.
 */
import { copying } from "./copying";
import { keys } from "./keys";
import { live } from "./live";
import { menus } from "./menus";
import { tabs } from "./tabs";
import { waiting } from "./waiting";

/** A page that answered a form shows a secret once; loading it again should not send the form again. */
function replaceAddress(): void {
  const path = document.querySelector<HTMLElement>("[data-replace-url]")?.dataset["replaceUrl"];
  if (path) history.replaceState(null, "", path);
}

replaceAddress();
copying(document);
menus(document);
tabs(document);
keys(document);
waiting(document);
live(document);
