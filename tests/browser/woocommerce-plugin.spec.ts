/**
 * The WooCommerce plugin's script with `embed.js`, on imitations of WooCommerce's pages. The plugin's HTML comes from its PHP,
 * and what the browser sends goes back into it (`plugins/woocommerce/tests/page.php`).
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, identityOf, page as shopPage, test } from "./support/fixtures.ts";
import type { MockHost, MockShop } from "./support/mock-server.ts";
import { frameOf, makePicture } from "./support/widget.ts";

const PLUGIN = new URL("../../plugins/woocommerce/", import.meta.url);

interface PluginHtml {
  tag: string;
  footer: string;
  fields: string;
  button: string;
  meta: Record<string, string>;
}

/** The plugin's PHP: what it puts on pages, and the order's fields for what was sent. */
function plugin(host: MockHost, settings: Record<string, string> = {}, sent: { post?: Record<string, string>; cookie?: string } = {}): PluginHtml {
  const input = JSON.stringify({ settings: { host: host.origin, ...settings }, ...sent });
  return JSON.parse(execFileSync("php", [new URL("tests/page.php", PLUGIN).pathname], { input, encoding: "utf8" })) as PluginHtml;
}

const classicForm = (fields: string): string => `<form name="checkout" class="checkout" action="/?wc-ajax=checkout" method="POST"><input name="billing_email" value="a@b.example">${fields}<button>Place order</button></form>`;

/** The block checkout's store as `wp.data` gives it; `setter` is its name in some version of WooCommerce. */
const blockStore = (setter: string): string =>
  `window.given = []; window.wp = { data: { dispatch: (name) => name === "wc/store/checkout" ? { ${setter}(...args) { given.push(args) } } : undefined } };`;
const given = (page: Page): Promise<unknown[]> => page.evaluate("window.given");

/** A page of the shop with the plugin on it; gives the plugin's HTML. */
async function pageWith(shop: MockShop, host: MockHost, body: (html: PluginHtml) => string, settings: Record<string, string> = {}): Promise<PluginHtml> {
  const script = await readFile(new URL("selektable/assets/selektable.js", PLUGIN), "utf8");
  shop.pages.set("/selektable.js", { html: script, headers: { "Content-Type": "text/javascript" } });
  const html = plugin(host, settings);
  shop.pages.set("/", shopPage(html.tag, `${body(html)}${html.footer}<script src="/selektable.js"></script>`));
  return html;
}

const cookieOf = async (page: Page) => (await page.context().cookies()).find(({ name }) => name === "selektable_ids");
const placeOrder = async (page: Page, shop: MockShop): Promise<Record<string, string>> => {
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("Thank you").waitFor();
  return Object.fromEntries(shop.forms.at(-1) ?? []);
};
const GIVE_CONSENT = () => Selektable.consent(true);
const TAKE_IT_BACK = () => Selektable.consent(false);

test("the classic checkout sends the ids, and the plugin saves them with the order", async ({ page, shop, host }) => {
  await pageWith(shop, host, ({ fields }) => classicForm(fields));
  await page.goto(shop.origin);
  await expect(page.locator("[name=selektable_visitor_id]")).toBeEnabled();
  const { visitorId, sessionId } = await identityOf(page);
  const post = await placeOrder(page, shop);
  expect(post).toMatchObject({ selektable_visitor_id: visitorId, selektable_session_id: sessionId });
  expect(plugin(host, {}, { post }).meta).toEqual({ _selektable_visitor_id: visitorId, _selektable_session_id: sessionId, _selektable_carrier: "form_field" });
});

test("a cookie carries the ids past both checkouts for 90 days, and the plugin reads it", async ({ page, shop, host }) => {
  await pageWith(shop, host, () => "");
  await page.goto(shop.origin);
  await page.waitForFunction(() => document.cookie.includes("selektable_ids"));
  const { visitorId, sessionId } = await identityOf(page);
  const cookie = await cookieOf(page);
  expect(cookie).toMatchObject({ path: "/", sameSite: "Lax", secure: false, httpOnly: false, domain: "localhost" });
  expect(((cookie?.expires ?? 0) - Date.now() / 1000) / 86400).toBeCloseTo(90, 1);
  expect(plugin(host, {}, { cookie: cookie?.value }).meta).toEqual({ _selektable_visitor_id: visitorId, _selektable_session_id: sessionId, _selektable_carrier: "cookie" });
});

