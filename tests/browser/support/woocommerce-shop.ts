/** WooCommerce as its shop's server shows itself: orders as its REST API gives them, and signed deliveries. */
import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What of an order a test says; the rest is as WooCommerce fills it in. */
export interface ShopOrder {
  id: number;
  total?: string;
  status?: string;
  visitor?: string;
}

/** An order as WooCommerce tells it, placed now. */
export function orderBody({ id, total = "49.99", status = "processing", visitor }: ShopOrder): object {
  const now = new Date().toISOString().slice(0, 19);
  return {
    id,
    number: `A-${id}`,
    status,
    currency: "EUR",
    total,
    created_via: "checkout",
    date_created_gmt: now,
    date_modified_gmt: now,
    date_paid_gmt: now,
    line_items: [{ id: 1, product_id: 7, variation_id: 0, quantity: 1, total }],
    refunds: [],
    meta_data: visitor ? [{ id: 1, key: "_selektable_visitor_id", value: visitor }] : [],
  };
}

/** Delivers as the shop does; the status it is answered with. */
export async function deliver(url: string, order: ShopOrder, secret: string, topic = "order.created"): Promise<number> {
  const body = JSON.stringify(orderBody(order));
  const headers = {
    "Content-Type": "application/json",
    "X-WC-Webhook-Source": "https://noord.example/",
    "X-WC-Webhook-Topic": topic,
    "X-WC-Webhook-Signature": createHmac("sha256", secret).update(body).digest("base64"),
  };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

/** A shop whose orders can be looked up. While it is `held` it keeps whoever asks waiting. */
export class WooCommerceShop {
  #server: Server | null = null;
  #held: Promise<void> = Promise.resolve();
  orders: ShopOrder[] = [];
  address = "";

  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://shop");
      const isList = Number(searchParams.get("offset") ?? 0) === 0 && searchParams.get("status") !== "trash";
      // Trying the keys takes one id only and never waits.
      const turn = searchParams.get("_fields") === "id" ? Promise.resolve() : this.#held;
      void turn.then(() => {
        const page = isList ? this.orders.map(orderBody) : [];
        response.writeHead(200, { "Content-Type": "application/json", "X-WP-Total": String(page.length) });
        response.end(JSON.stringify(page));
      });
    });
    await new Promise<void>((listening) => this.#server?.listen(0, "127.0.0.1", listening));
    this.address = `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}/`;
    return this;
  }

  /** Keeps whoever asks waiting until what it gives back is called. */
  hold(): () => void {
    let release = (): void => {};
    this.#held = new Promise((free) => (release = free));
    return release;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((closed) => this.#server?.close(closed));
  }
}
