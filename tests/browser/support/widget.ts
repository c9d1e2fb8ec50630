/** Walking through the widget as a shopper does. */
import type { FrameLocator, Page } from "@playwright/test";
import { expect, page as shopPage, tag } from "./fixtures.ts";
import type { MockHost, MockShop, ShopPage } from "./mock-server.ts";
import { room } from "./picture.ts";

/** A room as a file that a shopper chooses. */
export const roomFile = (name = "room.png") => ({ name, mimeType: "image/png", buffer: ROOM });
const ROOM = room();

/** A product page with a button, its picture on the shop's own origin. */
export const productPage = (host: MockHost, head = "", body = "", headers?: Record<string, string>): ShopPage =>
  shopPage(
    tag(host) + head,
    `<main style="height:3000px"><h1>Shop</h1><p style="height:400px">Chairs</p>
     <button data-selektable-widget="widget_1" data-product-id="7" data-product-title="Chair Nora" data-product-images="/chair.png">See it in your room</button>${body}</main>`,
    headers,
  );

/** The frame of the open widget. */
export const frameOf = (page: Page): FrameLocator => page.frameLocator("iframe[src*='/frame?']");

/** Opens the product page and its widget by a click. */
export async function openWidget(page: Page, shop: MockShop): Promise<FrameLocator> {
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "See it" }).click();
  const frame = frameOf(page);
  await expect(frame.getByRole("button", { name: "Choose a photo" })).toBeVisible();
  return frame;
}

/** Chooses the room photo; the product is in it afterwards. */
export async function choosePhoto(page: Page, frame: FrameLocator): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await frame.getByRole("button", { name: "Choose a photo" }).click();
  await (await chooser).setFiles(roomFile());
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeVisible();
}

/** From the open widget to the finished picture. */
export async function makePicture(page: Page, frame: FrameLocator): Promise<void> {
  await choosePhoto(page, frame);
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("heading", { name: "Your picture is ready" })).toBeVisible();
}

/** Closes the widget by Escape; the frame hears the key and tells the page, so it takes a moment. */
export async function closeWidget(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toBeHidden();
}
