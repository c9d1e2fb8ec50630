import { expect, identityOf, page as shopPage, tag, test } from "./support/fixtures.ts";

const stored = () => [localStorage.length, sessionStorage.length];
const gpc = () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true });
const dnt = () => Object.defineProperty(Navigator.prototype, "doNotTrack", { get: () => "1" });

test("where consent is required nothing is stored or sent before it is given", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host, 'data-consent="required"'), '<form><input type="hidden" name="visitorId"></form>'));
  await page.goto(shop.origin);
  const before = await identityOf(page);
  await page.evaluate(() => {
    Selektable.identify("u1");
    Selektable.track("seen");
    Selektable.track("$conversion", { orderId: "1" });
  });
  expect(await page.evaluate(stored)).toEqual([0, 0]);
  await expect(page.locator("input")).toHaveValue(before.visitorId);
  await page.evaluate(() => Selektable.consent(true));
  const after = await identityOf(page);
  expect(after.visitorId).not.toBe(before.visitorId);
  expect(after.sessionId).not.toBe(before.sessionId);
  await expect(page.locator("input")).toHaveValue(after.visitorId);
  expect(await page.evaluate(stored)).toEqual([1, 1]);
  // The page that is being looked at counts from now on; what was done before does not.
  await expect.poll(() => host.events().map(({ type }) => type)).toEqual(["page"]);
  expect(host.batches[0]).toMatchObject({ consent: true, visitorId: after.visitorId });
  await page.reload();
  expect(await identityOf(page)).toEqual(after);
});

test("without consent the ids of a page load are random and stay as they are", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host, 'data-consent="required"')));
  await page.goto(shop.origin);
  const first = await identityOf(page);
  expect(await identityOf(page)).toEqual(first);
  await page.reload();
  expect((await identityOf(page)).visitorId).not.toBe(first.visitorId);
});

test("consent(false) removes what was stored, drops what waited, and sends nothing", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host) + "<script>Selektable.track('waiting'); Selektable.consent(false)</script>"));
  await page.goto(shop.origin);
  expect(await page.evaluate(stored)).toEqual([0, 0]);
  await page.evaluate(() => Selektable.track("later"));
  await page.goto("about:blank");
  expect(host.batches).toEqual([]);
});

for (const [name, signal] of [["Global Privacy Control", gpc], ["Do Not Track", dnt]] as const) {
  test(`${name} is a no, until the visitor says yes in so many words`, async ({ page, shop, host }) => {
    shop.pages.set("/", shopPage(tag(host)));
    await page.addInitScript(signal);
    await page.goto(shop.origin);
    expect(await page.evaluate(stored)).toEqual([0, 0]);
    await page.evaluate(() => Selektable.consent(true));
    await page.reload();
    await page.evaluate(() => Selektable.track("after"));
    await expect.poll(() => host.events("custom").length).toBe(1);
    expect(host.batches.every(({ consent }) => consent === true)).toBe(true);
  });
}

test("consent that nobody asked for is not claimed", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  await expect.poll(() => host.batches.length).toBe(1);
  expect(host.batches[0]).not.toHaveProperty("consent");
});

test("a choice in one tab holds in the others", async ({ page, context, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host, 'data-consent="required"')));
  await page.goto(shop.origin);
  const other = await context.newPage();
  await other.goto(shop.origin);
  await other.evaluate(() => Selektable.consent(true));
  await expect.poll(async () => (await identityOf(page)).visitorId).toBe((await identityOf(other)).visitorId);
  await page.evaluate(() => Selektable.consent(false));
  await expect.poll(() => other.evaluate(stored)).toEqual([0, 0]);
});
