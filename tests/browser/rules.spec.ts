/** Rules of a store: drafted, tried on history, published and rolled back, with the keyboard alone; and what follows along. */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { logIn } from "./support/demo.ts";
import { enter, fill, tabTo } from "./support/keyboard.ts";
import { RealServer, type Account } from "./support/real-server.ts";

const DAY_MS = 86_400_000;

let server: RealServer;
let account: Account;
test.beforeEach(async ({ page }) => {
  server = new RealServer();
  [account] = (await server.start({ noord: [] })) as [Account];
  await tellOldPurchase();
  await page.goto(server.origin);
  await logIn(page, account);
});
test.afterEach(() => server.stop());

async function send(path: string, body: object): Promise<void> {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${account.apiKey}` };
  const answer = await fetch(server.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.status, await answer.text()).toBe(200);
}

/** An order ten days after the visualization of what it bought. */
async function tellOldPurchase(): Promise<void> {
  const { storeId, organizationId, widgetId } = account;
  const at = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY_MS).toISOString();
  const who = { visitorId: "v_1", sessionId: "s_1" };
  await send("/api/v1/visualizations", { storeId, widgetId, ...who, products: [{ productId: "7" }], createdAt: at(11) });
  await send("/api/webhooks/orders", { orderId: "1001", storeId, organizationId, ...who, totalCents: 4999, currency: "EUR", platform: "custom", status: "completed", orderCreatedAt: at(1), items: [{ productId: "7", quantity: 1, priceCents: 4999, totalCents: 4999 }] });
}

/** The page's answer in its first line. */
const answer = (page: Page) => page.locator("main > .answer");

test("from a draft over its dry run to publishing and back, by Tab, Enter, arrows and typing only", async ({ page }) => {
  await enter(page, page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Rules" }));
  await expect(answer(page)).toContainText("of the 7 days before, all credit to the last one; ruleset 1 from the beginning");
  await tabTo(page, page.getByLabel("Attribution window", { exact: true }));
  await page.keyboard.press("Control+a");
  await page.keyboard.type("14");
  await enter(page, page.getByRole("button", { name: "Make a draft" }));
  await expect(answer(page)).toContainText("Ruleset 2 is a draft: it decides nothing yet. It differs from the rules in force in attribution window.");

  await enter(page, page.getByRole("button", { name: "Try on history" }));
  await expect(page.locator("#tried .answer")).toHaveText("Of 1 conversion of all history 1 would change: €49.99 more direct.");
  await enter(page, page.getByRole("region", { name: "Orders that would change" }).getByRole("link"));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Order 1001");
  await page.goBack();

  await tabTo(page, page.getByRole("radio", { name: "From now on" }));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "For everything" })).toBeChecked();
  await enter(page, page.getByRole("button", { name: "Publish ruleset 2" }));
  await expect(page.getByText("Ruleset 2 is published.")).toBeVisible();
  await expect(page.locator("#progress")).toContainText("nothing is outstanding");
  await expect(answer(page)).toContainText("of the 14 days before");
  await page.goto(`${server.origin}/stores/${account.storeId}/conversions/1001`);
  await expect(page.locator("main > .answer")).toContainText("Direct.");

  await page.goto(`${server.origin}/stores/${account.storeId}/rules`);
  await enter(page, page.getByRole("button", { name: "Roll back" }));
  await expect(page.getByText("Rolled back: what was in force before is in force again.")).toBeVisible();
  await expect(page.locator("#progress")).toContainText("nothing is outstanding");
  await expect(answer(page)).toContainText("of the 7 days before");
});

test("what goes on is followed without loading the page again, and what is typed meanwhile stays", async ({ page }) => {
  const rules = `${server.origin}/stores/${account.storeId}/rules`;
  let looks = 0;
  let goOn = (): void => {};
  const seen = new Promise<void>((resolve) => (goOn = resolve));
  await page.route(rules, async (route) => {
    // The page does not get to the end before it was seen on its way.
    if (looks === 2) await seen;
    const original = await route.fetch();
    const html = await original.text();
    const live = html.replace(/<div id="progress">[^]*?<\/div>/, `<div id="progress" data-live="${new URL(rules).pathname}"><p data-said>${looks} of 2</p></div>`);
    await route.fulfill({ response: original, body: looks++ < 2 ? live : html });
  });
  await page.goto(rules);
  await expect(page.locator("#progress")).toHaveText("0 of 2");
  await page.getByLabel("Attribution window", { exact: true }).fill("9");
  await expect(page.locator("#progress")).toHaveText("1 of 2");
  await expect(page.getByRole("status")).toHaveText("1 of 2");
  goOn();
  await expect(page.locator("#progress")).toContainText("nothing is outstanding");
  await expect(page.getByLabel("Attribution window", { exact: true })).toHaveValue("9");
  expect(looks).toBe(3);
});

test("a form that is wrong says so beside the field and keeps what was chosen", async ({ page, problems, tolerate }) => {
  await page.goto(`${server.origin}/stores/${account.storeId}/rules`);
  await fill(page, "Attribution window", "00");
  await page.getByRole("radio", { name: "Time decay" }).check();
  await page.getByRole("button", { name: "Make a draft" }).click();
  await expect(page.getByLabel("Attribution window", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByRole("radio", { name: "Time decay" })).toBeChecked();
  // The browser notes the status of the answer, 422.
  tolerate(/Failed to load resource/);
  problems.splice(0);
});
