/** Making and judging ids. */

/**
 * A new id: a prefix letter, an underscore, and 32 hexadecimal digits, of which 12 are the time in milliseconds and 20 are
 * random. Ids of one hour stand together then where the server looks them up.
 */
export function newId(prefix: string): string {
  // `randomUUID` is missing on plain http pages, `getRandomValues` is not. The time has 11 digits until the year 2527.
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return bytes.reduce((text, byte) => text + (byte + 256).toString(16).slice(1), prefix + "_0" + Date.now().toString(16));
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
