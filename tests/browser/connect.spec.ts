/**
 * Connecting a store: the page by keyboard, a signed order turns it green by itself, a wrong secret is diagnosed, and what
 * was missed is looked up at the shop.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { logIn } from "./support/demo.ts";
import { enter, fill, tabTo } from "./support/keyboard.ts";
import { addStore, deliveryAddress, enterKeys, secretsShown } from "./support/platform-store.ts";
import { RealServer, type Account } from "./support/real-server.ts";
import { deliver, WooCommerceShop } from "./support/woocommerce-shop.ts";

let server: RealServer;
let account: Account;
test.beforeEach(async ({ page }) => {
  server = new RealServer();
  [account] = (await server.start({ noord: [] }, ["--allow-private-platforms"])) as [Account];
  await page.goto(server.origin);
  await logIn(page, account);
  await expect(page).toHaveURL(/\/stores\//);
});
test.afterEach(() => server.stop());

const add = (page: Page, platform: string): Promise<string> => addStore(page, server.origin, account.organizationId, platform);
const standing = (page: Page) => page.getByRole("region", { name: "Whether orders arrive" });

test("by keyboard: a store, a second secret, the first order, and the page is green without loading it again", async ({ page }) => {
  await page.goto(`${server.origin}/organizations/${account.organizationId}/stores/new`);
  await tabTo(page, page.getByRole("radio", { name: "A site of your own" }));
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("radio", { name: "WooCommerce" })).toBeChecked();
  await fill(page, "Store name", "Noord");
  await enter(page, page.getByRole("button", { name: "Add store" }));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connect WooCommerce");
  await expect(standing(page)).toContainText("Waiting for the first order…");
  await expect(secretsShown(page)).toHaveCount(1);
  await enter(page, page.getByRole("button", { name: "Make another secret" }));
  await expect(secretsShown(page)).toHaveCount(2);
  const secret = (await secretsShown(page).first().textContent()) ?? "";
  expect(secret).toMatch(/^[0-9A-Za-z]{40}$/);
  await page.getByText("Webhooks without the plugin").click();
  const url = await page.locator(".facts code", { hasText: "/api/webhooks/woocommerce/" }).textContent();

  await page.evaluate(() => (document.title = "still the same page"));
  expect(await deliver(url ?? "", { id: 727, visitor: "v_1" }, secret)).toBe(200);
  await expect(standing(page)).toContainText("Orders arrive from WooCommerce.");
  await expect(standing(page)).toHaveAttribute("data-state", "working");
  await expect(standing(page)).toContainText("A-727, €49.99, visitor by order metadata");
  await expect(page.getByRole("status")).toHaveText("Orders arrive from WooCommerce.");
  expect(await page.title()).toBe("still the same page");
  await enter(page, standing(page).getByRole("link", { name: "A-727" }));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Order 727");
  await expect(page.getByRole("region", { name: "Facts" })).toContainText("Visitor by order metadata");
});

test("a wrong secret is told with what to mend, and forgotten as soon as an order comes", async ({ page }) => {
  const store = await add(page, "WooCommerce");
  const secret = (await secretsShown(page).first().textContent()) ?? "";
  const url = deliveryAddress(store);
  expect(await deliver(url, { id: 1 }, "cs_the_consumer_secret")).toBe(401);
  const finding = standing(page).locator("[data-finding=wrong_secret]");
  await expect(finding).toContainText("none of this store's secrets gives their signature");
  await expect(finding).toContainText("WooCommerce → Settings → Advanced → Webhooks");
  await expect(standing(page)).toHaveAttribute("data-state", "broken");
  await finding.getByRole("link", { name: "1 delivery" }).click();
  await expect(page.getByText("Refused with 401 signature_wrong")).toBeVisible();
  await page.goto(store);
  await expect(page.locator("[data-alarm]")).toContainText("none of this store's secrets gives their signature");
  await page.locator("[data-alarm]").getByRole("link", { name: "See what to do" }).click();

  expect(await deliver(url, { id: 1 }, "")).toBe(401);
  await expect(standing(page).locator("[data-finding=empty_secret]")).toBeVisible();
  expect(await deliver(url, { id: 1 }, secret)).toBe(200);
  await expect(standing(page)).toHaveAttribute("data-state", "working");
  await expect(standing(page)).toContainText("A-1, €49.99, no visitor");
  // What was refused a moment ago is still said, beside the good ones: another webhook may have another secret.
  await expect(standing(page).locator("[data-finding=wrong_secret]")).not.toHaveClass(/bad/);

  await page.goto(store);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Noord");
  await expect(page.locator("[data-alarm]")).toHaveCount(0);
});

test("what was pasted for Shopify's key is judged, and the plugin comes as a file", async ({ page, problems, tolerate }) => {
  await add(page, "Shopify");
  await expect(page.getByText("No secret yet: until there is one")).toBeVisible();
  await expect(standing(page).locator("[data-finding=no_secret]")).toBeVisible();
  const key = page.getByLabel("The key that signs the webhooks");
  await key.fill("shpat_0123456789abcdef");
  await page.getByRole("button", { name: "Add this key" }).click();
  await expect(page.getByRole("alert")).toContainText("copy the key below the list of webhooks");
  await expect(key).toHaveAttribute("aria-invalid", "true");
  await expect(key).toHaveValue("");
  await key.fill("0123456789abcdef0123456789abcdef");
  await page.getByRole("button", { name: "Add this key" }).click();
  await expect(page.getByText("…cdef")).toBeVisible();
  await expect(page.locator("[data-finding=no_secret]")).toHaveCount(0);
  // The browser notes the status of the refused form, 422.
  tolerate(/Failed to load resource/);
  problems.splice(0);

  await add(page, "WooCommerce");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the plugin" }).click();
  expect((await download).suggestedFilename()).toBe("selektable.zip");
});

test("orders that the shop has and we don't are compared, brought in, and linked", async ({ page, problems, tolerate }) => {
  const shop = await new WooCommerceShop().start();
  const store = await add(page, "WooCommerce");
  const secret = (await secretsShown(page).first().textContent()) ?? "";
  const url = deliveryAddress(store);
  expect(await deliver(url, { id: 1, visitor: "v_1" }, secret)).toBe(200);
  expect(await deliver(url, { id: 2, total: "10.00", status: "pending" }, secret)).toBe(200);
  shop.orders = [{ id: 1, visitor: "v_1" }, { id: 2, total: "12.50", status: "completed" }, { id: 3 }, { id: 4, status: "checkout-draft" }];

  await page.goto(`${store}/reconciliation`);
  await expect(page.locator(".answer").first()).toHaveText("Nothing has been looked up at WooCommerce yet.");
  await expect(page.getByRole("region", { name: "Whose orders they are" })).toContainText("1 of 2 by order metadata and 1 of 2 without");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("alert")).toContainText("Enter first how orders are looked up");
  await enterKeys(page, shop.address);

  const release = shop.hold();
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.locator("#progress .answer")).toContainText("0 orders so far");
  release();
  await expect(page.locator("#progress .answer")).toContainText("Of 4 orders WooCommerce changed since");
  await expect(page.locator("#progress .answer")).toContainText("1 was missing here and 1 differed. Nothing was changed here");
  const lines = page.locator("#progress section").first();
  await expect(lines).toContainText("A-3");
  await expect(lines).toContainText("Pending → Completed");
  await expect(lines).toContainText("€10.00 → €12.50");
  await expect(lines).toContainText("Passed over: the order is a draft");

  await page.getByRole("button", { name: "Bring in" }).click();
  await expect(page.locator("#progress .answer")).toContainText("1 was missing here and 1 differed: they were brought in.");
  await page.locator("#progress").getByRole("link", { name: "A-3" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Order 3");
  await shop.stop();
  // The browser notes the status of the refused form, 422.
  tolerate(/Failed to load resource/);
  problems.splice(0);
});