test("on https the cookie is for https only", async ({ page, shop, host }) => {
  await pageWith(shop, host, () => "");
  await page.route("https://shop.example/**", async (route) => {
    const { pathname } = new URL(route.request().url());
    const { html, headers } = shop.pages.get(pathname) ?? { html: "" };
    await route.fulfill({ body: html, headers: { "Content-Type": "text/html", ...headers } });
  });
  // Chromium keeps pages of other machines away from loopback, so the test answers for the host.
  const embed = await readFile(new URL("../../web/dist/embed.js", import.meta.url), "utf8");
  await page.route(host.origin + "/**", (route) => route.fulfill({ body: embed, headers: { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" } }));
  await page.goto("https://shop.example/");
  await page.waitForFunction(() => document.cookie.includes("selektable_ids"));
  expect(await cookieOf(page)).toMatchObject({ secure: true, sameSite: "Lax", domain: "shop.example" });
});

test("an id of the shop's own, with any characters, survives the cookie and the form", async ({ page, shop, host }) => {
  await pageWith(shop, host, ({ fields }) => classicForm(fields));
  await page.goto(shop.origin);
  await page.evaluate(() => Selektable.setVisitorId('K\u00fc "7"; a=b|c,\\ +%20'));
  const visitorId = 'K\u00fc "7"; a=b|c,\\ +%20';
  await expect.poll(async () => decodeURIComponent((await cookieOf(page))?.value ?? "")).toContain("K\u00fc");
  expect(plugin(host, {}, { cookie: (await cookieOf(page))?.value }).meta).toMatchObject({ _selektable_visitor_id: visitorId });
  expect(plugin(host, {}, { post: await placeOrder(page, shop) }).meta).toMatchObject({ _selektable_visitor_id: visitorId });
});

for (const setter of ["setExtensionData", "__internalSetExtensionData"]) {
  test(`the block checkout gets the ids as extension data by ${setter}`, async ({ page, shop, host }) => {
    await pageWith(shop, host, () => `<script>${blockStore(setter)}</script>`);
    await page.goto(shop.origin);
    await expect.poll(() => given(page)).toHaveLength(1);
    const { visitorId, sessionId } = await identityOf(page);
    expect(await given(page)).toEqual([["selektable", { visitor_id: visitorId, session_id: sessionId }, true]]);
    await page.evaluate(() => Selektable.reset());
    await expect.poll(() => given(page)).toHaveLength(2);
    expect((await given(page))[1]).toEqual(["selektable", { visitor_id: (await identityOf(page)).visitorId, session_id: (await identityOf(page)).sessionId }, true]);
  });
}

test("a block checkout that is loaded late gets the ids when it is touched, once", async ({ page, shop, host }) => {
  await pageWith(shop, host, () => '<input id="email"><input id="name">');
  await page.goto(shop.origin);
  await page.waitForFunction(() => document.cookie.includes("selektable_ids"));
  await page.evaluate(blockStore("setExtensionData"));
  await page.locator("#email").focus();
  await expect.poll(() => given(page)).toHaveLength(1);
  await page.locator("#name").focus();
  expect(await given(page)).toHaveLength(1);
});

test("a form that the theme renders again carries the ids too", async ({ page, shop, host }) => {
  const { fields } = await pageWith(shop, host, () => '<div id="checkout"></div>');
  await page.goto(shop.origin);
  await page.waitForFunction(() => document.cookie.includes("selektable_ids"));
  await page.locator("#checkout").evaluate((element, form) => (element.innerHTML = form), classicForm(fields));
  await expect(page.locator("[name=selektable_visitor_id]")).toBeEnabled();
  const { visitorId } = await identityOf(page);
  expect(await placeOrder(page, shop)).toMatchObject({ selektable_visitor_id: visitorId });
});

for (const [name, settings, script] of [
  ["where consent is required", { consent: "required" }, () => {}],
  ["with Global Privacy Control", {}, () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true })],
] as const) {
  test(`${name} nothing is set before it is given, everything after, and all is taken back`, async ({ page, shop, host }) => {
    await pageWith(shop, host, ({ fields }) => `<script>${blockStore("setExtensionData")}</script>${classicForm(fields)}`, settings);
    await page.addInitScript(script);
    await page.goto(shop.origin);
    // embed.js has filled the inputs with ids of this page load, which link to nobody; they must not get any further.
    await expect(page.locator("#selektable-ids input").first()).toHaveValue(/^v_/);
    await expect(page.locator("[name=selektable_visitor_id]")).toBeDisabled();
    await expect(page.locator("[name=selektable_session_id]")).toBeDisabled();
    expect([await page.context().cookies(), await given(page)]).toEqual([[], []]);
    await page.evaluate(GIVE_CONSENT);
    await expect(page.locator("[name=selektable_visitor_id]")).toBeEnabled();
    const { visitorId, sessionId } = await identityOf(page);
    expect(decodeURIComponent((await cookieOf(page))?.value ?? "")).toBe(JSON.stringify([visitorId, sessionId]));
    expect(await given(page)).toEqual([["selektable", { visitor_id: visitorId, session_id: sessionId }, true]]);
    await page.evaluate(TAKE_IT_BACK);
    await expect(page.locator("[name=selektable_visitor_id]")).toBeDisabled();
    expect(await page.context().cookies()).toEqual([]);
    expect((await given(page)).at(-1)).toEqual(["selektable", { visitor_id: "", session_id: "" }, true]);
    const post = await placeOrder(page, shop);
    expect(post).toEqual({ billing_email: "a@b.example" });
    expect(plugin(host, settings, { post }).meta).toEqual({});
  });
}

test("a cookie left from before is removed when the visitor may not be remembered any more", async ({ page, shop, host, context }) => {
  await context.addCookies([{ name: "selektable_ids", value: "%5B%22v_old%22%2C%22s_old%22%5D", url: shop.origin }]);
  await pageWith(shop, host, () => "", { consent: "required" });
  await page.goto(shop.origin);
  await expect.poll(() => page.context().cookies()).toEqual([]);
});

test("with embed.js blocked nothing is set and the checkout works", async ({ page, shop, host, problems }) => {
  await pageWith(shop, host, ({ fields }) => `<script>${blockStore("setExtensionData")}</script>${classicForm(fields)}`);
  await page.route(host.origin + "/**", (route) => route.abort("blockedbyclient"));
  await page.goto(shop.origin);
  expect(await placeOrder(page, shop)).toEqual({ billing_email: "a@b.example" });
  expect(await page.context().cookies()).toEqual([]);
  expect(problems.splice(0)).toEqual([expect.stringContaining("ERR_BLOCKED_BY_CLIENT")]);
});

test("a checkout store that throws does not disturb the page, and the cookie remains", async ({ page, shop, host }) => {
  await pageWith(shop, host, () => `<script>${blockStore("x").replace("x(...args) { given.push(args) }", "setExtensionData() { throw new Error('no') }")}</script>`);
  await page.goto(shop.origin);
  await page.waitForFunction(() => document.cookie.includes("selektable_ids"));
});

/** A product page; the form is WooCommerce's, with more variations than it writes into the page. */
const productBody = ({ button }: PluginHtml, chosen = ""): string =>
  `<div class="product"><h1 class="product_title">Chair "Nora"</h1>${button}
   <form class="variations_form cart" data-product_id="7" data-product_variations="false"><input type="hidden" name="variation_id" value="${chosen}"></form></div>`;

test("the button opens the widget with every variation, the chosen one first", async ({ page, shop, host }) => {
  await pageWith(shop, host, (html) => productBody(html, "72"));
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "See it in your own photo" }).click();
  await makePicture(page, frameOf(page));
  const products = JSON.parse(host.visualizations[0]?.products as string) as unknown;
  expect(products).toMatchObject([{ productId: "7", variantIds: ["72", "71"] }]);
  // Seen by the server as the parent's button.
  await expect.poll(() => host.events("exposure")).toMatchObject([{ widgetId: "widget_1", productId: "7" }]);
});

