/**
 * The way of events to `POST /api/events`: batched, bounded, sent with `fetch(keepalive)` while the page lives and with a
 * beacon when it goes. A batch that failed is tried once more with the same ids (an event id counts once). Nothing here
 * decides whether an event may be sent: the caller asks for consent.
 */
import { newId } from "./id";

const BATCH_DELAY_MS = 1000;
const RETRY_DELAY_MS = 5000;
const BATCH_EVENTS_MAX = 20;
const QUEUE_EVENTS_MAX = 100;

/** The part of the body that says whose events these are. */
export interface Sender {
  storeId: string;
  visitorId: string;
  sessionId: string;
  consent?: true | undefined;
}

interface Queued {
  sender: Sender;
  event: { id: string; type: string; at: number };
  retried?: true;
}

export class Events {
  #queue: Queued[] = [];
  #timer = 0;

  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
    const leave = (): void => this.flush(true);
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  }

  /** Queues an event; when the queue is full the oldest goes. */
  add(sender: Sender, type: string, properties: object): void {
    this.#queue.push({ sender, event: { ...properties, id: newId("e"), type, at: Date.now() } });
    if (this.#queue.length > QUEUE_EVENTS_MAX) this.#queue.shift();
    if (this.#queue.length >= BATCH_EVENTS_MAX) this.flush();
    else this.#schedule(BATCH_DELAY_MS);
  }

  /** Sends what waits. */
  flush(leaving = false): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    while (this.#queue.length) {
      const [{ sender }] = this.#queue as [Queued];
      const batch: Queued[] = [];
      // One body has one sender: after `reset()` the events before it still belong to the visitor of then.
      while (batch.length < BATCH_EVENTS_MAX && this.#queue[0] && same(this.#queue[0].sender, sender)) {
        batch.push(this.#queue.shift() as Queued);
      }
      this.#send(sender, batch, leaving);
    }
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue = [];
  }

  #schedule(delay: number): void {
    this.#timer ||= setTimeout(() => this.flush(), delay) as unknown as number;
  }

  #send(sender: Sender, batch: Queued[], leaving: boolean): void {
    const body = JSON.stringify({ ...sender, sentAt: Date.now(), events: batch.map(({ event }) => event) });
    if (leaving && navigator.sendBeacon?.(this.#url, body)) return;
    // Text is a "simple" request: no preflight before every batch.
    fetch(this.#url, {
      method: "POST",
      body,
      headers: { "Content-Type": "text/plain;charset=UTF-8" },
      keepalive: true,
      credentials: "omit",
    }).then(
      (answer) => (answer.status > 499 || answer.status === 429) && this.#again(batch),
      () => this.#again(batch),
    );
  }

  #again(batch: Queued[]): void {
    const once = batch.filter((item) => !item.retried);
    for (const item of once) item.retried = true;
    this.#queue.unshift(...once.slice(0, QUEUE_EVENTS_MAX - this.#queue.length));
    if (once.length) this.#schedule(RETRY_DELAY_MS);
  }
}

const same = (one: Sender, other: Sender): boolean => JSON.stringify(one) === JSON.stringify(other);
