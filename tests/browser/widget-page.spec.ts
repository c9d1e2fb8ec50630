/** The widget and the page around it: focus, scrolling, history, messages. */
import { expect, test } from "./support/fixtures.ts";
import { closeWidget, frameOf, openWidget, productPage } from "./support/widget.ts";

test.beforeEach(({ shop, host }) => {
  shop.pages.set("/", productPage(host, "", '<a href="/other">Other</a>'));
  shop.pages.set("/other", productPage(host));
});

test("while it is open the page does not scroll, and afterwards it is where it was, unchanged", async ({ page, shop }) => {
  await page.goto(shop.origin);
  await page.evaluate(() => {
    document.documentElement.style.overflow = "scroll";
    scrollTo(0, 300);
  });
  const before = await page.evaluate(() => document.documentElement.getAttribute("style"));
  await page.getByRole("button", { name: "See it" }).click();
  await expect(frameOf(page).getByRole("button", { name: "Choose a photo" })).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY)).toBe("hidden");
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toBeHidden();
  expect(await page.evaluate(() => [scrollY, document.documentElement.getAttribute("style")])).toEqual([300, before]);
  // Going back puts the page where its entry was left; scrolling meanwhile would be undone.
  await expect.poll(() => page.evaluate(() => history.state)).toBe(null);
  await page.evaluate(() => scrollTo(0, 700));
  expect(await page.evaluate(() => scrollY)).toBe(700);
});

test("the back button closes it and stays on the page; forward and back are the shop's again", async ({ page, shop, host }) => {
  await page.goto(shop.origin + "/other");
  await page.goto(shop.origin);
  await page.evaluate(() => history.replaceState({ router: 1 }, ""));
  await page.getByRole("button", { name: "See it" }).click();
  await expect(page.locator("dialog")).toBeVisible();
  await expect.poll(() => page.evaluate(() => history.state)).toMatchObject({ router: 1, selektable: expect.any(String) });
  await page.evaluate(() => history.back());
  await expect(page.locator("dialog")).toBeHidden();
  expect(page.url()).toBe(shop.origin + "/");
  expect(await page.evaluate(() => history.state)).toEqual({ router: 1 });
  await expect(page.getByRole("button", { name: "See it" })).toBeFocused();
  await page.goBack();
  expect(page.url()).toBe(shop.origin + "/other");
  await expect.poll(() => host.events("widget_close").length).toBe(1);
});

test("a frame that takes the focus after it was closed has to give it back", async ({ page, shop }) => {
  const frame = await openWidget(page, shop);
  await closeWidget(page);
  await page.evaluate(() => addEventListener("blur", () => (document.title = "lost")));
  await frame.locator("body").evaluate(() => window.focus());
  await expect(page).toHaveTitle("lost");
  await expect(page.getByRole("button", { name: "See it" })).toBeFocused();
});

test("Escape takes its history entry away too", async ({ page, shop }) => {
  await openWidget(page, shop);
  await expect.poll(() => page.evaluate(() => !!history.state?.selektable)).toBe(true);
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toBeHidden();
  await expect.poll(() => page.evaluate(() => history.state)).toBe(null);
  expect(page.url()).toBe(shop.origin + "/");
});

test("a click outside closes it, and so do the close button and close()", async ({ page, shop }) => {
  await openWidget(page, shop);
  const dialog = page.locator("dialog");
  await page.mouse.click(5, 5);
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "See it" }).click();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "See it" }).click();
  await expect(dialog).toBeVisible();
  await page.evaluate(() => Selektable.close("widget_1"));
  await expect(dialog).toBeHidden();
});

test("Tab stays within the widget and its close button", async ({ page, shop }) => {
  const frame = await openWidget(page, shop);
  await expect(frame.getByRole("button", { name: "Choose a photo" })).toBeFocused();
  for (let press = 0; press < 8; press++) {
    await page.keyboard.press("Tab");
    const inside = await page.evaluate(() => {
      const active = document.activeElement;
      return active === document.body || !!active?.shadowRoot;
    });
    expect(inside).toBe(true);
  }
});

