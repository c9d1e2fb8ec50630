/**
 * The product's pictures and their cutouts. Bytes come from the page when it can read them, otherwise the server fetches the
 * address, and if that fails the page is asked to try. Each cutout is made once.
 */
import type { FrameImage } from "../shared/types";
import { requestCutout, ServerError } from "./server";

const BYTES_MS_MAX = 20_000;

/** A product without its background. */
export interface Cutout {
  blob: Blob;
  url: string;
  /** Width / height. */
  ratio: number;
}

async function measured(blob: Blob): Promise<Cutout> {
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (!bitmap) throw new ServerError("productFailed");
  const ratio = bitmap.width / bitmap.height;
  bitmap.close();
  return { blob, url: URL.createObjectURL(blob), ratio };
}

export class Pictures {
  readonly #bytes = new Map<string, { promise: Promise<Blob | null>; settle: (blob: Blob | null) => void }>();
  readonly #cutouts = new Map<string, Promise<Cutout>>();
  readonly #failed = new Set<string>();

  constructor(
    private readonly widgetId: string,
    readonly images: readonly FrameImage[],
    private readonly ask: (id: string) => void,
  ) {}

  /** The page sent a picture's bytes, or says that it can't. */
  arrived(id: string, blob: Blob | null): void {
    this.#slot(id).settle(blob);
  }

  /** The cutout of one picture; a failed one is tried again at the next call. */
  cutout(image: FrameImage): Promise<Cutout> {
    const known = this.#cutouts.get(image.id);
    if (known) return known;
    const made = this.#make(image);
    this.#cutouts.set(image.id, made);
    made.catch(() => {
      this.#cutouts.delete(image.id);
      this.#bytes.delete(image.id);
      this.#failed.add(image.id);
    });
    return made;
  }

  /** Gives the object URLs back. */
  release(): void {
    for (const cutout of this.#cutouts.values()) cutout.then(({ url }) => URL.revokeObjectURL(url)).catch(() => {});
  }

  async #make(image: FrameImage): Promise<Cutout> {
    const fetchable = /^https?:/.test(image.src);
    if (image.local) {
      // The page sends local pictures unasked; after a failure it has to be asked again.
      if (this.#failed.has(image.id)) this.ask(image.id);
      const blob = await this.#slot(image.id).promise;
      if (blob || !fetchable) return measured(await requestCutout(this.widgetId, blob ?? image.src));
    }
    try {
      return await measured(await requestCutout(this.widgetId, image.src));
    } catch (refusal) {
      if (image.local) throw refusal;
      this.ask(image.id);
      const blob = await this.#slot(image.id).promise;
      if (!blob) throw refusal;
      return measured(await requestCutout(this.widgetId, blob));
    }
  }

  #slot(id: string): { promise: Promise<Blob | null>; settle: (blob: Blob | null) => void } {
    const known = this.#bytes.get(id);
    if (known) return known;
    let settle: (blob: Blob | null) => void = () => {};
    const promise = new Promise<Blob | null>((resolve) => {
      settle = resolve;
      setTimeout(() => resolve(null), BYTES_MS_MAX);
    });
    const slot = { promise, settle };
    this.#bytes.set(id, slot);
    return slot;
  }
}
