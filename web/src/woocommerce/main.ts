/**
 * The script of the WooCommerce plugin (`plugins/woocommerce/`). It takes the ids that `embed.js` puts into hidden inputs to
 * the places the shop's server reads them from, and opens the widget with what the button knows. It runs on the shop's own
 * pages, so nothing it does may throw into them.
 */
import { shareIds } from "./carry";
import { openButtons } from "./button";

for (const start of [shareIds, openButtons]) {
  try {
    start();
  } catch (problem) {
    console.warn("Selektable:", problem);
  }
}
