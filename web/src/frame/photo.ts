/**
 * From a file to a photo that may be sent: upright, at most 2048 px on its longer side, JPEG, and without the file's metadata (a
 * canvas has none, so the place where a photo was taken never leaves the device).
 */
import { say } from "./strings";

const EDGE_PIXELS_MAX = 2048;
const EDGE_PIXELS_MIN = 200;
/** What is decoded at all; what is sent is far smaller. */
const FILE_BYTES_MAX = 50 * 1024 * 1024;
const QUALITIES = [0.9, 0.8, 0.65, 0.5];

/** A photo ready for use. `url` is an object URL, given back with `release`. */
export interface Photo {
  blob: Blob;
  url: string;
  width: number;
  height: number;
}

/** A fault of the file, in the shopper's words. */
export class PhotoError extends Error {}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new PhotoError(say("cannotOpen"));
  }
}

function toJpeg(canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** Makes a photo of anything that can be drawn. */
export async function photoOf(source: CanvasImageSource, width: number, height: number, bytesMax: number): Promise<Photo> {
  if (Math.min(width, height) < EDGE_PIXELS_MIN) throw new PhotoError(say("tooSmall", { n: EDGE_PIXELS_MIN }));
  const shrink = Math.min(1, EDGE_PIXELS_MAX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * shrink);
  canvas.height = Math.round(height * shrink);
  const context = canvas.getContext("2d");
  if (!context) throw new PhotoError(say("cannotOpen"));
  // JPEG has no transparency: without this it would turn black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const blob = await toJpeg(canvas, quality);
    if (blob && blob.size <= bytesMax) return { blob, url: URL.createObjectURL(blob), width: canvas.width, height: canvas.height };
  }
  throw new PhotoError(say("tooLarge", { size: Math.floor(bytesMax / 1024 / 1024) }));
}

/** Makes a photo of a chosen, dropped or pasted file. */
export async function photoFrom(file: Blob, bytesMax: number): Promise<Photo> {
  // Some systems give pictures no type at all; decoding decides then.
  if (file.type && !file.type.startsWith("image/")) throw new PhotoError(say("notAnImage"));
  if (file.size > FILE_BYTES_MAX) throw new PhotoError(say("tooLarge", { size: FILE_BYTES_MAX / 1024 / 1024 }));
  const bitmap = await decode(file);
  try {
    return await photoOf(bitmap, bitmap.width, bitmap.height, bytesMax);
  } finally {
    bitmap.close();
  }
}
