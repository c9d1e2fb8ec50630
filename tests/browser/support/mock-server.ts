/**
 * A server that keeps to the contract of the browser side, as far as the scripts use it, and remembers what it was asked. And
 * a shop: pages on another origin. Both on loopback, port 0.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chairCutout, chairPhoto } from "./picture.ts";

const WEB = new URL("../../../web/", import.meta.url);

/** One batch as the script sent it. */
export interface Batch {
  storeId: string;
  visitorId: string;
  sessionId: string;
  consent?: boolean;
  sentAt: number;
  events: ({ id: string; type: string; at: number } & Record<string, unknown>)[];
}

/** One visualization request: text fields as text, files as their sizes. */
export type Visualization = Record<string, string | Blob>;

function listen(handler: RequestListener): Promise<Server> {
  const server = createServer(handler);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const FRAME_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'";
const TYPES: Record<string, string> = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

/** The Selektable side. */
export class MockHost {
  readonly batches: Batch[] = [];
  readonly visualizations: Visualization[] = [];
  readonly cutouts: Visualization[] = [];
  /** Forms that were answered with a refusal. */
  readonly refused: Visualization[] = [];
  /** What the next answers are instead of the usual ones: problem documents, first in first out. */
  readonly refusals: { path: RegExp; status: number; detail: string; errors?: { pointer: string; code: string; detail: string }[] }[] = [];
  /** Paths whose answer waits until the promise settles. */
  readonly gates = new Map<string, Promise<void>>();
  /** Paths that were asked for, files by their plain names. */
  readonly requested: string[] = [];
  /** Bodies of batches as they came. */
  readonly bodies: string[] = [];
  config: Record<string, unknown> = {};
  #server: Server | null = null;

  get origin(): string {
    return `http://127.0.0.1:${this.#server ? portOf(this.#server) : 0}`;
  }

  async start(): Promise<this> {
    this.#server = await listen((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    return this;
  }

  stop(): Promise<void> {
    return this.#server ? close(this.#server) : Promise.resolve();
  }

  /** All events so far, oldest first. Like the real server, an event id counts once. */
  events(type?: string): Batch["events"] {
    const known = new Map(this.batches.flatMap((batch) => batch.events).map((event) => [event.id, event]));
    return [...known.values()].filter((event) => !type || event.type === type);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.origin);
    // A file's version is part of its name.
    url.pathname = url.pathname.replace(/^(\/widgets\/[a-z]+)\.[0-9a-f]{8}\./, "$1.");
    this.requested.push(url.pathname);
    await this.gates.get(url.pathname);
    const refusal = this.refusals.findIndex(({ path }) => path.test(url.pathname));
    if (refusal >= 0 && request.method === "POST") {
      const { status, detail, errors } = this.refusals.splice(refusal, 1)[0] ?? { status: 500, detail: "" };
      if (request.headers["content-type"]?.startsWith("multipart/")) this.refused.push(await this.#form(request));
      else await bodyOf(request);
      response.writeHead(status, { "Content-Type": "application/problem+json", "Access-Control-Allow-Origin": "*" });
      return void response.end(JSON.stringify({ type: "about:blank", title: "Refused", status, detail, success: false, code: "refused", errors }));
    }
    if (url.pathname === "/api/events") return this.#events(request, response);
    if (url.pathname.endsWith("/cutout")) return this.#cutout(request, response);
    if (url.pathname.endsWith("/visualizations")) return this.#visualize(request, response);
    if (url.pathname === "/pictures/1") return void response.writeHead(200, { "Content-Type": "image/jpeg" }).end(this.#picture);
    if (url.pathname === "/favicon.ico") return void response.writeHead(204).end();
    if (url.pathname.endsWith("/frame")) return this.#frame(url, response);
    return this.#file(url.pathname, response);
  }

  #picture = Buffer.alloc(0);

  async #events(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers["content-type"] !== "text/plain;charset=UTF-8") throw new Error("not a simple request");
    const body = (await bodyOf(request)).toString("utf8");
    this.bodies.push(body);
    this.batches.push(JSON.parse(body) as Batch);
    response.writeHead(202, { "Access-Control-Allow-Origin": "*" }).end();
  }

  async #form(request: IncomingMessage): Promise<Visualization> {
    const headers = { "Content-Type": request.headers["content-type"] ?? "" };
    const form = await new Response(new Uint8Array(await bodyOf(request)), { headers }).formData();
    return Object.fromEntries(form.entries());
  }

  async #cutout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.cutouts.push(await this.#form(request));
    response.writeHead(200, { "Content-Type": "image/png" }).end(chairCutout());
  }

  async #visualize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await this.#form(request);
    this.visualizations.push(form);
    this.#picture = Buffer.from(await (form.photo as Blob).arrayBuffer());
    const expiresAt = new Date(Date.now() + 24 * 3600 * 1000).toISOString();
    response.writeHead(200, { "Content-Type": "application/json" });
    // Another name of the same server: the frame must not depend on it.
    const pictureUrl = "http://public.example/pictures/1";
    response.end(JSON.stringify({ success: true, visualizationId: "viz_1", pictureUrl, expiresAt, renderer: "built-in", result: "created" }));
  }

  async #frame(url: URL, response: ServerResponse): Promise<void> {
    const config = {
      storeId: "store_1",
      widgetId: decodeURIComponent(url.pathname.split("/")[2] ?? ""),
      widgetType: "room-visualizer",
      name: "Room view",
      accent: null,
      retentionHours: 24,
      photoBytesMax: 8 * 1024 * 1024,
      pageOrigin: url.searchParams.get("origin"),
      ...this.config,
    };
    const template = await readFile(new URL("frame.html", WEB), "utf8");
    const html = template.replace("{{lang}}", "en").replace("{{config}}", () => JSON.stringify(config).replaceAll("<", "\\u003c"));
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": FRAME_POLICY }).end(html);
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = path.match(/^\/widgets\/([a-z]+\.(js|css))$/);
    if (!name) return void response.writeHead(404).end();
    const bytes = await readFile(new URL(`dist/${name[1]}`, WEB));
    response.writeHead(200, { "Content-Type": TYPES[name[2] ?? ""] ?? "", "Cache-Control": "no-cache" }).end(bytes);
  }
}

/** A page of the shop. */
export interface ShopPage {
  html: string;
  headers?: Record<string, string>;
}

/** The shop's side: pages, a product picture, and an endpoint that remembers posted forms. */
export class MockShop {
  readonly pages = new Map<string, ShopPage>();
  readonly forms: URLSearchParams[] = [];
  #server: Server | null = null;

  /** Not the host's address: browsers see another site. */
  get origin(): string {
    return `http://localhost:${this.#server ? portOf(this.#server) : 0}`;
  }

  async start(): Promise<this> {
    this.#server = await listen((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    return this;
  }

  stop(): Promise<void> {
    return this.#server ? close(this.#server) : Promise.resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", this.origin);
    if (request.method === "POST") {
      this.forms.push(new URLSearchParams((await bodyOf(request)).toString("utf8")));
      return void response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>Thanks</title><p>Thank you</p>");
    }
    if (pathname === "/chair.png") return void response.writeHead(200, { "Content-Type": "image/png" }).end(chairPhoto());
    if (pathname === "/favicon.ico") return void response.writeHead(204).end();
    const page = this.pages.get(pathname);
    if (!page) return void response.writeHead(404, { "Content-Type": "text/html" }).end("<!doctype html><title>Not found</title>");
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...page.headers }).end(page.html);
  }
}
