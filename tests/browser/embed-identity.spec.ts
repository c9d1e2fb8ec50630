import { expect, identityOf, page as shopPage, tag, test } from "./support/fixtures.ts";

test.beforeEach(({ host, shop }) => {
  shop.pages.set("/", shopPage(tag(host), '<a href="/next">Next</a> <a href="/next" target="_blank" rel="opener">Tab</a>'));
  shop.pages.set("/next", shopPage(tag(host), '<a href="/">Back</a>'));
});

test("the identity is there at once, and the anonymous id starts as the visitor id", async ({ page, shop }) => {
  await page.goto(shop.origin);
  const identity = await identityOf(page);
  expect(identity.visitorId).toMatch(/^v_[0-9a-f]{32}$/);
  expect(identity.sessionId).toMatch(/^s_[0-9a-f]{32}$/);
  expect(identity.anonymousId).toBe(identity.visitorId);
  expect(identity).not.toHaveProperty("userId");
  expect(await page.context().cookies()).toEqual([]);
});

test("reload, links, back and forward keep visitor and session", async ({ page, shop }) => {
  await page.goto(shop.origin);
  const first = await identityOf(page);
  await page.reload();
  expect(await identityOf(page)).toEqual(first);
  await page.getByRole("link", { name: "Next" }).click();
  await page.waitForURL("**/next");
  expect(await identityOf(page)).toEqual(first);
  await page.goBack();
  expect(await identityOf(page)).toEqual(first);
  await page.goForward();
  expect(await identityOf(page)).toEqual(first);
  await page.evaluate(() => location.replace("/"));
  await page.waitForURL(shop.origin + "/");
  expect(await identityOf(page)).toEqual(first);
});

test("coming back from another site keeps the session", async ({ page, shop, host }) => {
  await page.goto(shop.origin);
  const first = await identityOf(page);
  await page.goto(host.origin + "/widgets/embed.js");
  await page.goto(shop.origin + "/next");
  expect(await identityOf(page)).toEqual(first);
});

test("a new tab keeps the visitor and has its own session", async ({ page, context, shop }) => {
  await page.goto(shop.origin);
  const other = await context.newPage();
  await other.goto(shop.origin);
  const [one, two] = [await identityOf(page), await identityOf(other)];
  expect(two.visitorId).toBe(one.visitorId);
  expect(two.sessionId).not.toBe(one.sessionId);
});

test("a tab opened by script has its own session, keeps it on reload, and leaves the opener's alone", async ({ page, shop }) => {
  await page.goto(shop.origin);
  const one = await identityOf(page);
  const [tab] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void window.open("/next"))]);
  await tab.waitForLoadState();
  expect(await tab.evaluate(() => sessionStorage.length)).toBe(1);
  const two = await identityOf(tab);
  expect(two.visitorId).toBe(one.visitorId);
  expect(two.sessionId).not.toBe(one.sessionId);
  await tab.reload();
  expect(await identityOf(tab)).toEqual(two);
  await tab.evaluate(() => location.replace("/"));
  await tab.waitForURL(shop.origin + "/");
  expect(await identityOf(tab)).toEqual(two);
  expect(await identityOf(page)).toEqual(one);
});

test("a tab opened by a link that keeps its opener has its own session", async ({ page, shop }) => {
  await page.goto(shop.origin);
  const [tab] = await Promise.all([page.waitForEvent("popup"), page.getByRole("link", { name: "Tab" }).click()]);
  await tab.waitForLoadState();
  expect((await identityOf(tab)).sessionId).not.toBe((await identityOf(page)).sessionId);
});

test("a tab whose opener was cut off has its own session", async ({ page, shop }) => {
  await page.goto(shop.origin);
  const [tab] = await Promise.all([
    page.waitForEvent("popup"),
    page.evaluate(() => {
      const opened = window.open("about:blank");
      if (!opened) return;
      opened.opener = null;
      opened.location.href = "/next";
    }),
  ]);
  await tab.waitForURL("**/next");
  expect((await identityOf(tab)).sessionId).not.toBe((await identityOf(page)).sessionId);
});

test("a tab opened by a page without the script, from a tab that has a session, has its own", async ({ page, shop }) => {
  shop.pages.set("/plain", shopPage(""));
  await page.goto(shop.origin);
  const one = await identityOf(page);
  await page.goto(shop.origin + "/plain");
  const [tab] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void window.open("/next"))]);
  await tab.waitForLoadState();
  expect((await identityOf(tab)).sessionId).not.toBe(one.sessionId);
  await page.goto(shop.origin);
  expect(await identityOf(page)).toEqual(one);
});

test("a frame of the same origin shares its tab's session", async ({ page, shop, host }) => {
  shop.pages.set("/framed", shopPage(tag(host), '<iframe src="/next"></iframe>'));
  await page.goto(shop.origin + "/framed");
  const frame = page.frames().find((each) => each.url().endsWith("/next"));
  expect(await frame?.evaluate(() => Selektable.getIdentity())).toEqual(await identityOf(page));
});

