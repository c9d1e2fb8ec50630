/**
 * `shopify.js`: writes the visitor and the session into the attributes of a Shopify cart, from where they reach the order, and
 * tells the server the cart's token. `embed.js` loads it on Shopify storefronts only, and only after consent.
 */
import type { Bridge, CartLink } from "../shared/types";
import { Keeper } from "./keeper";
import { watchPage } from "./watch";

const { selektable } = document.currentScript as HTMLScriptElement & { selektable?: Bridge<CartLink> };
if (selektable) {
  const keeper = new Keeper(selektable);
  watchPage(
    () => keeper.cartChanged(),
    () => keeper.checkoutOpens(),
  );
  document.addEventListener("prerenderingchange", () => keeper.look());
  selektable.ready(keeper);
  if (document.readyState === "complete") keeper.look();
  else addEventListener("load", () => keeper.look());
}
