/**
 * The way of events to `POST /api/events`: batched, bounded, sent with `fetch(keepalive)` while the page lives and with a
 * beacon when it goes. A batch that failed is tried once more with the same ids (an event id counts once). Nothing here
 * decides whether an event may be sent: the caller asks for consent.
 */
import { newId } from "./id";

/** An enumeration, because only its numbers end up in the built file. */
const enum Limit {
  BatchDelayMs = 1000,
  RetryDelayMs = 5000,
  BatchEvents = 20,
  QueueEvents = 100,
}

/** The part of the body that says whose events these are. */
export interface Sender {
  storeId: string;
  visitorId: string;
  sessionId: string;
  consent?: true;
}

interface Queued {
  /** A `Sender` as JSON: those that are equal are one. */
  _sender: string;
  _event: { id: string; type: string; at: number };
  _retried?: true;
}

/** Events on their way. */
export interface Events {
  /** Queues an event; when the queue is full the oldest goes. */
  _add(sender: Sender, type: string, properties: object): void;
  /** Sends what waits. */
  _flush(): void;
  /** Forgets what waits. */
  _clear(): void;
}

/** Events on their way to an address. */
export function eventsTo(url: string): Events {
  let queue: Queued[] = [];
  let timer = 0;

  const flush = (leaving?: Event): void => {
    clearTimeout(timer);
    timer = 0;
    while (queue[0]) {
      const sender = queue[0]._sender;
      // One body has one sender: after `reset()` the events before it still belong to the visitor of then.
      const end = queue.findIndex((item, index) => index >= Limit.BatchEvents || item._sender !== sender);
      send(sender, queue.splice(0, end < 0 ? Limit.BatchEvents : end), leaving);
    }
  };
  const schedule = (delay: number): void => {
    timer ||= setTimeout(flush, delay) as unknown as number;
  };
  const send = (sender: string, batch: Queued[], leaving?: Event): void => {
    const body = JSON.stringify({ ...(JSON.parse(sender) as Sender), sentAt: Date.now(), events: batch.map(({ _event }) => _event) });
    const again = (): void => {
      const once = batch.filter((item) => !item._retried && (item._retried = true));
      queue.unshift(...once.slice(0, Limit.QueueEvents - queue.length));
      if (once[0]) schedule(Limit.RetryDelayMs);
    };
    if (leaving && navigator.sendBeacon?.(url, body)) return;
    // Text is a "simple" request, with no preflight before every batch, and what a text is sent as.
    fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" }).then(({ status }) => {
      if (status > 499 || status === 429) again();
    }, again);
  };

  addEventListener("pagehide", flush);
  addEventListener("visibilitychange", (event) => document.hidden && flush(event));
  return {
    _add(sender, type, properties): void {
      queue.push({ _sender: JSON.stringify(sender), _event: { ...properties, id: newId("e"), type, at: Date.now() } });
      if (queue.length > Limit.QueueEvents) queue.shift();
      if (queue.length >= Limit.BatchEvents) flush();
      else schedule(Limit.BatchDelayMs);
    },
    _flush: flush,
    _clear(): void {
      queue = [];
    },
  };
}