test("two stores on one origin do not mix", async ({ page, shop, host }) => {
  shop.pages.set("/other", shopPage(tag(host).replace("store_1", "store_2")));
  await page.goto(shop.origin);
  const one = await identityOf(page);
  await page.goto(shop.origin + "/other");
  const two = await identityOf(page);
  expect(two.visitorId).not.toBe(one.visitorId);
  expect(two.sessionId).not.toBe(one.sessionId);
  await page.goto(shop.origin);
  expect(await identityOf(page)).toEqual(one);
});

test("identify remembers the user and traits, and reset forgets everything", async ({ page, shop, host }) => {
  await page.goto(shop.origin);
  const anonymous = await identityOf(page);
  await page.evaluate(() => Selektable.identify(42, { plan: "gold" }));
  const known = { ...anonymous, userId: "42", traits: { plan: "gold" } };
  expect(await identityOf(page)).toEqual(known);
  await page.reload();
  expect(await identityOf(page)).toEqual(known);
  await page.evaluate(() => Selektable.reset());
  const fresh = await identityOf(page);
  expect(fresh).not.toHaveProperty("userId");
  expect(new Set([fresh.visitorId, fresh.sessionId, known.visitorId, known.sessionId]).size).toBe(4);
  expect(fresh.anonymousId).toBe(fresh.visitorId);
  await expect.poll(() => host.events("identify")).toMatchObject([{ userId: "42", traits: { plan: "gold" } }]);
  const batch = host.batches.find(({ events }) => events.some(({ type }) => type === "identify"));
  expect(batch).toMatchObject({ visitorId: anonymous.visitorId, sessionId: anonymous.sessionId });
});

test("setVisitorId also sets the anonymous id until a user is known", async ({ page, shop }) => {
  await page.goto(shop.origin);
  await page.evaluate(() => Selektable.setVisitorId("shop-7"));
  expect(await identityOf(page)).toMatchObject({ visitorId: "shop-7", anonymousId: "shop-7" });
  await page.evaluate(() => {
    Selektable.identify("u1");
    Selektable.setVisitorId("shop-8");
  });
  expect(await identityOf(page)).toMatchObject({ visitorId: "shop-8", anonymousId: "shop-7", userId: "u1" });
});

test("ids that stand for nobody are ignored", async ({ page, shop }) => {
  await page.goto(shop.origin);
  const before = await identityOf(page);
  await page.evaluate(() => {
    for (const nobody of ["", " ", "undefined", "null", "NaN", "anonymous", "0", 0, null, undefined, {}, "[object Object]", "00000000-0000-0000-0000-000000000000", "x".repeat(256)]) {
      Selektable.identify(nobody);
      Selektable.setVisitorId(nobody);
    }
  });
  expect(await identityOf(page)).toEqual(before);
});

test("another tab's new visitor is this tab's visitor", async ({ page, context, shop }) => {
  await page.goto(shop.origin);
  const other = await context.newPage();
  await other.goto(shop.origin);
  await other.evaluate(() => Selektable.setVisitorId("shop-9"));
  await expect.poll(async () => (await identityOf(page)).visitorId).toBe("shop-9");
});

for (const [name, breakStorage] of [
  ["throws", () => ["localStorage", "sessionStorage"].forEach((area) => Object.defineProperty(window, area, { get: () => { throw new DOMException("denied", "SecurityError"); } }))],
  ["is null", () => ["localStorage", "sessionStorage"].forEach((area) => Object.defineProperty(window, area, { value: null }))],
  ["is full", () => (Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); })],
] as [string, () => void][]) {
  test(`when storage ${name} the ids last one page load and everything works`, async ({ page, shop, host }) => {
    await page.addInitScript(breakStorage);
    await page.goto(shop.origin);
    const identity = await identityOf(page);
    expect(await identityOf(page)).toEqual(identity);
    await page.evaluate(() => Selektable.identify("u1"));
    expect(await identityOf(page)).toMatchObject({ visitorId: identity.visitorId, userId: "u1" });
    await expect.poll(() => host.events("page").length).toBe(1);
    await page.reload();
    expect((await identityOf(page)).visitorId).not.toBe(identity.visitorId);
  });
}

test("stored text that is not ours is replaced", async ({ page, shop }) => {
  await page.addInitScript(() => {
    localStorage.setItem("selektable:store_1", '{"v":7}');
    sessionStorage.setItem("selektable:store_1", "nonsense");
  });
  await page.goto(shop.origin);
  expect(await identityOf(page)).toMatchObject({ visitorId: expect.stringMatching(/^v_/), sessionId: expect.stringMatching(/^s_/) });
});
