/** When Shopify's cart does not answer as it should, when there is no consent, and at the last moment before the checkout. */
import type { Page } from "@playwright/test";
import type { MockHost } from "./support/mock-server.ts";
import { expect, identityOf, test, themePage, type ShopifyShop, type Trouble } from "./support/shopify.ts";

declare const theme: (path: string, body?: object) => Promise<unknown>;
declare global {
  interface Window {
    /** Times of the page at which it read the cart, and whether it has heard the answer. */
    asked: { at: number; heard: boolean }[];
  }
}

const calm = (page: Page) => page.waitForTimeout(1500);
/** Our script knows that the cart is right, and has said whose it is. */
const settled = (host: MockHost): Promise<void> => expect.poll(() => host.events("cart").length).toBe(1);
const right = async (page: Page, shopify: ShopifyShop): Promise<void> =>
  expect.poll(async () => {
    const { visitorId, sessionId } = await identityOf(page);
    return shopify.ids[0] === visitorId && shopify.ids[1] === sessionId;
  }).toBe(true);

test.beforeEach(({ shopify }) => {
  shopify.items = 1;
});

const troubles: [string, Omit<Trouble, "on">][] = [
  ["a server error", { status: 500 }],
  ["a page instead of a cart", { status: 200, headers: { "Content-Type": "text/html" }, body: "<!doctype html><title>Password</title>" }],
  ["a conflict", { status: 409 }],
  ["nothing", { status: 204, body: "" }],
];
for (const [name, trouble] of troubles) {
  for (const on of ["read", "write"] as const) {
    test(`${name} to a ${on} is asked again after a pause`, async ({ page, shopify, open, problems, tolerate }) => {
      shopify.troubles.push({ on, ...trouble });
      await open();
      await right(page, shopify);
      const requests = on === "read" ? shopify.reads : shopify.writes;
      expect(requests).toHaveLength(2);
      expect((requests[1]?.at ?? 0) - (requests[0]?.at ?? 0)).toBeGreaterThan(900);
      tolerate(/Failed to load resource/);
      problems.splice(0);
    });
  }
}

test("Retry-After is honoured, whatever happens meanwhile", async ({ page, shopify, open, problems, tolerate }) => {
  shopify.troubles.push({ on: "write", status: 429, headers: { "Retry-After": "3" } });
  await open();
  await expect.poll(() => shopify.writes.length).toBe(1);
  await page.evaluate(() => theme("/cart/add.js", { id: 1 }));
  await page.evaluate(() => Selektable.setVisitorId("customer-7"));
  await right(page, shopify);
  const [first, second] = shopify.writes;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(2900);
  expect(shopify.reads.filter(({ at }) => at > (first?.at ?? 0) && at < (first?.at ?? 0) + 2900)).toEqual([]);
  expect(shopify.writes).toHaveLength(2);
  tolerate(/Failed to load resource/);
  problems.splice(0);
});

test("the pauses grow, and after five failures it is enough", async ({ page, shopify, open, problems, tolerate }) => {
  await page.clock.install();
  await page.addInitScript(() => {
    const real = fetch;
    window.asked = [];
    window.fetch = async (...request) => {
      if (request[0] !== "/cart.js") return real(...request);
      const entry = { at: Date.now(), heard: false };
      window.asked.push(entry);
      return real(...request).finally(() => (entry.heard = true));
    };
  });
  for (let count = 0; count < 20; count++) shopify.troubles.push({ on: "read", status: 503 });
  await open();
  for (let second = 0; second < 120; second++) {
    await page.clock.runFor(1000);
    // The page's time stands still while an answer is on its way.
    await expect.poll(() => page.evaluate(() => window.asked.every(({ heard }) => heard))).toBe(true);
  }
  expect(shopify.reads).toHaveLength(5);
  const times = await page.evaluate(() => window.asked.map(({ at }) => at));
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(pauses).toHaveLength(4);
  expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
  expect(pauses.at(-1)).toBeGreaterThanOrEqual(7000);
  tolerate(/Failed to load resource/);
  problems.splice(0);
});

test("a refusal is taken as one", async ({ page, shopify, open, problems, tolerate }) => {
  shopify.troubles.push({ on: "write", status: 422 });
  await open();
  await expect.poll(() => shopify.writes.length).toBe(1);
  await page.evaluate(() => theme("/cart/add.js", { id: 1 }));
  await page.evaluate(() => Selektable.setVisitorId("customer-7"));
  await calm(page);
  expect(shopify.asked.filter(({ ours }) => ours)).toHaveLength(2);
  tolerate(/Failed to load resource/);
  problems.splice(0);
});

test("without consent nothing is fetched, read or written", async ({ page, shopify, host, open }) => {
  shopify.pages.set("/", themePage(host, "", 'data-consent="required"'));
  await open();
  await page.evaluate(() => theme("/cart/add.js", { id: 1 }));
  await calm(page);
  expect(shopify.asked.filter(({ ours }) => ours)).toEqual([]);
  expect(host.requested).not.toContain("/widgets/shopify.js");
  await page.evaluate(() => Selektable.consent(true));
  await right(page, shopify);
  await expect.poll(() => host.events("cart").length).toBe(1);
});

