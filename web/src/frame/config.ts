/** What the server says about this widget, from the shell's JSON block (see `web/README.md`). */

/** One widget's settings. */
export interface Config {
  storeId: string;
  widgetId: string;
  widgetType: "room-visualizer" | "virtual-try-on";
  name: string;
  /** CSS hex colour, or null for the neutral look. */
  accent: string | null;
  retentionHours: number;
  photoBytesMax: number;
  /** Origin of the shop's page: messages go to it and are taken from it, and no other. */
  pageOrigin: string;
}

/** Reads the configuration; throws if the shell is broken, since nothing can work then. */
export function readConfig(): Config {
  const block = document.getElementById("selektable-config");
  return JSON.parse(block?.textContent ?? "") as Config;
}
