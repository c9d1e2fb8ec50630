/** The page of models on the demo's history: all five side by side, by mouse, by keys and on a phone. */
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

const MODELS = ["Last touch", "First touch", "Linear", "Position based", "Time decay"];

test("five models stand side by side, one is in force, and their totals are equal", async ({ page }) => {
  await enter(page);
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Models side by side");
  await expect(page.locator(".answer")).toContainText(/Under .+ would get .+ than under last touch|All five models say the same/);
  const table = page.getByRole("table");
  const heads = await table.getByRole("columnheader").allInnerTexts();
  expect(heads.slice(1).map((head) => head.replace(/\s*in force/, ""))).toEqual(MODELS);
  expect(heads.filter((head) => head.includes("in force"))).toHaveLength(1);
  const totals = await table.locator("tr.sum td").allInnerTexts();
  expect(totals).toHaveLength(5);
  expect(new Set(totals).size).toBe(1);
  await expect(table.getByRole("row", { name: /Not attributed/ })).toContainText(/\d+ of \d+ conversions/);
});

test("another range is another view, with an address of its own and a way back", async ({ page }) => {
  await enter(page);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Models" }).click();
  await page.getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL(/\/models\?days=7$/);
  await page.goBack();
  await expect(page).toHaveURL(/\/models$/);
  await page.getByRole("link", { name: /visualized/ }).first().click();
  await expect(page).toHaveURL(/\/conversions\?type=none&reason=/);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("rows become lists that name their model, and the page's own tab is in sight", async ({ page }) => {
    await enter(page);
    await page.goto(`${page.url()}/models`);
    const width = await page.evaluate(() => document.scrollingElement?.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    const cells = page.locator("tr.sum td");
    const labels = await cells.evaluateAll((all) => all.map((cell) => getComputedStyle(cell, "::before").content.replaceAll('"', "")));
    expect(labels.map((label) => label.replace(", in force", ""))).toEqual(MODELS);
    await expect(page.locator(".tabs [aria-current]")).toBeInViewport({ ratio: 1 });
  });
});
