/** Time to conversion, and how figures are read, on the demo's history. */
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

/** The store's overview, logged in. */
async function enter(page: Page): Promise<void> {
  await page.goto(`${demo.dashboard}/login`);
  await logIn(page, demo);
  await expect(page).toHaveURL(/\/stores\/[^/]+$/);
}

test("the curve goes past the window, its table has the numbers, and a longer window can be tried", async ({ page }) => {
  await enter(page);
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Time to conversion");
  await expect(page.locator(".answer")).toContainText(/Half of the \d+ direct conversions .+ came within/);
  const chart = page.getByRole("img", { name: /the attribution window marked/ });
  await expect(chart).toHaveCount(1);
  await expect(chart.locator(".window-name")).toHaveText("window 7 days");
  await expect(chart.locator(".column")).toHaveCount(16);
  await page.getByText("The same as a table").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("row", { name: /past the window/ }).first()).toBeVisible();

  const advice = page.getByRole("region", { name: "What another window would credit" });
  await expect(advice.locator("tr.credited")).toContainText(/7 days[\s\S]+in force/);
  await expect(advice.getByRole("row", { name: /^30 days/ })).toContainText(/more credited/);
  await expect(page.getByRole("region", { name: "What Safari hides" })).toContainText("Not hidden:");
  await expect(advice.getByRole("link", { name: "Try a window of 30 days" })).toHaveAttribute("href", /\/rules\?window=720#new-rules$/);
});

test("figures by refund date and as known on a day are a view with an address, and say what they are", async ({ page }) => {
  await enter(page);
  const usual = page.url();
  const summary = page.locator("summary", { hasText: "By order date, as known now" });
  await summary.focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("By refund date").check();
  const day = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("As known at the end of").fill(day);
  await page.locator("details[open]").getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(new RegExp(`dates=refund&as_of=${day}$`));
  const note = page.locator(".reading");
  await expect(note).toContainText("As known on");
  await expect(note).toContainText("By refund date");
  await page.getByRole("link", { name: "7 days", exact: true }).click();
  await expect(page).toHaveURL(/days=7&dates=refund&as_of=/);
  await expect(note).toBeVisible();
  await page.getByRole("link", { name: "Show by order date, as known now" }).click();
  await expect(page).toHaveURL(`${usual}?days=7`);
  await expect(note).toHaveCount(0);
});
