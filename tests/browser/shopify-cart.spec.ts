/** What the script does with a Shopify cart: who is here stands in its attributes, with as few requests as can be. */
import type { Page } from "@playwright/test";
import { expect, identityOf, test, themePage, type ShopifyShop } from "./support/shopify.ts";

declare const theme: (path: string, body?: object) => Promise<unknown>;

/** Longer than any delay of the script while all is well: nothing more comes after it. */
const calm = (page: Page) => page.waitForTimeout(1500);
const idsOf = async (page: Page): Promise<string[]> => {
  const { visitorId, sessionId } = await identityOf(page);
  return [visitorId, sessionId];
};
const right = async (page: Page, shopify: ShopifyShop): Promise<void> =>
  expect.poll(async () => JSON.stringify(shopify.ids) === JSON.stringify(await idsOf(page))).toBe(true);

test.beforeEach(({ shopify }) => {
  shopify.items = 1;
});

test("the attributes are written once, others stay, and the cart's token is reported without its key", async ({ page, shopify, host, open }) => {
  shopify.attributes = { gift: "yes" };
  await open();
  await right(page, shopify);
  await expect.poll(() => host.events("cart").length).toBe(1);
  await calm(page);
  expect(shopify.reads).toHaveLength(1);
  expect(shopify.writes).toMatchObject([{ path: "/cart/update.js" }]);
  expect(shopify.attributes.gift).toBe("yes");
  expect(Object.keys(shopify.writes[0]?.attributes ?? {})).toEqual(["selektable_visitor_id", "selektable_session_id"]);
  expect(host.events("cart")).toMatchObject([{ cartToken: shopify.token }]);
  expect(host.batches.at(-1)?.visitorId).toBe(shopify.ids[0]);
});

test("a cart that has our values is read and never written, and its token is reported once for all pages", async ({ page, shopify, host, open }) => {
  await open();
  await right(page, shopify);
  await expect.poll(() => host.events("cart").length).toBe(1);
  await page.reload();
  await expect.poll(() => shopify.reads.length).toBe(2);
  await calm(page);
  expect(shopify.writes).toHaveLength(1);
  expect(host.events("cart")).toHaveLength(1);
  shopify.token = "another";
  await page.reload();
  await expect.poll(() => host.events("cart").map(({ cartToken }) => cartToken)).toEqual(["Z2NwLWV1cm9wZS13ZXN0MTox", "another"]);
  expect(shopify.writes).toHaveLength(1);
});

test("until the first write a token is worth nothing: the one of the answer is reported", async ({ page, shopify, host, open }) => {
  shopify.settled = false;
  await open();
  await right(page, shopify);
  await expect.poll(() => host.events("cart").map(({ cartToken }) => cartToken)).toEqual([shopify.token]);
});

test("a token of no use is not reported", async ({ page, shopify, host, open }) => {
  shopify.token = "x".repeat(256);
  await open();
  await right(page, shopify);
  await calm(page);
  expect(host.events("cart")).toEqual([]);
});

test("a theme that reads the cart again and again starts no loop", async ({ page, shopify, open }) => {
  await open();
  await page.evaluate(() => setInterval(() => void theme("/cart.js"), 100));
  await right(page, shopify);
  await page.waitForTimeout(3000);
  expect(shopify.writes).toHaveLength(1);
  expect(shopify.reads).toHaveLength(1);
});

test("a theme that writes the cart again and again is read at a bounded rate and never answered by a write", async ({ page, shopify, open }) => {
  await open();
  await right(page, shopify);
  const start = Date.now();
  await page.evaluate(() => setInterval(() => void theme("/cart/update.js", { note: "x" }), 50));
  await page.waitForTimeout(3000);
  const [reads, milliseconds] = [shopify.reads.length, Date.now() - start];
  expect(shopify.writes).toHaveLength(1);
  // The first one, and one in each quarter of a second.
  expect(reads).toBeLessThan(milliseconds / 250 + 2);
});

test("nobody who only looks around gets a cart, and the first thing put into one is enough", async ({ page, shopify, open }) => {
  shopify.items = 0;
  await open("/", "no cart");
  await page.evaluate(() => Selektable.identify("u1"));
  await calm(page);
  expect(shopify.asked).toEqual([]);
  await page.evaluate(() => theme("/cart/add.js", { id: 1 }));
  await right(page, shopify);
  expect(shopify.writes).toHaveLength(1);
});

test("a cart with nothing in it is left alone", async ({ page, shopify, open }) => {
  shopify.items = 0;
  await open();
  await expect.poll(() => shopify.reads.length).toBe(1);
  await calm(page);
  expect(shopify.writes).toEqual([]);
  expect(shopify.ids).toEqual([undefined, undefined]);
});

