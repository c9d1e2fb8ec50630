/** What the shop's functions may do, and what the shopper then sees. */
import { expect, test } from "./support/fixtures.ts";
import { frameOf, makePicture, productPage } from "./support/widget.ts";
import type { MockHost, MockShop } from "./support/mock-server.ts";
import type { FrameLocator, Page } from "@playwright/test";

/** Opens the widget by `open()` with options written as JavaScript, and makes a picture. */
async function pictureWith(page: Page, shop: MockShop, host: MockHost, options: string): Promise<FrameLocator> {
  shop.pages.set("/", productPage(host, `<script>window.calls = []; const show = () => Selektable.open("widget_1", { productId: 7, productTitle: "Chair Nora", productImage: "/chair.png", ${options} })</script>`));
  await page.goto(shop.origin);
  await page.evaluate("show()");
  const frame = frameOf(page);
  await makePicture(page, frame);
  return frame;
}

declare global {
  interface Window {
    answer?: (cartUrl: string) => void;
  }
}

const calls = (page: Page): Promise<unknown> => page.evaluate("calls");
const add = (frame: FrameLocator): Promise<void> => frame.getByRole("button", { name: "Add to cart" }).click();
const status = (frame: FrameLocator) => frame.locator(".cart-status");

test("nothing returned is success; the cart and the checkout are offered next", async ({ page, shop, host }) => {
  const frame = await pictureWith(page, shop, host, "onAddToCart(...args) { calls.push(args) }, onViewCart() { calls.push('cart') }, onCheckout() { calls.push('checkout') }");
  await frame.getByRole("button", { name: "One more" }).click();
  await add(frame);
  await expect(status(frame)).toHaveText("Added to cart");
  expect(await calls(page)).toMatchObject([[{ productId: "7", productTitle: "Chair Nora" }, 2, undefined]]);
  await expect.poll(() => host.events("add_to_cart")).toMatchObject([{ widgetId: "widget_1", productId: "7", quantity: 2 }]);
  await frame.getByRole("button", { name: "Check out" }).click();
  await expect(page.locator("dialog")).toBeHidden();
  await expect.poll(async () => ((await calls(page)) as unknown[])[1]).toBe("checkout");
  await page.evaluate("show()");
  await frame.getByRole("button", { name: "View cart" }).click();
  await expect.poll(async () => ((await calls(page)) as unknown[])[2]).toBe("cart");
  await expect.poll(() => host.events().map(({ type }) => type)).toEqual(expect.arrayContaining(["checkout", "view_cart"]));
});

test("without onAddToCart there is no cart", async ({ page, shop, host }) => {
  const frame = await pictureWith(page, shop, host, "");
  await expect(frame.getByRole("button", { name: "Download" })).toBeVisible();
  await expect(frame.getByRole("button", { name: "Add to cart" })).toHaveCount(0);
});

for (const [name, callback, words] of [
  ["a refusal with a reason", "onAddToCart: () => ({ success: false, error: 'Only 2 left' })", "Only 2 left"],
  ["a refusal without a reason", "onAddToCart: () => ({ success: false })", "It could not be added to the cart. Try again."],
  ["an exception", "onAddToCart() { throw new Error('the cart is closed') }", "the cart is closed"],
  ["a promise that rejects", "onAddToCart: () => Promise.reject()", "It could not be added to the cart. Try again."],
] as const) {
  test(`${name} is shown, and nothing is counted`, async ({ page, shop, host }) => {
    const frame = await pictureWith(page, shop, host, callback);
    await add(frame);
    await expect(status(frame)).toHaveText(words);
    await expect(frame.getByRole("button", { name: "Add to cart" })).toHaveAttribute("aria-disabled", "false");
    await page.evaluate(() => Selektable.track("end"));
    await expect.poll(() => host.events("custom").length).toBe(1);
    expect(host.events("add_to_cart")).toEqual([]);
  });
}

test("a promise that succeeds with a cart address leads there, and a script address does not", async ({ page, shop, host }) => {
  const frame = await pictureWith(page, shop, host, "onAddToCart: () => new Promise((done) => (window.answer = (cartUrl) => done({ success: true, cartUrl })))");
  // The shop's function is called a moment after the press.
  const answer = async (cartUrl: string): Promise<void> => {
    await page.waitForFunction("window.answer");
    await page.evaluate((address) => (window.answer?.(address), delete window.answer), cartUrl);
  };
  await add(frame);
  await expect(frame.getByRole("button", { name: "Adding" })).toHaveAttribute("aria-disabled", "true");
  await answer("javascript:calls.push(1)");
  await expect(status(frame)).toHaveText("Added to cart");
  await expect(frame.getByRole("button", { name: "View cart" })).toHaveCount(0);
  await add(frame);
  await answer("/cart");
  shop.pages.set("/cart", { html: "<!doctype html><title>Cart</title>" });
  await frame.getByRole("button", { name: "View cart" }).click();
  await page.waitForURL("**/cart");
});

test("a version has to be chosen, one out of stock can't be, and the shop gets the chosen one", async ({ page, shop, host }) => {
  const variations = `attributes: [{ name: 'size', options: ['S', 'L'] }],
    variations: [{ id: 11, attributes: [{ name: 'colour', value: 'Green' }, { name: 'size', value: null }] }, { id: 12, attributes: [{ name: 'colour', value: 'Red' }], is_in_stock: false }]`;
  const frame = await pictureWith(page, shop, host, `${variations}, onAddToCart(...args) { calls.push(args) }`);
  expect(JSON.parse(String(host.visualizations[0]?.products))).toEqual([{ productId: "7", variantIds: ["11", "12"] }]);
  await add(frame);
  await expect(status(frame)).toHaveText("Choose a version first.");
  await expect(frame.getByRole("option", { name: "Red (out of stock)" })).toBeDisabled();
  await frame.getByRole("combobox", { name: "Version" }).selectOption("Green");
  await add(frame);
  await expect(status(frame)).toHaveText("Choose a version first.");
  await frame.getByRole("combobox", { name: "size" }).selectOption("L");
  await add(frame);
  await expect(status(frame)).toHaveText("Added to cart");
  const chosen = { id: 11, attributes: [{ name: "colour", value: "Green" }, { name: "size", value: "L" }] };
  expect(await calls(page)).toMatchObject([[{ productId: "7" }, 1, chosen]]);
  await expect.poll(() => host.events("add_to_cart")).toMatchObject([{ quantity: 1, variantId: "11" }]);
});

test("what can't be bought is said instead of offered", async ({ page, shop, host }) => {
  const frame = await pictureWith(page, shop, host, "is_in_stock: false, onAddToCart() {}");
  await expect(frame.getByText("not available now")).toBeVisible();
  await expect(frame.getByRole("button", { name: "Add to cart" })).toHaveCount(0);
});
