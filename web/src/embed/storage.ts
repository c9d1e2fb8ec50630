/** Storage that may be missing, denied or full: a read then gives null and a write gives up. Holds nothing itself. */

/** The two areas used: `localStorage` outlives the tab, `sessionStorage` is the tab's. */
export type Area = "localStorage" | "sessionStorage";

/** The object stored under a key, or null if there is none or it is not ours. */
export function read<T extends object>(area: Area, key: string): T | null {
  try {
    const value: unknown = JSON.parse(window[area].getItem(key) || "null");
    return value && typeof value === "object" ? (value as T) : null;
  } catch {
    return null;
  }
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