test("what changes at once is written at once, with one request under way at a time", async ({ page, shopify, open }) => {
  await open();
  await right(page, shopify);
  shopify.delay = 300;
  await page.evaluate(() => {
    Selektable.reset();
    Selektable.identify("u1");
    Selektable.setVisitorId("customer-7");
  });
  await expect.poll(() => shopify.ids[0]).toBe("customer-7");
  await calm(page);
  expect(shopify.writes).toHaveLength(2);
  await page.evaluate(async () => {
    for (const id of ["a1", "a2", "a3", "a4", "a5", "a6"]) {
      Selektable.setVisitorId(id);
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  });
  await expect.poll(() => shopify.ids[0]).toBe("a6");
  expect(shopify.mostAtOnce).toBe(1);
});

test("an event is reported for each visitor of one cart", async ({ page, shopify, host, open }) => {
  await open();
  await right(page, shopify);
  await page.evaluate(() => Selektable.setVisitorId("customer-7"));
  await expect.poll(() => host.batches.filter(({ events }) => events.some(({ type }) => type === "cart")).map(({ visitorId }) => visitorId)).toEqual([
    expect.stringMatching(/^v_/),
    "customer-7",
  ]);
});

test("a write that another script undoes is repeated", async ({ page, shopify, open }) => {
  let races = 2;
  shopify.meanwhile = (shop) => races-- > 0 && (shop.attributes = { other: "app" });
  await open();
  await right(page, shopify);
  await calm(page);
  expect(shopify.writes).toHaveLength(3);
  // Later on, with an answer that looked right.
  shopify.attributes = { other: "app" };
  await page.evaluate(() => theme("/cart/update.js", { attributes: { other: "again" } }));
  await right(page, shopify);
  expect(shopify.writes).toHaveLength(4);
  expect(shopify.attributes.other).toBe("again");
});

test("against a script that always undoes it we give up", async ({ page, shopify, open }) => {
  shopify.meanwhile = (shop) => (shop.attributes = { other: "app" });
  await open();
  await expect.poll(() => shopify.writes.length).toBe(5);
  await page.evaluate(() => theme("/cart/add.js", { id: 1 }));
  await calm(page);
  expect(shopify.writes).toHaveLength(5);
});

test("a market's cart lives under the market's prefix", async ({ page, shopify, host, open }) => {
  shopify.pages.set("/en-ca", themePage(host, "", "", "/en-ca/"));
  await open("/en-ca");
  await right(page, shopify);
  expect(shopify.asked.map(({ path }) => path)).toEqual(["/en-ca/cart.js", "/en-ca/cart/update.js"]);
  await page.evaluate(() => theme("/en-ca/cart/add.js", { id: 1 }));
  await expect.poll(() => shopify.reads.length).toBe(2);
});

for (const root of ["//evil.example/", "https://evil.example/", 7]) {
  test(`a prefix that is none (${root}) is not followed`, async ({ page, shopify, host, open }) => {
    shopify.pages.set("/", { html: themePage(host).html.replace('root: "/"', `root: ${JSON.stringify(root)}`) });
    await open();
    await right(page, shopify);
    expect(shopify.writes).toMatchObject([{ path: "/cart/update.js" }]);
  });
}

test("elsewhere than on Shopify the script is not even fetched, unless the tag says so", async ({ page, shop, shopify, host, open }) => {
  const plain = themePage(host).html.replace(/window\.Shopify = .*;/, "");
  shop.pages.set("/", { html: plain });
  await page.goto(shop.origin);
  await expect.poll(() => host.events("page").length).toBe(1);
  expect(host.requested).not.toContain("/widgets/shopify.js");
  shopify.pages.set("/", { html: plain.replace("data-store-id", 'data-platform="shopify" data-store-id') });
  await open();
  await right(page, shopify);
});

test("what the widget does makes us look", async ({ page, shopify, host, open }) => {
  shopify.pages.set("/", themePage(host, '<button data-selektable-widget="widget_1" data-product-id="7" data-product-images="/chair.png">See it</button>'));
  await open();
  await right(page, shopify);
  shopify.attributes = {};
  await page.getByRole("button", { name: "See it" }).click();
  await right(page, shopify);
  expect(shopify.writes).toHaveLength(2);
});

test("a strict page needs nothing but the documented directives, with the widget too", async ({ page, shopify, host, open }) => {
  const html = themePage(host, '<button data-selektable-widget="widget_1" data-product-id="7" data-product-images="/chair.png">See it</button>', 'nonce="n1"').html;
  const policy = `default-src 'none'; script-src 'nonce-n1'; connect-src ${host.origin} 'self'; frame-src ${host.origin}; img-src 'self'; require-trusted-types-for 'script'; trusted-types selektable`;
  shopify.pages.set("/", { html: html.replace("<script>", '<script nonce="n1">'), headers: { "Content-Security-Policy": policy } });
  await open();
  await right(page, shopify);
  await page.getByRole("button", { name: "See it" }).click();
  await expect(page.frameLocator("iframe").getByRole("button", { name: "Choose a photo" })).toBeVisible();
});

test("where storage is denied the ids of the page load are written", async ({ page, shopify, host, open }) => {
  await page.addInitScript(() => {
    for (const area of ["localStorage", "sessionStorage"]) Object.defineProperty(window, area, { get: () => { throw new Error("denied"); } });
  });
  await open();
  await right(page, shopify);
  await expect.poll(() => host.events("cart").length).toBe(1);
});

test("a script that can't be fetched is nobody's problem", async ({ page, shopify, open, tolerate }) => {
  tolerate(/Failed to load resource/);
  await page.route("**/widgets/shopify.*.js", (route) => route.abort());
  await open();
  await page.evaluate(() => Selektable.setVisitorId("customer-7"));
  expect((await identityOf(page)).visitorId).toBe("customer-7");
  await calm(page);
  expect(shopify.asked).toEqual([]);
});
