/** Products of the demo's shop: near misses joined and undone, aliases changed, imported and exported. */
import { readFile } from "node:fs/promises";
import { expect, test } from "./support/fixtures.ts";
import { Demo, logIn } from "./support/demo.ts";

test.describe.configure({ mode: "default", timeout: 120_000 });

let demo: Demo;
let store: string;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  demo = await new Demo().start();
});
test.beforeEach(async ({ page }) => {
  await page.goto(`${demo.dashboard}/login`);
  await logIn(page, demo);
  await expect(page).toHaveURL(/\/stores\/[^/]+$/);
  store = page.url();
});
test.afterAll(() => demo.stop());

test("a near miss is joined by one click, says how many orders changed, and is undone by another", async ({ page }) => {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Products" }).click();
  const misses = page.getByRole("region", { name: "Near misses" });
  await expect(misses.getByRole("row").nth(1)).toContainText("6 orders");
  const join = page.getByRole("button", { name: "Join armchair-kade-walnut to armchair-kade" });
  await join.click();
  const said = page.getByRole("status").first();
  await expect(said).toContainText("armchair-kade-walnut is a variant of armchair-kade now. 6 orders changed.");
  await expect(join).toBeHidden();
  await said.getByRole("button", { name: "Undo" }).click();
  await expect(said).toContainText("Undone");
  await expect(join).toBeVisible();
});

test("what orders carried stands in the alias table and is overruled there", async ({ page }) => {
  await page.goto(`${store}/products/aliases`);
  const row = page.getByRole("row").filter({ hasText: "-blue" });
  await expect(row).toContainText("orders or visualizations");
  await row.getByText("Change", { exact: true }).first().click();
  await row.getByRole("button", { name: "A product of its own" }).click();
  await expect(page.getByRole("status").first()).toContainText("sofa-duin-blue: saved.");
  await expect(row).toContainText("your table");
  await row.getByText("Change", { exact: true }).first().click();
  await row.getByRole("button", { name: "Remove from the table" }).click();
  await expect(row).toContainText("orders or visualizations");
});

test("a file is imported, every faulty line is named, and the export holds what was imported", async ({ page, problems, tolerate }) => {
  await page.goto(`${store}/products/aliases`);
  const file = (text: string) => ({ name: "aliases.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByLabel("Or a file").setInputFiles(file("variant,product\na,b\nc\n"));
  await page.getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("alert")).toContainText("Line 3: it needs two columns");
  // The browser notes the status of the answer, 422.
  tolerate(/Failed to load resource/);
  problems.splice(0);
  await page.getByLabel("Lines").fill("a,b\nc,b\n");
  await page.getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("status").first()).toContainText("2 lines imported, 2 changed.");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  expect(await readFile(await (await download).path(), "utf8")).toContain("a,b,table\r\nc,b,table\r\n");
  await page.getByLabel("Ids that begin with").fill("c");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
});
