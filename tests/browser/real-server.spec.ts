/** The scripts against the real program: what the mock promises is what the server does. */
import type { Response } from "@playwright/test";
import { expect, identityOf, page as shopPage, test } from "./support/fixtures.ts";
import { MockShop } from "./support/mock-server.ts";
import { RealServer } from "./support/real-server.ts";
import { closeWidget, makePicture, openWidget, roomFile } from "./support/widget.ts";

interface Conversion {
  orderId: string;
  attribution: { type: string; reason: string };
}

/** The form and script of the documentation, as they stand there. */
const SEED_FORM = `<form action="/your-endpoint" method="POST">
  <input type="hidden" name="visitorId" id="sel-visitor-id" />
  <input type="hidden" name="sessionId" id="sel-session-id" />
  <button type="submit">Submit</button>
</form>
<script>
  var identity = Selektable.getIdentity();
  document.getElementById('sel-visitor-id').value = identity.visitorId;
  document.getElementById('sel-session-id').value = identity.sessionId;
</script>`;

const tagOf = (server: RealServer, storeId: string): string => `<script src="${server.origin}/widgets/embed.js" data-store-id="${storeId}"></script>`;
const buttonOf = (widgetId: string): string =>
  `<button data-selektable-widget="${widgetId}" data-product-id="7" data-product-title="Chair Nora" data-product-images="/chair.png">See it</button>`;

let server: RealServer;
test.beforeEach(() => {
  server = new RealServer();
});
test.afterEach(() => server.stop());

