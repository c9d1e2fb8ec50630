/** `frame.js`: the app inside the iframe. Starts it and connects it with the shop's page. */
import { App } from "./app";
import { readConfig } from "./config";
import { receiveFiles } from "./intake";
import { Page } from "./page";
import { Shell } from "./shell";
import { direction } from "./strings";

const config = readConfig();
const page = new Page(config);
const shell = new Shell(document.getElementById("app") ?? document.body, config.accent);
const app = new App(config, page, shell);

page.listen((message) => app.hear(message));
receiveFiles(
  (file) => void app.receive(file),
  (over) => (shell.dropping = over),
);
// The page's dialog can't hear keys that are pressed in here.
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) page.say({ type: "widget:modal-close" });
});
page.say({ type: "widget:ready", dir: direction });
