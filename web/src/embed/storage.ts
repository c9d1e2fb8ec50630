/** Storage that may be missing, denied or full: a read then gives null and a write gives up. Holds nothing itself. */

/** The two areas used: `localStorage` outlives the tab, `sessionStorage` is the tab's. */
export type Area = "localStorage" | "sessionStorage";

/**
 * The object stored under a key, or null if there is none, it is not ours, or one of the texts it must have is missing.
 * Another window's area can be read as far as that window may be.
 */
export function read<T extends object>(area: Area, key: string, texts: (keyof T)[] = [], from: Pick<Window, Area> = window): T | null {
  try {
    const value = JSON.parse(from[area].getItem(key) as string) as T;
    if (texts.every((name) => value[name] && typeof value[name] === "string")) return value;
  } catch {
    // As if nothing were there.
  }
  return null;
}

/** Stores an object under a key; null removes it. */
export function write(area: Area, key: string, value: object | null): void {
  try {
    if (value) window[area].setItem(key, JSON.stringify(value));
    else window[area].removeItem(key);
  } catch {
    // Denied or full: the caller keeps its own copy for this page load.
  }
}
