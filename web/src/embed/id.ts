/** Making and judging ids. */

/** A new random id: a prefix letter, an underscore and 128 random bits in hexadecimal. */
export function newId(prefix: string): string {
  // `randomUUID` is missing on plain http pages, `getRandomValues` is not.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return bytes.reduce((text, byte) => text + (byte + 256).toString(16).slice(1), prefix + "_");
}

/** What `newId` makes for visitors and sessions. */
export const OURS = /^[vs]_[\da-f]{32}$/;

/**
 * The text of an id that somebody else made, or undefined if it stands for nobody (SPEC section 5.1: such ids must never link two
 * people; `[0-]*` is also nothing at all) or is longer than 255 bytes.
 */
export function foreignId(value: unknown): string | undefined {
  const text = "" + value;
  const nobody = /^\s*(undefined|null|nan|anonymous|\[object object\]|[0-]*)\s*$/i.test(text);
  // Number or string: of a symbol there is no text.
  return nobody || !/^[ns]/.test(typeof value) || new Blob([text]).size > 255 ? undefined : text;
}
