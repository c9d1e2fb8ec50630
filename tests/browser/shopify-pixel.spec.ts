/** The custom pixel, in a frame without an origin of its own as Shopify runs it; `browser` reads the page around it. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, identityOf, page as shopPage, tag, test } from "./support/fixtures.ts";
import type { MockHost, MockShop } from "./support/mock-server.ts";

/** How the sandbox differs from a plain one. */
interface Sandbox {
  init?: object | null;
  /** What `browser` answers instead of the truth. */
  storage?: "denied" | "broken" | "missing";
  consent?: object;
  attributes?: string;
}

const SOURCE = new URL("../../web/dist/pixel.js", import.meta.url);
const LOOSE = { customerPrivacy: { analyticsProcessingAllowed: true }, data: { cart: { id: "gid://shopify/Cart/Z2NwLTE?key=5e8f" } } };

/** What the top frame does for `browser`: reads its storage when the sandbox asks. */
const TOP = `<script>addEventListener("message", ({ data, source }) => data.area && source.postMessage({ id: data.id, value: window[data.area].getItem(data.key) }, "*"))</script>`;

const sandbox = ({ init = LOOSE, storage, consent }: Sandbox): string => `
  let asked = 0, hear, privacy;
  const areas = (area) => ({ getItem: (key) => ${
    storage === "denied"
      ? "Promise.reject(new Error('denied'))"
      : storage === "broken"
        ? "Promise.resolve('{not json')"
        : `new Promise((resolve) => {
    const id = ++asked;
    addEventListener("message", ({ data }) => data.id === id && resolve(data.value));
    parent.postMessage({ area, key, id }, "*");
  })`
  } });
  ${storage === "missing" ? "" : 'const browser = { localStorage: areas("localStorage"), sessionStorage: areas("sessionStorage") };'}
  ${init ? `const init = ${JSON.stringify(init)};` : ""}
  ${consent ? "const api = { customerPrivacy: { subscribe: (name, callback) => (privacy = callback) } };" : ""}
  const analytics = { subscribe: (name, callback) => name === "checkout_completed" && (hear = callback) };
  onunhandledrejection = () => parent.postMessage({ failed: true }, "*");`;

/** Opens the thank-you page and completes a checkout in its pixel. */
async function complete(page: Page, shop: MockShop, host: MockHost, checkout: unknown, options: Sandbox = {}): Promise<void> {
  shop.pages.set("/", shopPage(tag(host, options.attributes) + TOP));
  await page.goto(shop.origin);
  const code = (await readFile(SOURCE, "utf8")).replaceAll("__HOST__", host.origin).replaceAll("__STORE__", "store_1");
  const consent = options.consent ? `privacy({ customerPrivacy: ${JSON.stringify(options.consent)} });` : "";
  const script = `<script>${sandbox(options)}</script><script>${code}</script><script>${consent}
    hear({ name: "checkout_completed", data: ${JSON.stringify({ checkout })} }).then(() => parent.postMessage({ done: true }, "*"))</script>`;
  const done = await page.evaluate(
    (html) =>
      new Promise<unknown>((resolve) => {
        addEventListener("message", ({ data }) => (data.done || data.failed) && resolve(data));
        const frame = document.createElement("iframe");
        frame.setAttribute("sandbox", "allow-scripts allow-forms");
        frame.srcdoc = html;
        document.body.append(frame);
      }),
    script,
  );
  expect(done).toEqual({ done: true });
}

const CHECKOUT = { token: "a1b2c3", attributes: [] };
const ATTRIBUTES = [{ key: "gift", value: "yes" }, { key: "selektable_visitor_id", value: "v_cart" }, { key: "selektable_session_id", value: "s_cart" }];

test("a completed checkout is reported with the ids of the page, and nothing else of the order", async ({ page, shop, host }) => {
  await complete(page, shop, host, { ...CHECKOUT, email: "someone@example.com" });
  const { visitorId, sessionId } = await identityOf(page);
  await expect.poll(() => host.events("checkout_completed").length).toBe(1);
  const batch = host.batches.find(({ events }) => events.some(({ type }) => type === "checkout_completed"));
  expect(batch).toEqual({
    storeId: "store_1",
    visitorId,
    sessionId,
    sentAt: expect.any(Number),
    events: [{ id: expect.stringMatching(/^e_[0-9a-f]{32}$/), type: "checkout_completed", at: expect.any(Number), checkoutToken: "a1b2c3", cartToken: "Z2NwLTE" }],
  });
});

test("a consent given in so many words is passed on", async ({ page, shop, host }) => {
  await complete(page, shop, host, CHECKOUT, { attributes: 'data-consent="required"' });
  expect(host.events("checkout_completed")).toEqual([]);
  await page.evaluate(() => Selektable.consent(true));
  await complete(page, shop, host, CHECKOUT, { attributes: 'data-consent="required"' });
  await expect.poll(() => host.batches.find(({ events }) => events.some(({ type }) => type === "checkout_completed"))?.consent).toBe(true);
});

for (const storage of ["denied", "broken", "missing"] as const) {
  test(`where storage is ${storage} the checkout's own attributes do`, async ({ page, shop, host }) => {
    await complete(page, shop, host, { token: "a1b2c3?key=1", attributes: ATTRIBUTES }, { storage });
    await expect.poll(() => host.events("checkout_completed")).toMatchObject([{ checkoutToken: "a1b2c3" }]);
    expect(host.batches).toContainEqual(expect.objectContaining({ visitorId: "v_cart", sessionId: "s_cart" }));
  });
}

const SILENT: [string, unknown, Sandbox][] = [
  ["nobody knows the visitor", CHECKOUT, { storage: "denied" }],
  ["the visitor consented to nothing", CHECKOUT, { attributes: 'data-consent="required"' }],
  ["Shopify's consent says no", CHECKOUT, { init: { customerPrivacy: { analyticsProcessingAllowed: false } } }],
  ["Shopify's consent was taken back meanwhile", CHECKOUT, { consent: { analyticsProcessingAllowed: false } }],
  ["the checkout has no token", { attributes: ATTRIBUTES }, {}],
  ["there is no checkout", undefined, {}],
];
for (const [name, checkout, options] of SILENT) {
  test(`nothing is sent when ${name}`, async ({ page, shop, host }) => {
    await complete(page, shop, host, checkout, options);
    await page.waitForTimeout(300);
    expect(host.events("checkout_completed")).toEqual([]);
  });
}

test("a sandbox without init, cart or consent is no reason to stay silent", async ({ page, shop, host }) => {
  await complete(page, shop, host, CHECKOUT, { init: null });
  await expect.poll(() => host.events("checkout_completed").length).toBe(1);
  expect(host.events("checkout_completed")[0]).not.toHaveProperty("cartToken");
});

test("a consent that is given on the page counts", async ({ page, shop, host }) => {
  const refused = { customerPrivacy: { analyticsProcessingAllowed: false } };
  await complete(page, shop, host, CHECKOUT, { init: refused, consent: { analyticsProcessingAllowed: true } });
  await expect.poll(() => host.events("checkout_completed").length).toBe(1);
});

test("a server that is away is nobody's problem", async ({ page, shop, host, tolerate }) => {
  tolerate(/Failed to load resource/);
  await page.route("**/api/events", (route) => route.abort());
  await complete(page, shop, host, CHECKOUT);
});
