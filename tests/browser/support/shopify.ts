/**
 * A shop on Shopify, as far as its cart goes: pages, `/cart.js`, `/cart/update.js` and `/cart/add.js` on one origin, also under
 * a market's prefix. It can fail, dawdle, and let other scripts write at the wrong moment, and it counts what it is asked.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { page as shopPage, tag, test as base } from "./fixtures.ts";
import type { MockHost, ShopPage } from "./mock-server.ts";
import { chairPhoto } from "./picture.ts";

/** One request for the cart. */
export interface CartRequest {
  method: string;
  path: string;
  /** False for what the theme's own code asks. */
  ours: boolean;
  attributes: Record<string, string> | undefined;
  at: number;
}

/** What the next request of a kind gets instead of the cart. */
export interface Trouble {
  on: "read" | "write";
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

type Attributes = Record<string, string>;

const WRITE = /^(\/[a-z-]+)?\/cart\/(update|add)\.js$/;
const READ = /^(\/[a-z-]+)?\/cart\.js$/;

export class ShopifyShop {
  readonly pages = new Map<string, ShopPage>();
  readonly asked: CartRequest[] = [];
  readonly troubles: Trouble[] = [];
  /** Milliseconds before each answer about the cart. */
  delay = 0;
  #held: Promise<void> = Promise.resolve();
  attributes: Attributes = {};
  items = 0;
  /** Without a cookie `cart` a browser has no cart; asking for one makes it. */
  token = "Z2NwLWV1cm9wZS13ZXN0MTox";
  /** Shopify gives another token with each look until something is written. */
  settled = true;
  /** Runs after one of our writes is in the cart, before it is answered. */
  meanwhile: ((shop: ShopifyShop) => void) | null = null;
  /** Most of our requests that were under way at the same moment. */
  mostAtOnce = 0;
  #atOnce = 0;
  #looks = 0;
  #server: Server | null = null;

  get origin(): string {
    return `http://localhost:${(this.#server?.address() as AddressInfo | null)?.port ?? 0}`;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(null)));
  }

  /** What we asked, and not the theme. */
  get reads(): CartRequest[] {
    return this.asked.filter(({ ours, method }) => ours && method === "GET");
  }

  get writes(): CartRequest[] {
    return this.asked.filter(({ ours, method }) => ours && method === "POST");
  }

  /** Our attributes as the cart has them now. */
  get ids(): (string | undefined)[] {
    return [this.attributes.selektable_visitor_id, this.attributes.selektable_session_id];
  }

  write(attributes: Attributes): void {
    this.settled = true;
    for (const [name, value] of Object.entries(attributes)) {
      if (value) this.attributes[name] = value;
      else delete this.attributes[name];
    }
  }

  /** Keeps answers to us back, from requests that come from now on, until what it gives is called. */
  hold(): () => void {
    let release = (): void => {};
    this.#held = new Promise((free) => (release = free));
    return release;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.origin);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (READ.test(url.pathname) || WRITE.test(url.pathname)) return this.#cart(request, url, Buffer.concat(parts).toString(), response);
    if (request.method === "POST") return void response.writeHead(303, { Location: "/checkout" }).end();
    if (url.pathname === "/chair.png") return void response.writeHead(200, { "Content-Type": "image/png" }).end(chairPhoto());
    const page = this.pages.get(url.pathname) ?? shopPage("", "<h1>Somewhere else</h1>");
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...page.headers }).end(page.html);
  }

  async #cart(request: IncomingMessage, url: URL, body: string, response: ServerResponse): Promise<void> {
    const writing = request.method === "POST";
    const ours = !(request.headers["x-theme"] ?? url.searchParams.has("theme"));
    const { attributes } = (writing ? JSON.parse(body) : {}) as { attributes?: Attributes };
    this.asked.push({ method: request.method ?? "", path: url.pathname, ours, attributes, at: Date.now() });
    if (ours) this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    const trouble = this.troubles.findIndex(({ on }) => ours && on === (writing ? "write" : "read"));
    if (trouble < 0 && writing) {
      if (url.pathname.endsWith("add.js")) this.items += 1;
      this.write(attributes ?? {});
      if (ours) this.meanwhile?.(this);
    }
    const refusal = trouble < 0 ? null : (this.troubles.splice(trouble, 1)[0] as Trouble);
    // What is answered is the cart as it was when it was asked for.
    const name = this.settled ? this.token : `${this.token}-${++this.#looks}`;
    const cart = { token: `${name}?key=5e8f`, note: "", attributes: { ...this.attributes }, item_count: this.items, items: [] };
    await Promise.all([ours && this.#held, new Promise((resolve) => setTimeout(resolve, this.delay))]);
    if (ours) this.#atOnce--;
    if (refusal) {
      const { status, headers, body: text = "{}" } = refusal;
      return void response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(text);
    }
    response.writeHead(200, { "Content-Type": "application/json", "Set-Cookie": `cart=${encodeURIComponent(cart.token)}; path=/` });
    response.end(JSON.stringify(cart));
  }
}

/** The head of a theme: `window.Shopify`, our tag, and functions as themes have them. */
export const theme = (host: MockHost, attributes = "", root = "/"): string => `<script>
  window.Shopify = { shop: "chairs.myshopify.com", routes: { root: ${JSON.stringify(root)} } };
  const theme = (path, body) => fetch(path + "?theme", body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).then((answer) => answer.json());
</script>${tag(host, attributes)}`;

/** A product page. */
export const themePage = (host: MockHost, body = "", attributes = "", root = "/"): ShopPage => shopPage(theme(host, attributes, root), body);

/** Tests with a Shopify shop; `open` visits a page, as a browser that has a cart unless told otherwise. */
export const test = base.extend<{ shopify: ShopifyShop; open: (path?: string, cart?: "cart" | "no cart") => Promise<void> }>({
  shopify: async ({}, use) => {
    const shop = await new ShopifyShop().start();
    await use(shop);
    await shop.stop();
  },
  open: async ({ page, shopify, host }, use) => {
    await use(async (path = "/", cart = "cart") => {
      if (cart === "cart") await page.context().addCookies([{ name: "cart", value: "c1", url: shopify.origin }]);
      if (!shopify.pages.has(path)) shopify.pages.set(path, themePage(host));
      await page.goto(shopify.origin + path);
    });
  },
});

export { expect, identityOf } from "./fixtures.ts";
