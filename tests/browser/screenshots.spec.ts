/**
 * Every page in light, in dark and on a phone: no console errors, nothing wider than the screen, one heading, a title, labels.
 * With SCREENSHOTS=1 (`npm run screenshots`) what is seen is kept in docs/screenshots.
 */
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page, PageScreenshotOptions } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { buy, Demo, failuresOf, inFull, logIn, placeInRoom } from "./support/demo.ts";
import { addStore, deliveryAddress, enterKeys, secretsShown } from "./support/platform-store.ts";
import { RealServer, type Account } from "./support/real-server.ts";
import { deliver, WooCommerceShop } from "./support/woocommerce-shop.ts";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const KEPT = process.env.SCREENSHOTS === "1";

const LOOKS: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true, isMobile: true },
};

// One demo for all looks: one after the other.
test.describe.configure({ mode: "default", timeout: 180_000 });

let demo: Demo;
let empty: RealServer;
let platforms: RealServer;
let account: Account;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  demo = await new Demo().start();
  empty = new RealServer();
  await empty.start({});
  platforms = new RealServer();
  [account] = (await platforms.start({ noord: [] }, ["--allow-private-platforms"])) as [Account];
});
test.afterAll(() => Promise.all([demo.stop(), empty.stop(), platforms.stop()]));

/** What a page must be, whatever it shows. */
async function judge(page: Page, name: string): Promise<void> {
  await expect(page, name).toHaveTitle(/\S/);
  // What is still on its way when the next page is opened would count as failed.
  await page.waitForLoadState();
  await expect(page.locator("h1"), name).toHaveCount(1);
  // Not `innerWidth`: on a phone that grows with what is too wide.
  const width = await page.evaluate(() => document.scrollingElement?.scrollWidth);
  expect(width, `the width of ${name}`).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
  const unnamed = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>("input:not([type=hidden]), select, textarea")]
      .filter((field) => !field.labels?.length && !field.ariaLabel && !field.getAttribute("aria-labelledby"))
      .map((field) => field.outerHTML),
  );
  expect(unnamed, `fields without a label of ${name}`).toEqual([]);
}

/** Looks at pages one after the other, and keeps what it sees if asked to. */
class Viewer {
  constructor(
    readonly page: Page,
    readonly look: string,
  ) {}

  async see(name: string): Promise<void> {
    await judge(this.page, name);
    if (KEPT) await this.page.screenshot({ path: `${FOLDER}${name}-${this.look}.png`, animations: "disabled", ...(await this.#frame(name)) });
  }

  /** The evidence of these pages stands below the first screen. */
  async #frame(name: string): Promise<PageScreenshotOptions> {
    if (!["analytics", "as-known", "assisted", "connect-shopify", "connect-trouble", "connect-woocommerce", "conversion", "lag", "models", "products", "reconciliation", "rules", "ruleset", "store-overview"].includes(name)) return {};
    const { width, height } = await this.page.evaluate(() => ({ width: innerWidth, height: document.documentElement.scrollHeight }));
    return { fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, 1600) } };
  }

  async visit(name: string, address: string): Promise<void> {
    await this.page.goto(address);
    await this.see(name);
  }
}

async function shopPages(viewer: Viewer): Promise<string> {
  const { page } = viewer;
  await viewer.visit("shop", demo.shop);
  await page.locator(".card h3 a").first().click();
  await expect(page.getByRole("button", { name: "View in your room" })).toBeVisible();
  await viewer.see("product");
  const frame = await placeInRoom(page);
  await viewer.see("widget-placing");
  await frame.getByRole("button", { name: "Make picture" }).click();
  const picture = frame.getByRole("img", { name: "in your room" });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await viewer.see("widget-result");
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toBeHidden();
  const order = await buy(page);
  await viewer.see("thank-you");
  await viewer.visit("appointment", `${demo.shop}/appointment`);
  return order;
}

async function rulesAndProducts(viewer: Viewer, store: string): Promise<void> {
  const { page } = viewer;
  await viewer.visit("products", `${store}/products`);
  await viewer.visit("aliases", `${store}/products/aliases`);
  await viewer.visit("rules", `${store}/rules`);
  await page.getByLabel("Attribution window", { exact: true }).fill("14");
  await page.getByRole("radio", { name: "Linear" }).check();
  await page.getByRole("button", { name: "Make a draft" }).click();
  await (await inFull(page, page.getByRole("button", { name: "Try on history" }))).click();
  await expect(page.getByRole("region", { name: "Orders that would change" })).toBeVisible();
  await viewer.see("ruleset");
}