test("messages that are not from the frame, of another origin, or for another store are ignored", async ({ page, shop, host }) => {
  const frame = await openWidget(page, shop);
  const dialog = page.locator("dialog");
  const last = page.waitForEvent("console", (message) => message.text().includes("the last"));
  // From the page itself, and from another frame of the host's own origin.
  await page.evaluate(async (src) => {
    postMessage({ type: "widget:modal-close", storeId: "store_1" }, "*");
    const other = Object.assign(document.createElement("iframe"), { src, id: "other" });
    await new Promise((resolve) => ((other.onload = resolve), document.body.append(other)));
  }, host.origin + "/widgets/frame.css");
  const stranger = await (await page.locator("#other").elementHandle())?.contentFrame();
  expect(stranger).toBeTruthy();
  await stranger?.evaluate(() => parent.postMessage({ type: "widget:modal-close", storeId: "store_1" }, "*"));
  // From the frame, but for another store or without one.
  await frame.locator("body").evaluate(() => {
    parent.postMessage({ type: "widget:modal-close", storeId: "store_2" }, "*");
    parent.postMessage({ type: "widget:modal-close" }, "*");
    parent.postMessage(null, "*");
  });
  // Into the frame: from itself, and for another store.
  const forged = { type: "widget:init", options: { productTitle: "Forged", productImages: [] }, callbacks: {}, identity: null, images: [] };
  await frame.locator("body").evaluate((_, message) => postMessage({ ...message, storeId: "store_1" }, "*"), forged);
  await page.evaluate(
    ([message, target]) => {
      const host = [...document.querySelectorAll("*")].find((element) => element.shadowRoot);
      host?.shadowRoot?.querySelector("iframe")?.contentWindow?.postMessage({ ...(message as object), storeId: "store_2" }, target as string);
    },
    [forged, host.origin] as const,
  );
  // Messages arrive in order: when this one has, all before it were heard.
  await frame.locator("body").evaluate(() => parent.postMessage({ type: "widget:error", error: "the last", storeId: "store_1" }, "*"));
  await last;
  await expect(dialog).toBeVisible();
  await expect(frame.getByRole("heading", { name: "Chair Nora" })).toBeVisible();
});

test("the frame names the page's exact origin as the one it speaks to", async ({ page, shop, host }) => {
  host.config = { pageOrigin: "https://elsewhere.example" };
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "See it" }).click();
  // Nothing is said to a page of another origin, so this one never learns that the frame is ready.
  await expect(page.getByRole("alert")).toContainText("could not be loaded");
});

test("a frame that can't be loaded is said, and can be tried again", async ({ page, shop, problems }) => {
  let broken = true;
  let asked = 0;
  await page.route("**/widgets/widget_1/frame*", (route) => {
    asked += 1;
    return broken ? route.fulfill({ status: 403, contentType: "text/html", body: "<p>no</p>" }) : route.continue();
  });
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "See it" }).click();
  await expect(page.getByRole("alert")).toContainText("could not be loaded");
  broken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(frameOf(page).getByRole("button", { name: "Choose a photo" })).toBeVisible();
  expect(asked).toBe(2);
  expect(problems.splice(0).every((text) => text.includes("403"))).toBe(true);
});

test("opening again for the same product finds everything as it was", async ({ page, shop, host }) => {
  const frame = await openWidget(page, shop);
  await frame.locator("input[type=file]").first().setInputFiles({ name: "no.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
  await expect(frame.getByRole("alert")).toBeVisible();
  await closeWidget(page);
  await page.getByRole("button", { name: "See it" }).click();
  await expect(frame.getByRole("alert")).toBeVisible();
  expect(host.requested.filter((path) => path.endsWith("/frame"))).toHaveLength(1);
});
