/** Browser parts that TypeScript's library does not know yet. */
interface Document {
  readonly prerendering?: boolean;
}
interface Navigator {
  readonly globalPrivacyControl?: boolean;
}