test("consent that is taken back empties our attributes once, and only those", async ({ page, shopify, host, open }) => {
  shopify.attributes = { gift: "yes" };
  await open();
  await right(page, shopify);
  await expect.poll(() => host.events("cart").length).toBe(1);
  await page.evaluate(() => Selektable.consent(false));
  await expect.poll(() => shopify.ids).toEqual([undefined, undefined]);
  expect(shopify.writes.at(-1)?.attributes).toEqual({ selektable_visitor_id: "", selektable_session_id: "" });
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
  await page.evaluate(() => theme("/cart/add.js", { id: 1 }));
  await page.evaluate(() => Selektable.setVisitorId("customer-7"));
  await calm(page);
  expect(shopify.writes).toHaveLength(2);
  expect(shopify.attributes).toEqual({ gift: "yes" });
  expect(host.events("cart")).toHaveLength(1);
  await page.evaluate(() => Selektable.consent(true));
  await right(page, shopify);
});

test("consent that is taken back while a read is under way is not written over", async ({ page, shopify, open }) => {
  const release = shopify.hold();
  await open();
  await expect.poll(() => shopify.reads.length).toBe(1);
  await page.evaluate(() => Selektable.consent(false));
  release();
  await page.waitForTimeout(2000);
  expect(shopify.writes).toEqual([]);
});

const leave = {
  "a checkout button": '<form method="post" action="/cart"><button name="checkout">Pay</button></form>',
  "a link to the checkout": '<a href="/checkout"><b>Pay</b></a>',
  "a form of the checkout": '<form action="/checkout"><button>Pay</button></form>',
};
for (const [name, markup] of Object.entries(leave)) {
  test(`${name} sends what is missing at once and waits for nothing`, async ({ page, shopify, host, open }) => {
    shopify.pages.set("/", themePage(host, markup));
    await open();
    await right(page, shopify);
    await settled(host);
    const release = shopify.hold();
    const visitor = await page.evaluate(() => {
      Selektable.setVisitorId("customer-7");
      document.querySelector<HTMLElement>("button,a b")?.click();
      return Selektable.getIdentity().visitorId;
    });
    await page.waitForURL("**/checkout*");
    await expect.poll(() => shopify.ids[0]).toBe(visitor);
    expect(shopify.writes).toHaveLength(2);
    expect(shopify.reads).toHaveLength(1);
    // Nobody hears the answer any more, but whose cart it is was said before.
    const claims = () => host.batches.filter(({ visitorId, events }) => visitorId === visitor && events.some(({ type }) => type === "cart"));
    await expect.poll(() => claims().length).toBe(1);
    release();
  });
}

test("a checkout button in a shadow tree is seen, and an answer that comes is heard", async ({ page, shopify, host, open }) => {
  shopify.pages.set("/", themePage(host, "<div id=drawer></div>"));
  await open();
  await right(page, shopify);
  await page.evaluate(() => {
    const root = document.querySelector("#drawer")?.attachShadow({ mode: "open" });
    if (root) root.innerHTML = "<button name=checkout type=button>Pay</button>";
    Selektable.setVisitorId("customer-7");
    root?.querySelector("button")?.click();
  });
  await expect.poll(() => shopify.ids[0]).toBe("customer-7");
  await expect.poll(() => host.batches.at(-1)).toMatchObject({ visitorId: "customer-7", events: [{ type: "cart" }] });
  await calm(page);
  expect(shopify.writes).toHaveLength(2);
});

test("a cart that is right is not written again at the checkout", async ({ page, shopify, host, open }) => {
  shopify.pages.set("/", themePage(host, leave["a checkout button"]));
  await open();
  await right(page, shopify);
  await settled(host);
  await page.getByRole("button").click();
  await page.waitForURL("**/checkout");
  expect(shopify.writes).toHaveLength(1);
});

test("one that the theme has just changed is written, though a read is under way", async ({ page, shopify, host, open }) => {
  shopify.pages.set("/", themePage(host, leave["a checkout button"]));
  await open();
  await right(page, shopify);
  await settled(host);
  const release = shopify.hold();
  await page.evaluate(() => theme("/cart/add.js", { id: 1 }));
  await expect.poll(() => shopify.reads.length).toBe(2);
  await page.getByRole("button").click();
  await page.waitForURL("**/checkout");
  await expect.poll(() => shopify.writes.length).toBe(2);
  release();
});

test("at the checkout nothing is sent without consent", async ({ page, shopify, host, open }) => {
  shopify.pages.set("/", themePage(host, leave["a checkout button"]));
  await open();
  await right(page, shopify);
  await page.evaluate(() => Selektable.consent(false));
  await expect.poll(() => shopify.writes.length).toBe(2);
  await page.getByRole("button").click();
  await page.waitForURL("**/checkout");
  expect(shopify.writes).toHaveLength(2);
});
