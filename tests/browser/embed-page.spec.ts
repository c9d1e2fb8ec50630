import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { expect, identityOf, page as shopPage, tag, test } from "./support/fixtures.ts";

test("calls made before the script has arrived are made up for, in order, and later pushes run at once", async ({ page, shop, host }) => {
  const early = `<script>
    window.Selektable = { q: [] };
    window.held = Selektable;
    function later() { Selektable.q.push(arguments) }
    Selektable.q.push(['identify', 'u1', { plan: 'gold' }]);
    later('track', 'early', { n: 1 });
    Selektable.q.push(function () { window.called = Selektable.getIdentity().userId });
    Selektable.q.push(['noSuchCall'], null, 7);
  </script>`;
  shop.pages.set("/", shopPage(early + tag(host, "async")));
  await page.goto(shop.origin);
  await page.waitForLoadState("load");
  expect(await identityOf(page)).toMatchObject({ userId: "u1", traits: { plan: "gold" } });
  expect(await page.evaluate(() => [(window as unknown as { held: unknown }).held === Selektable, (window as unknown as { called: string }).called])).toEqual([true, "u1"]);
  await page.evaluate(() => Selektable.q.push(["setVisitorId", "shop-1"]));
  expect((await identityOf(page)).visitorId).toBe("shop-1");
  await expect.poll(() => host.events("custom")).toMatchObject([{ name: "early", properties: { n: 1 } }]);
});

test("the tag twice, and once more by a single-page app, is one instance with one set of listeners", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host) + tag(host), '<button data-selektable-widget="widget_1">See it</button>'));
  await page.goto(shop.origin);
  await page.evaluate((src) => {
    const first = Selektable;
    return new Promise<boolean>((resolve) => {
      const again = Object.assign(document.createElement("script"), { src, onload: () => resolve(first === Selektable) });
      again.dataset.storeId = "store_1";
      document.head.append(again);
    });
  }, host.origin + "/widgets/embed.js").then((same) => expect(same).toBe(true));
  await page.evaluate(() => Selektable.track("end"));
  await expect.poll(() => host.events("custom").length).toBe(1);
  await expect.poll(() => host.events("exposure").length).toBe(1);
  expect(host.events("page")).toHaveLength(1);
});

test("nothing the page passes makes a call throw", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host)));
  await page.goto(shop.origin);
  await page.evaluate(() => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const api = Selektable as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const bad of [undefined, null, 7, "x", {}, [], circle, () => {}, 7n]) {
      for (const name of ["identify", "setVisitorId", "track", "close", "consent"]) api[name]?.(bad, bad);
    }
  });
  expect(await page.evaluate(() => typeof Selektable.getIdentity().visitorId)).toBe("string");
});

test("a page with a strict policy needs only the documented directives", async ({ page, shop, host }) => {
  const policy = `default-src 'none'; script-src ${host.origin}; connect-src ${host.origin} 'self'; frame-src ${host.origin}; img-src 'self'; require-trusted-types-for 'script'; trusted-types selektable`;
  shop.pages.set(
    "/",
    shopPage(tag(host), '<img src="/chair.png" alt=""><button data-selektable-widget="widget_1" data-product-id="7" data-product-images="/chair.png">See it</button>', { "Content-Security-Policy": policy }),
  );
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "See it" }).click();
  const frame = page.frameLocator("iframe");
  await frame.getByRole("button", { name: "Choose a photo" }).waitFor();
  await expect.poll(() => host.events("widget_open").length).toBe(1);
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toBeHidden();
});

test("widget code that did not come is asked for again, also where Trusted Types are required", async ({ page, shop, host, problems }) => {
  shop.pages.set("/", shopPage(tag(host), '<button data-selektable-widget="widget_1">See it</button>', { "Content-Security-Policy": "require-trusted-types-for 'script'; trusted-types selektable" }));
  await page.route("**/widgets/widget.*.js", (route) => route.abort());
  await page.goto(shop.origin);
  const failed = page.waitForEvent("console", (message) => message.text().includes("could not be loaded"));
  await page.getByRole("button", { name: "See it" }).click();
  await failed;
  await page.unroute("**/widgets/widget.*.js");
  await page.getByRole("button", { name: "See it" }).click();
  await expect(page.locator("dialog")).toBeVisible();
  expect(problems.splice(0)).toEqual([expect.stringContaining("ERR_FAILED")]);
});

test("a policy with nonces hands the tag's nonce on", async ({ page, shop, host }) => {
  const policy = `script-src 'nonce-abc' 'strict-dynamic'`;
  shop.pages.set("/", shopPage(tag(host, 'nonce="abc"'), '<button data-selektable-widget="widget_1">See it</button>', { "Content-Security-Policy": policy }));
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "See it" }).click();
  await expect(page.locator("dialog")).toBeVisible();
});

test("without a store id the page works, and a hint stands in the console", async ({ page, shop, host }) => {
  const hints: string[] = [];
  page.on("console", (message) => message.type() === "warning" && hints.push(message.text()));
  shop.pages.set("/", shopPage(`<script src="${host.origin}/widgets/embed.js"></script>`));
  await page.goto(shop.origin);
  expect((await identityOf(page)).visitorId).toMatch(/^v_/);
  expect(hints.join()).toContain("data-store-id");
});

test("the widget's code is loaded only when a widget is opened or preloaded", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host), '<button data-selektable-widget="widget_1">See it</button>'));
  await page.goto(shop.origin);
  await expect.poll(() => host.events("exposure").length).toBe(1);
  expect(host.requested).not.toContain("/widgets/widget.js");
  expect(await page.evaluate(() => Selektable.discover().length)).toBe(1);
  await page.evaluate(() => Selektable.preload("widget_1"));
  await expect.poll(() => host.requested).toContain("/widgets/frame.js");
  await expect(page.locator("dialog")).toBeHidden();
});

test("a page asks for the script and sends one batch, and nothing else", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host, "async"), '<button data-selektable-widget="widget_1" data-product-id="7">See it</button>'.repeat(3)));
  await page.goto(shop.origin);
  await expect.poll(() => host.events().map(({ type }) => type)).toEqual(["page", "exposure", "exposure", "exposure"]);
  expect(host.requested).toEqual(["/widgets/embed.js", "/api/events"]);
});

test("while the script does not come the page is shown, answers and loads the rest", async ({ page, shop, host }) => {
  let release = (): void => {};
  host.gates.set("/widgets/embed.js", new Promise((resolve) => (release = resolve)));
  const body = `<h1>Chair</h1><button onclick="this.textContent = 'Added'">Add</button><img src="/chair.png" alt="A chair">
    <script>document.title = document.querySelector("button").textContent</script>`;
  shop.pages.set("/", shopPage(tag(host, "async"), body));
  await page.goto(shop.origin, { waitUntil: "domcontentloaded" });
  await expect(page).toHaveTitle("Add");
  await page.getByRole("button").click();
  await expect(page.getByRole("button")).toHaveText("Added");
  await expect.poll(() => page.getByRole("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await expect.poll(() => page.evaluate(() => performance.getEntriesByName("first-contentful-paint").length)).toBe(1);
  expect(await page.evaluate(() => typeof Selektable)).toBe("undefined");
  release();
  await page.waitForLoadState();
  await expect.poll(() => host.events("page").length).toBe(1);
});

test("embed.js is at most 3 KiB with Brotli", () => {
  const bytes = readFileSync(new URL("../../web/dist/embed.js", import.meta.url));
  const small = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  expect(small.length).toBeLessThanOrEqual(3072);
});
