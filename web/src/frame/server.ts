/** The frame's two requests to the server. A refusal becomes an error with words for the shopper and, for the shop, the server's. */
import type { FrameIdentity } from "../shared/types";
import type { Placement } from "./placement";
import { say, type Key } from "./strings";

const ANSWER_MS_MAX = 120_000;

/** A request that did not succeed. The message is the shopper's, in their language; `detail` is the shop's. */
export class ServerError extends Error {
  constructor(
    key: Key,
    readonly detail: string = say(key),
  ) {
    super(say(key));
  }
}

/** A finished visualization. */
export interface Visualization {
  visualizationId: string;
  /** Null when a repeated request's picture was deleted meanwhile. */
  pictureUrl: string | null;
  expiresAt: string | null;
}

/** What a visualization is made of. `requestId` stays the same while one click is tried again. */
export interface Order {
  photo: Blob;
  product: Blob;
  placement: Placement;
  products: { productId: string; variantIds: string[] }[];
  identity: FrameIdentity | null;
  requestId: string;
}

/** `status` is 0 when no answer came; `otherwise` says what did not work when nothing more is known. */
function problem(status: number, body: string, otherwise: Key): ServerError {
  if (status === 0) return new ServerError("offline");
  let answer: { detail?: unknown; errors?: { pointer?: unknown }[] } = {};
  try {
    answer = (JSON.parse(body) as typeof answer | null) ?? {};
  } catch {
    // Not from our server: a proxy's page, for instance.
  }
  const detail = typeof answer.detail === "string" && answer.detail ? answer.detail : `the server answered ${status}`;
  const isPhoto = status === 413 || (Array.isArray(answer.errors) && answer.errors.some(({ pointer }) => pointer === "/photo"));
  return new ServerError(status === 429 || status === 503 ? "busy" : isPhoto && otherwise === "failed" ? "photoRefused" : otherwise, detail);
}

const address = (widgetId: string, what: string): string => `/api/widgets/${encodeURIComponent(widgetId)}/${what}`;

/** The product cut out of its picture: a trimmed PNG with transparency. The picture is sent, or named by its address. */
export async function requestCutout(widgetId: string, picture: Blob | string): Promise<Blob> {
  const form = new FormData();
  if (typeof picture === "string") form.set("imageUrl", picture);
  else form.set("image", picture, "product");
  let response: Response;
  try {
    response = await fetch(address(widgetId, "cutout"), { method: "POST", body: form });
  } catch {
    throw problem(0, "", "productFailed");
  }
  if (!response.ok) throw problem(response.status, await response.text().catch(() => ""), "productFailed");
  return response.blob();
}

function formOf(order: Order): FormData {
  const form = new FormData();
  form.set("requestId", order.requestId);
  form.set("placement", JSON.stringify(order.placement));
  form.set("products", JSON.stringify(order.products));
  if (order.identity) {
    form.set("visitorId", order.identity.visitorId);
    form.set("sessionId", order.identity.sessionId);
    if (order.identity.consent) form.set("consent", "true");
  }
  form.set("photo", order.photo, "photo.jpg");
  form.set("product", order.product, "product.png");
  return form;
}

/** Makes a visualization. `sent` hears how much of the upload has gone, from 0 to 1. */
export function requestVisualization(
  widgetId: string,
  order: Order,
  sent: (share: number) => void,
  signal: AbortSignal,
): Promise<Visualization> {
  // `fetch` does not tell how far an upload is.
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.open("POST", address(widgetId, "visualizations"));
    request.timeout = ANSWER_MS_MAX;
    request.upload.onprogress = ({ loaded, total }) => sent(total ? loaded / total : 0);
    request.upload.onload = () => sent(1);
    request.onload = () => {
      if (request.status < 200 || request.status > 299) return reject(problem(request.status, request.responseText, "failed"));
      try {
        resolve(JSON.parse(request.responseText) as Visualization);
      } catch {
        reject(problem(request.status, "", "failed"));
      }
    };
    request.onerror = () => reject(problem(0, "", "failed"));
    request.ontimeout = () => reject(new ServerError("failed"));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(formOf(order));
  });
}

/** The picture's address on this server: the public address may be another name of the same server. */
export function ownAddress(pictureUrl: string): string {
  const { pathname, search } = new URL(pictureUrl, location.href);
  return pathname + search;
}

/** A random UUID; `crypto.randomUUID` is missing on plain http. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
