/** One conversion's page on the demo's history: why it was decided so, what would have changed it, and acting on it. */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { Demo, logIn } from "./support/demo.ts";

// One demo for all: one after the other.
test.describe.configure({ mode: "default", timeout: 90_000 });

let demo: Demo;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  demo = await new Demo().start();
});
test.afterAll(() => demo.stop());

/** The newest conversion of a kind. */
async function openFirst(page: Page, filter: string): Promise<void> {
  await page.goto(`${demo.dashboard}/login`);
  await logIn(page, demo);
  await expect(page).toHaveURL(/\/stores\/[^/]+$/);
  await page.goto(`${page.url()}/conversions?${filter}`);
  await page.locator("[data-row]").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Order ");
}

test("an order that came too late names the window that would have done, and the rules begin with it", async ({ page }) => {
  await openFirst(page, "type=none&reason=out_of_window");
  const changes = page.getByRole("region", { name: "What would have changed it" });
  await expect(changes.getByRole("listitem").first()).toContainText(/older than the window of 7 days/);
  const link = changes.getByRole("link", { name: /^Try a window of/ }).first();
  const hours = new URL((await link.getAttribute("href")) ?? "", page.url()).searchParams.get("window") ?? "";
  expect(Number(hours)).toBeGreaterThan(7 * 24);
  await link.click();
  const unit = (await page.getByLabel("Unit").inputValue()) === "days" ? 24 : 1;
  await expect(page.getByLabel("Attribution window", { exact: true })).toHaveValue(String(Number(hours) / unit));
  await page.getByRole("button", { name: "Make a draft" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Ruleset 2");
});

test("an assisted order becomes direct by one button that says two ids are one product", async ({ page }) => {
  await openFirst(page, "type=assisted&reason=other_product_visualized");
  const order = page.url();
  await expect(page.locator(".answer")).toContainText("Assisted.");
  const considered = page.getByRole("region", { name: "What was considered" });
  await expect(considered.locator("tr.credited").first()).toContainText("not bought");
  await page.getByRole("button", { name: /^Make .+ a variant of/ }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Products/);
  await page.goto(order);
  await expect(page.locator(".answer")).toContainText("Direct.");
  await expect(page.getByRole("region", { name: "What it was worth when" })).toContainText("A later fact changed the decision");
});

test("an order's worth is told from its coming in to its refund", async ({ page }) => {
  await openFirst(page, "status=refunded");
  const worth = page.getByRole("region", { name: "What it was worth when" });
  await expect(worth.getByRole("row").nth(1)).toContainText("Order came in");
  await expect(worth.getByRole("row").last()).toContainText("Refunded");
  await expect(page.locator(".seal [data-copy]")).toHaveAttribute("data-copy", /^[0-9a-f]{64}$/);
});
