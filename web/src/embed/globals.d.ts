/** Browser parts that TypeScript's library does not know yet. */
interface Document {
  readonly prerendering?: boolean;
}
interface TrustedPolicy {
  createScriptURL(address: string): string;
}
interface Window {
  readonly trustedTypes?: { createPolicy(name: string, rules: TrustedPolicy): TrustedPolicy };
}
interface Navigator {
  readonly globalPrivacyControl?: boolean;
}
