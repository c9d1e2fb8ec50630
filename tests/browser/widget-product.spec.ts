/** Where the product comes from, and how its picture gets to the server. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, page as shopPage, tag, test } from "./support/fixtures.ts";
import { closeWidget, frameOf, makePicture, openWidget, productPage, roomFile } from "./support/widget.ts";
import { chairPhoto } from "./support/picture.ts";

test("a picture of the shop's own origin is sent by the page", async ({ page, shop, host }) => {
  shop.pages.set("/", productPage(host));
  await openWidget(page, shop);
  await expect.poll(() => host.cutouts.length).toBe(1);
  expect(host.cutouts[0]).not.toHaveProperty("imageUrl");
  expect((host.cutouts[0]?.image as Blob).size).toBe(chairPhoto().length);
});

test("a picture that the page may not read is fetched by the server, without an error on the page", async ({ page, shop, host }) => {
  const elsewhere = "https://images.example/chair.png";
  shop.pages.set("/", { html: productPage(host).html.replace("/chair.png", elsewhere) });
  const frame = await openWidget(page, shop);
  await makePicture(page, frame);
  expect(host.cutouts).toEqual([{ imageUrl: elsewhere }]);
});

test("when the server may not fetch it either way round, the page tries: an image server that allows it", async ({ page, shop, host, problems }) => {
  const images = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "image/png", "Access-Control-Allow-Origin": "*" }).end(chairPhoto());
  });
  await new Promise<void>((resolve) => images.listen(0, "127.0.0.1", resolve));
  try {
    const address = `http://127.0.0.1:${(images.address() as AddressInfo).port}/chair.png`;
    shop.pages.set("/", { html: productPage(host).html.replace("/chair.png", address) });
    host.refusals.push({ path: /cutout/, status: 422, detail: "/imageUrl: a private address" });
    const frame = await openWidget(page, shop);
    await makePicture(page, frame);
    expect(host.cutouts).toHaveLength(1);
    expect((host.cutouts[0]?.image as Blob).size).toBe(chairPhoto().length);
    // The server's refusal itself is all the console shows, and it is the frame's.
    expect(problems.splice(0)).toEqual([expect.stringContaining("422")]);
  } finally {
    images.closeAllConnections();
    await new Promise((resolve) => images.close(resolve));
  }
});

test("when nobody can fetch it, that is said, and another picture of the product works", async ({ page, shop, host, problems }) => {
  const options = `{ productId: 7, productTitle: "Chair", productImages: ["/gone.png", "/chair.png"] }`;
  shop.pages.set("/", shopPage(tag(host) + `<script>const show = () => Selektable.open("widget_1", ${options})</script>`));
  // The thumbnail, the placing and its second try.
  host.refusals.push(...[1, 2, 3].map(() => ({ path: /cutout/, status: 422, detail: "/imageUrl: can't be fetched" })));
  await page.goto(shop.origin);
  await page.evaluate("show()");
  const frame = frameOf(page);
  await frame.locator("input[type=file]").first().setInputFiles(roomFile());
  await expect(frame.getByRole("alert")).toContainText("Pick another picture of the product below.");
  host.refusals.splice(0);
  await frame.getByRole("radio", { name: "Picture 2" }).check();
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("heading", { name: "ready" })).toBeVisible();
  expect(problems.splice(0).every((text) => /404|422/.test(text))).toBe(true);
});

test("explicit options win, then the element, then what the page shows", async ({ page, shop, host }) => {
  const described = { "@context": "https://schema.org", "@graph": [{ "@type": "Product", sku: "7", name: "From JSON-LD", image: "/chair.png" }] };
  const element = '<button data-selektable-widget="widget_1" data-product-id="7" data-product-title="From element">See it</button>';
  shop.pages.set("/", shopPage(tag(host) + `<script type="application/ld+json">${JSON.stringify(described)}</script>`, element));
  await page.goto(shop.origin);
  const frame = frameOf(page);
  await page.getByRole("button", { name: "See it" }).click();
  await expect(frame.getByRole("heading", { name: "From element" })).toBeVisible();
  await expect.poll(() => host.cutouts.length).toBe(1);
  await closeWidget(page);
  await page.evaluate(() => Selektable.open("widget_1", { productTitle: "From options" }));
  await expect(frame.getByRole("heading", { name: "From options" })).toBeVisible();
  await closeWidget(page);
  await page.evaluate(() => document.querySelector("button")?.remove());
  await page.evaluate(() => Selektable.open("widget_1"));
  await expect(frame.getByRole("heading", { name: "From JSON-LD" })).toBeVisible();
  await closeWidget(page);
  // Of two described products neither is taken for a third.
  await page.evaluate(() => document.head.insertAdjacentHTML("beforeend", '<script type="application/ld+json">{"@type":"Product","sku":"9","image":"/chair.png"}</' + "script>"));
  await page.evaluate(() => Selektable.open("widget_1", { productId: "8", productTitle: "Another" }));
  await expect(frame.getByRole("alert")).toContainText("does not say which product");
});

test("WooCommerce's markup gives id, title, pictures and variations", async ({ page, shop, host }) => {
  const variations = JSON.stringify([{ variation_id: 71, attributes: { attribute_pa_colour: "green" }, is_in_stock: true }]).replaceAll('"', "&quot;");
  const body = `<div id="product-70" class="product type-product">
    <div class="woocommerce-product-gallery__image"><a href="/chair.png"><img src="/small.png" data-large_image="/chair.png" alt="Front"></a></div>
    <h1 class="product_title">Woo chair</h1>
    <form class="cart variations_form" data-product_id="70" data-product_variations="${variations}"></form></div>
    <button data-selektable-widget="widget_1">See it</button>`;
  shop.pages.set("/", shopPage(tag(host), body.replace('<img src="/small.png"', '<img src="/chair.png"')));
  const frame = await openWidget(page, shop);
  await expect(frame.getByRole("heading", { name: "Woo chair" })).toBeVisible();
  await makePicture(page, frame);
  expect(JSON.parse(String(host.visualizations[0]?.products))).toEqual([{ productId: "70", variantIds: ["71"] }]);
});

for (const [name, written, ids] of [
  ["one variant", 'data-variant-id="45137"', ["45137"]],
  ["a list of variants", 'data-variant-ids="45137, 45138,45137" data-variant-id="1"', ["45137", "45138"]],
  ["a JSON array with a number that JavaScript would round", `data-variant-ids='[45137, "45138", 820982911946154508]'`, ["45137", "45138", "820982911946154508"]],
  ["nothing", 'data-variant-ids="" data-variant-id=" "', []],
] as const) {
  test(`an element that names ${name} is recorded with product and variants`, async ({ page, shop, host }) => {
    shop.pages.set("/", { html: productPage(host).html.replace('data-product-id="7"', `data-product-id="7" ${written}`) });
    const frame = await openWidget(page, shop);
    await makePicture(page, frame);
    expect(JSON.parse(String(host.visualizations[0]?.products))).toEqual([{ productId: "7", variantIds: ids }]);
  });
}

test("the variant that the theme has chosen since counts, and only it", async ({ page, shop, host }) => {
  shop.pages.set("/", { html: productPage(host).html.replace('data-product-id="7"', 'data-product-id="7" data-variant-id="45137"') });
  await page.goto(shop.origin);
  await page.evaluate(() => (document.querySelector("button")!.dataset.variantId = "45138"));
  await page.getByRole("button", { name: "See it" }).click();
  const frame = frameOf(page);
  await expect(frame.getByRole("button", { name: "Choose a photo" })).toBeVisible();
  await makePicture(page, frame);
  expect(JSON.parse(String(host.visualizations[0]?.products))).toEqual([{ productId: "7", variantIds: ["45138"] }]);
});

test("the variant of the page is the one the widget's cart starts with", async ({ page, shop, host }) => {
  const options = `{ variations: [{ id: 71, attributes: [{ name: "colour", value: "Green" }] }, { id: 72, attributes: [{ name: "colour", value: "Red" }] }], onAddToCart() {} }`;
  const html = productPage(host, `<script>const show = () => Selektable.open("widget_1", ${options})</script>`).html;
  shop.pages.set("/", { html: html.replace('data-product-id="7"', 'data-product-id="7" data-variant-id="72"') });
  await page.goto(shop.origin);
  await page.evaluate("show()");
  const frame = frameOf(page);
  await makePicture(page, frame);
  expect(JSON.parse(String(host.visualizations[0]?.products))).toEqual([{ productId: "7", variantIds: ["72"] }]);
  await frame.getByRole("button", { name: "Add to cart" }).click();
  await expect.poll(() => host.events("add_to_cart")).toMatchObject([{ productId: "7", variantId: "72" }]);
});

test("another product keeps the shopper's photo", async ({ page, shop, host }) => {
  shop.pages.set("/", productPage(host));
  const frame = await openWidget(page, shop);
  await makePicture(page, frame);
  await closeWidget(page);
  await page.evaluate(() => Selektable.open("widget_1", { productId: "8", productTitle: "Second", productImage: "/chair.png?2" }));
  await expect(frame.getByRole("heading", { name: "Second" })).toBeVisible();
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeVisible();
});

test("virtual try-on speaks of the shopper, not of the room", async ({ page, shop, host }) => {
  host.config = { widgetType: "virtual-try-on" };
  shop.pages.set("/", productPage(host));
  const frame = await openWidget(page, shop);
  await expect(frame.getByRole("heading", { name: "See it on you" })).toBeVisible();
  await makePicture(page, frame);
  await expect(frame.getByRole("img", { name: "Chair Nora on you" })).toBeVisible();
});
