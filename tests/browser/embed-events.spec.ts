import { expect, identityOf, page as shopPage, tag, test } from "./support/fixtures.ts";

test("a page is counted with its address but not its query, and only the referrer's origin", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  shop.pages.set("/from", shopPage("", '<a href="/?email=a@b.example#x">Go</a>'));
  await page.goto(shop.origin + "/from?q=1");
  await page.getByRole("link").click();
  await expect.poll(() => host.events("page")).toMatchObject([{ url: shop.origin + "/", referrer: shop.origin }]);
  const [batch] = host.batches;
  expect(batch?.storeId).toBe("store_1");
  expect(Math.abs((batch?.sentAt ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(batch?.events[0]?.at).toBeLessThanOrEqual(batch?.sentAt ?? 0);
  expect(JSON.stringify(host.batches)).not.toContain("email");
});

test("a single-page app's pages are counted, and a widget that appears later is exposed once", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host), '<div id="view"></div>'));
  await page.goto(shop.origin);
  const original = await page.evaluate(() => String(history.pushState));
  await page.evaluate(() => {
    history.pushState({ mine: 1 }, "", "/chair?colour=red");
    const view = document.getElementById("view") as HTMLElement;
    view.innerHTML = '<button data-selektable-widget="widget_1" data-product-id="7">See it</button>';
  });
  await expect.poll(() => host.events("exposure")).toMatchObject([{ widgetId: "widget_1", productId: "7" }]);
  await page.goBack();
  await expect.poll(() => host.events("page").map(({ url }) => url)).toEqual([`${shop.origin}/`, `${shop.origin}/chair`, `${shop.origin}/`]);
  expect(host.events("exposure")).toHaveLength(1);
  expect(original).toContain("[native code]");
});

test("an element below the fold is exposed only when it comes into view", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host), '<div style="height:3000px"></div><button data-selektable-widget="widget_1">See it</button>'));
  await page.goto(shop.origin);
  await expect.poll(() => host.events("page").length).toBe(1);
  expect(host.events("exposure")).toEqual([]);
  await page.getByRole("button").scrollIntoViewIfNeeded();
  await expect.poll(() => host.events("exposure").length).toBe(1);
});

test("a conversion is sent at once, also when the page is left in the same breath", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  await page.evaluate(() => {
    Selektable.track("$conversion", { orderId: 1042, totalCents: 4999, currency: "EUR", items: [{ productId: "7", quantity: 1, priceCents: 4999, totalCents: 4999 }] });
    location.href = "about:blank";
  });
  await page.waitForURL("about:blank");
  await expect.poll(() => host.events("conversion")).toMatchObject([{ orderId: 1042, totalCents: 4999, currency: "EUR" }]);
});

test("other names are kept as events, and what waits leaves with the page", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  await page.evaluate(() => {
    Selektable.track("size_guide", { open: true, type: "mine" });
    location.href = "about:blank";
  });
  await page.waitForURL("about:blank");
  await expect.poll(() => host.events("custom")).toMatchObject([{ name: "size_guide", properties: { open: true, type: "mine" } }]);
});

test("a batch that failed is sent once more with the same ids", async ({ page, shop, host, problems, tolerate }) => {
  shop.pages.set("/", shopPage(tag(host)));
  const tried: string[][] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/events")) tried.push(JSON.parse(request.postData() ?? "{}").events.map(({ id }: { id: string }) => id));
  });
  host.refusals.push({ path: /events/, status: 503, detail: "storage is down" });
  await page.clock.install();
  await page.goto(shop.origin);
  await page.clock.runFor(1500);
  await expect.poll(() => tried.length).toBe(1);
  await expect.poll(() => host.refusals.length).toBe(0);
  // The answer reaches the page a moment later; the clock only moves when told.
  await expect.poll(async () => (await page.clock.runFor(6000), host.events("page").length)).toBe(1);
  expect(tried).toHaveLength(2);
  expect(tried[1]).toEqual(tried[0]);
  tolerate(/Failed to load resource/);
  problems.splice(0);
});

test("with the server gone the queue stays bounded and the page never notices", async ({ page, shop, host, tolerate }) => {
  tolerate(/Failed to load resource/);
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  await host.stop();
  const identity = await identityOf(page);
  await page.evaluate(() => {
    for (let i = 0; i < 500; i++) Selektable.track("many", { i });
  });
  expect(await identityOf(page)).toEqual(identity);
  await host.start();
});

test("events before a reset belong to the visitor of then", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  const before = await identityOf(page);
  await page.evaluate(() => {
    Selektable.track("before");
    Selektable.reset();
    Selektable.track("after");
  });
  const after = await identityOf(page);
  await expect.poll(() => host.events("custom").length).toBe(2);
  const visitorOf = (name: string) => host.batches.find(({ events }) => events.some((event) => event.name === name))?.visitorId;
  expect([visitorOf("before"), visitorOf("after")]).toEqual([before.visitorId, after.visitorId]);
});

const BEACON_BYTES_MAX = 400;

test("what a page view sends is small: with ids of full length, a yes, and a long address", async ({ page, shop, host }) => {
  const storeId = "store_01jdc2v7h8k3m5n7p9q1r3s5t7";
  const path = "/collections/living-room/products/armchair-kade-in-walnut";
  shop.pages.set(path, { html: shopPage(tag(host)).html.replace("store_1", storeId) });
  shop.pages.set("/from", shopPage("", `<a href="${path}">Go</a>`));
  await page.goto(shop.origin + "/from");
  await page.evaluate((store) => localStorage.setItem("selektable:" + store, JSON.stringify({ v: "v_" + "0".repeat(32), a: "v_" + "0".repeat(32), c: 1 })), storeId);
  await page.getByRole("link").click();
  await expect.poll(() => host.batches).toMatchObject([{ storeId, consent: true, events: [{ type: "page", url: shop.origin + path, referrer: shop.origin }] }]);
  expect(host.bodies[0]?.length).toBeLessThanOrEqual(BEACON_BYTES_MAX);
  // The ids are most of it, so what follows within the second goes along for less.
  await page.evaluate(() => {
    for (let i = 0; i < 5; i++) Selektable.track("size_guide", { open: true });
  });
  await expect.poll(() => host.bodies.length).toBe(2);
  expect(host.batches[1]?.events).toHaveLength(5);
  expect(host.bodies[1]?.length).toBeLessThanOrEqual(3 * BEACON_BYTES_MAX);
});

test("an id begins with the time it was made at, so that those of one hour stand together, and ends with chance", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  await page.evaluate(() => {
    for (let i = 0; i < 19; i++) Selektable.track("many", { i });
  });
  await expect.poll(() => host.events().length).toBe(20);
  for (const { id, at } of host.events()) {
    expect(id).toMatch(/^e_[0-9a-f]{32}$/);
    expect(Math.abs(parseInt(id.slice(2, 14), 16) - at)).toBeLessThan(1000);
  }
  expect(new Set(host.events().map(({ id }) => id.slice(14))).size).toBe(20);
});

test("a many-fold track goes out in batches of at most 20, each event once", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  await page.evaluate(() => {
    for (let i = 0; i < 65; i++) Selektable.track("many", { i });
  });
  await expect.poll(() => host.events("custom").length).toBe(65);
  expect(Math.max(...host.batches.map(({ events }) => events.length))).toBeLessThanOrEqual(20);
  expect(new Set(host.events().map(({ id }) => id)).size).toBe(host.events().length);
});
