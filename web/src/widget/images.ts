/** Fetches a product picture in the shop's page, without credentials. Gives null when the page may not or the limits forbid. */

const IMAGE_BYTES_MAX = 10 * 1024 * 1024;
const FETCH_MS_MAX = 15_000;

/**
 * Whether the page can surely read the picture. Others are first fetched by the server: a cross-origin request that is refused
 * would leave an error in the shop's console.
 */
export function isLocal(src: string): boolean {
  const { protocol, origin } = new URL(src);
  return protocol === "data:" || origin === location.origin;
}

/** The picture's bytes, or null. */
export async function fetchImage(src: string): Promise<Blob | null> {
  try {
    const response = await fetch(src, { credentials: "omit", mode: "cors", signal: AbortSignal.timeout?.(FETCH_MS_MAX) });
    if (!response.ok || Number(response.headers.get("Content-Length") ?? 0) > IMAGE_BYTES_MAX) return null;
    const blob = await response.blob();
    return blob.size > 0 && blob.size <= IMAGE_BYTES_MAX && /^image\//.test(blob.type) ? blob : null;
  } catch {
    return null;
  }
}