test("from a picture over the documentation's form and webhook to a direct conversion", async ({ page, shop }) => {
  const [account] = await server.start({ shop: [] });
  if (!account) throw new Error("no account");
  const { organizationId, storeId, widgetId, apiKey } = account;
  shop.pages.set("/", shopPage(tagOf(server, storeId), buttonOf(widgetId) + SEED_FORM));
  const frame = await openWidget(page, shop);
  await makePicture(page, frame);
  const picture = frame.getByRole("img", { name: "Chair Nora in your room" });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(800);
  // The chair's green where the wall would be: the product really is in the photo.
  const green = await picture.evaluate((image: HTMLImageElement) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    const [red = 0, strong = 0] = context?.getImageData(400, 350, 1, 1).data ?? [];
    return strong - red;
  });
  expect(green).toBeGreaterThan(20);
  await closeWidget(page);

  const identity = await identityOf(page);
  await page.getByRole("button", { name: "Submit" }).click();
  await page.waitForURL("**/your-endpoint");
  const [form] = shop.forms;
  expect(Object.fromEntries(form ?? [])).toEqual({ visitorId: identity.visitorId, sessionId: identity.sessionId });
  const order = { orderId: "1001", storeId, organizationId, ...Object.fromEntries(form ?? []), totalCents: 4999, currency: "EUR", platform: "custom", status: "completed", orderCreatedAt: new Date().toISOString(), items: [{ productId: "7", quantity: 1, priceCents: 4999, totalCents: 4999 }] };
  const answer = await fetch(`${server.origin}/api/webhooks/orders`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${apiKey}` }, body: JSON.stringify(order) });
  expect(await answer.json()).toMatchObject({ success: true, attribution: { type: "direct" } });
  const list = await server.get<{ data: Conversion[] }>(`/api/v1/stores/${storeId}/conversions`, apiKey);
  expect(list.data).toMatchObject([{ orderId: "1001", attribution: { type: "direct" } }]);
});

test("every event of the script is taken, and a conversion from the browser is attributed", async ({ page, shop }) => {
  const [account] = await server.start({ shop: [] });
  if (!account) throw new Error("no account");
  // Kept as promises and read before the test ends: a listener that is still reading then would fail it.
  const answers: Promise<{ refused?: unknown[] }>[] = [];
  const listen = (response: Response): void => {
    if (response.url().endsWith("/api/events")) answers.push(response.json() as Promise<{ refused?: unknown[] }>);
  };
  page.on("response", listen);
  const open = `<script>const show = () => Selektable.open("${account.widgetId}", { productId: 7, productTitle: "Chair", productImage: "/chair.png", onAddToCart() {}, onViewCart() {} })</script>`;
  shop.pages.set("/", shopPage(tagOf(server, account.storeId) + open, buttonOf(account.widgetId)));
  const frame = await openWidget(page, shop);
  await closeWidget(page);
  await page.evaluate("show()");
  await makePicture(page, frame);
  await frame.getByRole("button", { name: "Add to cart" }).click();
  await frame.getByRole("button", { name: "View cart" }).click();
  await expect(page.locator("dialog")).toBeHidden();
  await page.evaluate(() => {
    Selektable.identify(42, { plan: "gold" });
    Selektable.track("size_guide", { open: true });
    Selektable.track("$conversion", { orderId: 77, totalCents: 1500, currency: "EUR", items: [{ productId: 7, quantity: 1, priceCents: 1500, totalCents: 1500 }] });
  });
  await expect
    .poll(async () => (await server.get<{ data: Conversion[] }>(`/api/v1/stores/${account.storeId}/conversions`, account.apiKey)).data)
    .toMatchObject([{ orderId: "77", source: "browser", userId: "42", attribution: { type: "direct" } }]);
  await expect.poll(() => answers.length).toBeGreaterThan(0);
  page.off("response", listen);
  const read = await Promise.all(answers);
  expect(read.flatMap(({ refused }) => refused ?? [])).toEqual([]);
});

test("the script's address with its version works like the plain one, and all of both is kept for a year but the plain one", async ({ page, shop }) => {
  const [account] = await server.start({ shop: [] });
  if (!account) throw new Error("no account");
  const { headers } = await fetch(server.origin + "/widgets/embed.js");
  expect(headers.get("Cache-Control")).toBe("public, max-age=300, stale-while-revalidate=86400");
  const versioned = headers.get("Content-Location") ?? "";
  expect(versioned).toMatch(/^\/widgets\/embed\.[0-9a-f]{8}\.js$/);
  const kept = new Map<string, string | undefined>();
  page.on("response", (answer) => kept.set(new URL(answer.url()).pathname, answer.headers()["cache-control"]));
  shop.pages.set("/", shopPage(tagOf(server, account.storeId).replace("/widgets/embed.js", versioned), buttonOf(account.widgetId)));
  await makePicture(page, await openWidget(page, shop));
  const files = [...kept].filter(([path]) => /^\/widgets\/.*\.(js|css)$/.test(path));
  expect(files.map(([path]) => path.replace(/[0-9a-f]{8}/, "*")).sort()).toEqual(["embed", "frame", "frame", "widget"].map((name, index) => `/widgets/${name}.*.${index === 1 ? "css" : "js"}`));
  expect(new Set(files.map(([, control]) => control))).toEqual(new Set(["public, max-age=31536000, immutable"]));
});

test("two stores on two origins do not see each other, and a store's domains are the only pages of its widget", async ({ page, context, shop, problems, tolerate }) => {
  const other = await new MockShop().start();
  try {
    const [one, two] = await server.start({ one: [shop.origin], two: [other.origin] });
    if (!one || !two) throw new Error("no accounts");
    shop.pages.set("/", shopPage(tagOf(server, one.storeId), buttonOf(one.widgetId)));
    other.pages.set("/", shopPage(tagOf(server, two.storeId), buttonOf(two.widgetId)));
    // The first store's ids on the second shop's page.
    other.pages.set("/stolen", shopPage(tagOf(server, one.storeId), buttonOf(one.widgetId)));
    await makePicture(page, await openWidget(page, shop));
    const stranger = await context.newPage();
    await makePicture(stranger, await openWidget(stranger, other));
    expect((await identityOf(stranger)).visitorId).not.toBe((await identityOf(page)).visitorId);
    for (const { storeId, apiKey } of [one, two]) {
      const list = await server.get<{ data: unknown[] }>(`/api/v1/stores/${storeId}/visualizations`, apiKey);
      expect(list.data).toHaveLength(1);
    }
    expect(problems).toEqual([]);
    await stranger.goto(other.origin + "/stolen");
    await stranger.getByRole("button", { name: "See it" }).click();
    await expect(stranger.getByRole("alert")).toContainText("could not be loaded");
    tolerate(/Failed to load resource/);
    problems.splice(0);
  } finally {
    await other.stop();
    tolerate(/Failed to load resource/);
    problems.splice(0);
  }
});

test("a product picture that the server must not fetch is said in words", async ({ page, shop, problems, tolerate }) => {
  const [account] = await server.start({ shop: [] });
  if (!account) throw new Error("no account");
  shop.pages.set("/", shopPage(tagOf(server, account.storeId), buttonOf(account.widgetId).replace("/chair.png", "https://127.0.0.1/chair.png")));
  const frame = await openWidget(page, shop);
  await expect(frame.locator(".thumbnail.missing").first()).toBeAttached();
  await frame.locator("input[type=file]").first().setInputFiles(roomFile());
  await expect(frame.getByRole("alert")).toHaveText("The picture of this product could not be used.");
  tolerate(/Failed to load resource/);
  problems.splice(0);
});
