/** Browser parts that TypeScript's library does not know yet. */
interface Document {
  readonly prerendering?: boolean;
}
interface TrustedPolicy {
  createScriptURL(address: string): string;
}
interface Window {
  /** Every Shopify storefront has it; only what we read is said here. */
  readonly Shopify?: { routes?: { root?: unknown } };
  readonly trustedTypes?: { createPolicy(name: string, rules: TrustedPolicy): TrustedPolicy };
}
interface Navigator {
  readonly globalPrivacyControl?: boolean;
}
/** `widget.js` and `shopify.js` of this very build: their names with their versions and without `.js`, from `web/build.mjs`. */
declare const WIDGET: string;
declare const SHOPIFY: string;