test("a press before embed.js has arrived opens the widget when it has", async ({ page, shop, host }) => {
  await pageWith(shop, host, (html) => productBody(html));
  let release = (): void => {};
  host.gates.set("/widgets/embed.js", new Promise((resolve) => (release = resolve)));
  // The plugin's own script has run by then.
  await page.goto(shop.origin, { waitUntil: "domcontentloaded" });
  await page.getByRole("button", { name: "See it in your own photo" }).click();
  release();
  await expect(frameOf(page).getByRole("button", { name: "Choose a photo" })).toBeVisible();
});

test("the widget puts the chosen variation into WooCommerce's cart and tells the mini cart", async ({ page, shop, host }) => {
  await pageWith(shop, host, (html) => productBody(html, "72") + "<script>window.told = []; window.jQuery = () => ({ trigger: (...args) => told.push(args) })</script>");
  const calls: string[] = [];
  let answer: object = { error: true, product_url: "/product/7" };
  await page.route("**/?wc-ajax=add_to_cart", async (route) => {
    calls.push(route.request().postData() ?? "");
    await route.fulfill({ json: answer });
  });
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "See it in your own photo" }).click();
  const frame = frameOf(page);
  await makePicture(page, frame);
  await frame.getByRole("combobox").selectOption({ label: "red" });
  await frame.getByRole("button", { name: "Add to cart" }).click();
  await expect(frame.locator(".cart-status")).toHaveText("It could not be added to the cart. Try again.");
  answer = { fragments: { "div.mini": "<p>1</p>" }, cart_hash: "h" };
  await frame.getByRole("button", { name: "Add to cart" }).click();
  await expect(frame.locator(".cart-status")).toHaveText("Added to cart");
  expect(calls).toEqual(["product_id=72&quantity=1", "product_id=72&quantity=1"]);
  expect(await page.evaluate("told")).toEqual([["added_to_cart", [{ "div.mini": "<p>1</p>" }, "h"]]]);
  await expect.poll(() => host.events("add_to_cart")).toMatchObject([{ productId: "7", variantId: "72", quantity: 1 }]);
});
