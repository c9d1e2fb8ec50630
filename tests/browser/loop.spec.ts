/** The whole loop on the demo shop: from a visualization over an order to a conversion in the dashboard that says why. */
import type { Page } from "@playwright/test";
import { expect, identityOf, test } from "./support/fixtures.ts";
import { buy, Demo, failuresOf, inFull, logIn, thanked, visualize } from "./support/demo.ts";

// One demo for all: one after the other.
test.describe.configure({ mode: "default", timeout: 90_000 });

let demo: Demo;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  demo = await new Demo().start();
});
test.afterAll(() => demo.stop());

/** The first product's page, by way of the shop's home page; the product's id. */
async function openProduct(page: Page): Promise<string> {
  await page.goto(demo.shop);
  await page.getByRole("main").getByRole("heading", { level: 3 }).first().getByRole("link").click();
  await inFull(page, page.getByRole("button", { name: "View in your room" }));
  return new URL(page.url()).pathname.split("/").pop() ?? "";
}

/** The conversion's page, by the thank-you page's button and the login it asks for. */
async function openConversion(page: Page): Promise<void> {
  await page.getByRole("link", { name: "See it in the dashboard" }).click();
  await logIn(page, demo);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Order ");
}

test("a shopper makes a picture and buys, and the merchant sees the order as direct, with its money, its time and why", async ({ page, context }) => {
  const failures = failuresOf(context);
  const product = await openProduct(page);
  const price = (await page.locator(".price").innerText()).trim();
  const frame = await visualize(page);
  const picture = frame.getByRole("img", { name: "in your room" });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(800);
  await page.keyboard.press("Escape");
  const order = await buy(page);
  await expect(page.getByRole("status")).toContainText("direct");

  await page.getByRole("link", { name: "Open the dashboard" }).click();
  await logIn(page, demo);
  await (await inFull(page, page.getByRole("navigation", { name: "Where you are" }).getByRole("link").first())).click();
  await expect(page.getByRole("heading", { level: 2 })).toHaveText("Stores");
  await (await inFull(page, page.getByRole("main").getByRole("table").locator("a.row-link").first())).click();
  await (await inFull(page, page.getByRole("region", { name: "Widgets" }).locator("a.row-link").first())).click();
  await expect(page.getByRole("link", { name: "Analytics" })).toHaveAttribute("aria-current", "page");

  const row = page.getByRole("region", { name: "Recent conversions" }).getByRole("row").filter({ hasText: order });
  await expect(row.getByRole("cell").nth(3)).toHaveText("Direct");
  await expect(row.getByRole("cell").nth(5)).toContainText(price);
  await expect(row.getByRole("cell").nth(6)).toHaveText(/^(less than a second|\d+ (s|min))/);
  await (await inFull(page, row.locator("[data-row]"))).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Order ${order}`);
  await expect(page.locator(".answer")).toContainText("Direct.");
  const considered = page.getByRole("region", { name: "What was considered" }).locator("tr.credited");
  await expect(considered).toContainText(product);
  await expect(considered).toContainText("bought");
  await expect(page.getByRole("region", { name: "Money" })).toContainText(price);
  expect(failures).toEqual([]);
});

test("an appointment after a picture of the same session is a direct lead without money", async ({ page, context }) => {
  const failures = failuresOf(context);
  await openProduct(page);
  await visualize(page);
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Appointment" }).click();
  await (await inFull(page, page.getByRole("button", { name: "Book appointment" }))).click();
  const order = await thanked(page);
  await openConversion(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Order ${order}`);
  await expect(page.locator(".answer")).toContainText("Direct.");
  await expect(page.locator(".answer")).toContainText("same session");
  await expect(page.getByRole("region", { name: "Lines" })).toContainText("this conversion is a lead");
  await expect(page.locator(".sum dd")).toHaveText(["€0.00", "€0.00"]);
  expect(failures).toEqual([]);
});

test("an order from a new tab is another session of the same visitor and still direct", async ({ page, context }) => {
  const product = await openProduct(page);
  await visualize(page);
  const first = await identityOf(page);
  const tab = await context.newPage();
  await tab.goto(`${demo.shop}/products/${product}`);
  const second = await identityOf(tab);
  expect(second.visitorId).toBe(first.visitorId);
  expect(second.sessionId).not.toBe(first.sessionId);
  await buy(tab);
  await openConversion(tab);
  await expect(tab.locator(".answer")).toContainText("Direct.");
  const considered = tab.getByRole("region", { name: "What was considered" }).locator("tr.credited");
  await expect(considered).toContainText("same browser");
  await expect(considered).not.toContainText("session");
});

test("with storage blocked the page works, a picture is made, and the order is taken", async ({ page, context }) => {
  const failures = failuresOf(context);
  await page.addInitScript(() => {
    const denied = { get: () => { throw new DOMException("denied", "SecurityError"); } };
    for (const area of ["localStorage", "sessionStorage"]) Object.defineProperty(window, area, denied);
    Object.defineProperty(Document.prototype, "cookie", denied);
  });
  await openProduct(page);
  await visualize(page);
  await page.keyboard.press("Escape");
  await buy(page);
  // Each page load is another visitor then: the order is known, and that nothing can be known of it.
  await expect(page.getByRole("status")).toContainText("credited to no picture");
  await openConversion(page);
  await expect(page.locator(".answer")).toContainText("Not attributed.");
  expect(failures).toEqual([]);
});
