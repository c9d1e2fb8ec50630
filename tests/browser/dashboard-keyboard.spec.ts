/** The dashboard by keyboard alone: set-up, login, and the way to a conversion, always with the focus in sight. */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { enter, fill } from "./support/keyboard.ts";
import { RealServer } from "./support/real-server.ts";

const LOGIN = { email: "robin@example.com", password: "a long enough one" };

let server: RealServer;
test.beforeEach(async () => {
  server = new RealServer();
  await server.start({});
});
test.afterEach(() => server.stop());

/** What the install page gives: the key, shown once, and the ids of the snippet. */
async function accountOf(page: Page): Promise<{ key: string; storeId: string; organizationId: string }> {
  const text = await page.getByRole("main").innerText();
  const find = (pattern: RegExp): string => pattern.exec(text)?.[0] ?? "";
  const key = (await page.locator(".secret code").getAttribute("data-copy")) ?? "";
  return { key, storeId: find(/store_\w{26}/), organizationId: find(/org_\w{26}/) };
}

test("from the first run over logging out and in to a conversion's page, by Tab, Enter and typing only", async ({ page }) => {
  await page.goto(server.origin);
  await expect(page).toHaveURL(/\/setup$/);
  await fill(page, "Organization", "Noord");
  await fill(page, "Store name", "Noord online");
  await fill(page, "Your e-mail", LOGIN.email);
  await fill(page, "Password", LOGIN.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connect your site");

  const { key, ...ids } = await accountOf(page);
  const order = { orderId: "1001", ...ids, visitorId: "v_1", sessionId: "s_1", totalCents: 4999, currency: "EUR", platform: "custom", status: "completed", orderCreatedAt: new Date().toISOString(), items: [{ productId: "7", quantity: 1, priceCents: 4999, totalCents: 4999 }] };
  const answer = await fetch(`${server.origin}/api/webhooks/orders`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` }, body: JSON.stringify(order) });
  expect(answer.status).toBe(200);

  await enter(page, page.locator("summary", { hasText: "Account" }));
  await enter(page, page.getByRole("button", { name: "Log out" }));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Log in");
  await fill(page, "E-mail", LOGIN.email);
  await fill(page, "Password", LOGIN.password);
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Noord online");
  await enter(page, page.getByRole("region", { name: "Widgets" }).locator("a.row-link"));
  await expect(page.getByRole("link", { name: "Analytics" })).toHaveAttribute("aria-current", "page");
  await enter(page, page.getByRole("navigation", { name: "Where you are" }).getByRole("link", { name: "Noord online" }));
  await enter(page, page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Conversions" }));
  await enter(page, page.locator("[data-row]"));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Order 1001");
  await expect(page.locator(".answer")).toContainText("Not attributed.");
});

test("the first stop of every page skips to its content, and a wrong form says where it is wrong", async ({ page, problems, tolerate }) => {
  await page.goto(`${server.origin}/setup`);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await fill(page, "Organization", "Noord");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Store name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Organization", { exact: true })).toHaveValue("Noord");
  // The browser notes the status of the answer, 422.
  tolerate(/Failed to load resource/);
  problems.splice(0);
});