async function dashboardPages(viewer: Viewer, order: string): Promise<void> {
  const { page } = viewer;
  await viewer.visit("login", `${demo.dashboard}/login`);
  await logIn(page, demo);
  await expect(page).toHaveURL(/\/stores\/[^/]+$/);
  const store = page.url();
  const widget = await page.getByRole("region", { name: "Widgets" }).locator("a.row-link").first().getAttribute("href");
  const organization = await page.locator(".crumbs a").first().getAttribute("href");
  await viewer.visit("organizations", `${demo.dashboard}/organizations`);
  await viewer.visit("organization", demo.dashboard + organization);
  await viewer.visit("keys", `${demo.dashboard}${organization}/keys`);
  await viewer.visit("account", `${demo.dashboard}/account`);
  await viewer.visit("store-overview", store);
  await viewer.visit("analytics", demo.dashboard + widget);
  await viewer.visit("widget-settings", `${demo.dashboard}${widget}/settings`);
  await viewer.visit("conversion", `${store}/conversions/${order}`);
  await page.goto(`${store}/conversions?type=assisted`);
  await page.locator("[data-row]").first().click();
  await expect(page.getByRole("region", { name: "What would have changed it" })).toBeVisible();
  await viewer.see("assisted");
  await viewer.visit("as-known", `${store}?dates=refund&as_of=${new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)}`);
  await rulesAndProducts(viewer, store);
  for (const name of ["conversions", "visualizations", "models", "lag", "deliveries", "install", "settings", "privacy"]) await viewer.visit(name, `${store}/${name}`);
}

/** A store on each platform: as it is connected, with trouble, and compared with its shop. */
async function platformPages(viewer: Viewer): Promise<void> {
  const { page } = viewer;
  await page.goto(`${platforms.origin}/login`);
  await logIn(page, account);
  await expect(page).not.toHaveURL(/\/login/);
  await viewer.visit("new-store", `${platforms.origin}/organizations/${account.organizationId}/stores/new`);
  await addStore(page, platforms.origin, account.organizationId, "Shopify");
  await viewer.see("connect-shopify");
  const store = await addStore(page, platforms.origin, account.organizationId, "WooCommerce");
  await viewer.see("connect-woocommerce");
  const secret = (await secretsShown(page).first().textContent()) ?? "";
  expect(await deliver(deliveryAddress(store), { id: 1, visitor: "v_1" }, secret)).toBe(200);
  expect(await deliver(deliveryAddress(store), { id: 2, total: "10.00", status: "pending" }, secret)).toBe(200);
  expect(await deliver(deliveryAddress(store), { id: 3 }, "another")).toBe(401);
  await expect(page.locator("[data-finding=wrong_secret]")).toBeVisible();
  await viewer.see("connect-trouble");

  const shop = await new WooCommerceShop().start();
  shop.orders = [{ id: 1, visitor: "v_1" }, { id: 2, total: "12.50", status: "completed" }, { id: 3 }, { id: 4, status: "checkout-draft" }];
  await page.goto(`${store}/reconciliation`);
  await enterKeys(page, shop.address);
  await (await inFull(page, page.getByRole("button", { name: "Bring in" }))).click();
  await expect(page.locator("#progress .answer")).toContainText("they were brought in.");
  await shop.stop();
  await viewer.see("reconciliation");
  await viewer.visit("platform-order", `${store}/conversions/1`);
  await viewer.visit("platform-deliveries", `${store}/deliveries`);
}

/** A context of its own, watched: what went wrong in it is told at its end. */
async function watched(browser: Browser, options: BrowserContextOptions, walk: (context: BrowserContext) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
  const failures = failuresOf(context);
  context.on("console", (message) => message.type() === "error" && failures.push(message.text()));
  context.on("weberror", (error) => failures.push(String(error.error())));
  await walk(context);
  await context.close();
  expect(failures).toEqual([]);
}

for (const [look, options] of Object.entries(LOOKS)) {
  test(`every page, ${look}`, async ({ browser }) => {
    await watched(browser, options, async (context) => {
      const page = await context.newPage();
      page.on("filechooser", () => {});
      const viewer = new Viewer(page, look);
      const order = await shopPages(viewer);
      await dashboardPages(viewer, order);
      await viewer.visit("setup", `${empty.origin}/setup`);
      await platformPages(viewer);
    });
  });
}
