/** Making and judging ids. */

/** A new random id: a prefix letter, an underscore and 128 random bits in hexadecimal. */
export function newId(prefix: string): string {
  const bytes = new Uint8Array(16);
  // `randomUUID` is missing on plain http pages, `getRandomValues` is not.
  crypto.getRandomValues(bytes);
  return prefix + "_" + Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
}

/** True for text that `newId` makes. */
export const isOurs = (value: string): boolean => /^[vs]_[0-9a-f]{32}$/.test(value);

/**
 * The text of an id that somebody else made, or null if it stands for nobody (SPEC section 5.1: such ids must never link two
 * people) or is not 1 to 255 bytes long.
 */
export function foreignId(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = "" + value;
  const nobody = /^(undefined|null|nan|anonymous|0|\[object object\]|[0-]*)$/i.test(text.trim());
  return nobody || new TextEncoder().encode(text).length > 255 ? null : text;
}
