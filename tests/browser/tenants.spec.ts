/** Two merchants on one server: neither the shoppers nor the orders nor the pages of one are the other's. */
import type { Page } from "@playwright/test";
import { expect, identityOf, page as shopPage, test } from "./support/fixtures.ts";
import { logIn } from "./support/demo.ts";
import { MockShop } from "./support/mock-server.ts";
import { RealServer, type Account } from "./support/real-server.ts";
import { makePicture, openWidget } from "./support/widget.ts";

let server: RealServer;
let other: MockShop;
test.beforeEach(async () => {
  server = new RealServer();
  other = await new MockShop().start();
});
test.afterEach(() => Promise.all([server.stop(), other.stop()]));

const productPage = ({ storeId, widgetId }: Account) =>
  shopPage(
    `<script src="${server.origin}/widgets/embed.js" data-store-id="${storeId}"></script>`,
    `<button data-selektable-widget="${widgetId}" data-product-id="7" data-product-title="Chair Nora" data-product-images="/chair.png">See it</button>`,
  );

/** Two organizations with a store each, limited to their shops' origins, whose pages are served. */
async function twoMerchants(shop: MockShop): Promise<[Account, Account]> {
  const [one, two] = await server.start({ one: [shop.origin], two: [other.origin] });
  if (!one || !two) throw new Error("no accounts");
  shop.pages.set("/", productPage(one));
  other.pages.set("/", productPage(two));
  return [one, two];
}

/** Sends the page's shopper's order of the product to the store; the attribution of the answer. */
async function order(page: Page, { storeId, organizationId, apiKey }: Account, orderId: string): Promise<unknown> {
  const { visitorId, sessionId } = await identityOf(page);
  const items = [{ productId: "7", quantity: 1, priceCents: 4999, totalCents: 4999 }];
  const order = { orderId, storeId, organizationId, visitorId, sessionId, totalCents: 4999, currency: "EUR", platform: "custom", status: "completed", orderCreatedAt: new Date().toISOString(), items };
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${server.origin}/api/webhooks/orders`, { method: "POST", headers, body: JSON.stringify(order) });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { attribution: unknown }).attribution;
}

test("a picture made in one shop is no reason for an order in the other, even with the same ids", async ({ page, context, shop }) => {
  const [one, two] = await twoMerchants(shop);
  await makePicture(page, await openWidget(page, shop));
  const elsewhere = await context.newPage();
  await elsewhere.goto(other.origin);
  expect((await identityOf(elsewhere)).visitorId).not.toBe((await identityOf(page)).visitorId);
  await expect
    .poll(() => order(elsewhere, two, `two-${Date.now()}`))
    .toEqual({ type: "none", reason: "never_visualized" });
  // The first shop's own ids in an order of the second.
  expect(await order(page, two, "stolen")).toEqual({ type: "none", reason: "visitor_never_seen" });
  expect(await order(page, one, "own")).toMatchObject({ type: "direct" });
});

test("a member of one organization finds none of the other's pages", async ({ page, shop, problems, tolerate }) => {
  const [one, two] = await twoMerchants(shop);
  await page.goto(shop.origin);
  await order(page, one, "1001");
  await page.goto(`${server.origin}/login`);
  await logIn(page, two);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("two");

  const pages = ({ organizationId, storeId, widgetId }: Account): string[] => [
    `/organizations/${organizationId}`,
    `/organizations/${organizationId}/keys`,
    `/organizations/${organizationId}/stores/new`,
    ...["", "/conversions", "/conversions/1001", "/visualizations", "/deliveries", "/install", "/settings", "/widgets/new"].map((path) => `/stores/${storeId}${path}`),
    `/stores/${storeId}/widgets/${widgetId}`,
    `/stores/${storeId}/widgets/${widgetId}/settings`,
  ];
  const status = async (path: string): Promise<string> => `${path} ${(await page.request.get(server.origin + path)).status()}`;
  expect(await Promise.all(pages(one).map(status))).toEqual(pages(one).map((path) => `${path} 404`));
  const own = pages(two).filter((path) => !path.endsWith("/1001"));
  expect(await Promise.all(own.map(status))).toEqual(own.map((path) => `${path} 200`));

  // Nor one's widget below the other's store, and nothing of it can be changed.
  expect(await status(`/stores/${two.storeId}/widgets/${one.widgetId}`)).toMatch(/ 404$/);
  const answer = await page.goto(`${server.origin}/stores/${one.storeId}/conversions/1001`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("main")).not.toContainText("49.99");
  const save = await page.request.post(`${server.origin}/stores/${one.storeId}/settings`, { form: { store: "taken" }, headers: { Origin: server.origin } });
  expect(save.status()).toBe(404);
  tolerate(/Failed to load resource/);
  problems.splice(0);
});
