/** A store on a platform, made in the dashboard that somebody is logged in to. */
import type { Locator, Page } from "@playwright/test";
import { expect } from "./fixtures.ts";

/** Makes a store through the form; its connect page is shown afterwards. The store's address. */
export async function addStore(page: Page, origin: string, organizationId: string, platform: string): Promise<string> {
  await page.goto(`${origin}/organizations/${organizationId}/stores/new`);
  await page.getByRole("radio", { name: platform }).check();
  await page.getByLabel("Store name").fill("Noord");
  await page.getByLabel("Sites of the store").fill("https://noord.example");
  await page.getByRole("button", { name: "Add store" }).click();
  await page.waitForURL(/\/connect$/);
  return page.url().replace(/\/connect$/, "");
}

/** Secrets of our own making on the connect page that is shown, newest first. */
export const secretsShown = (page: Page): Locator => page.locator("#secrets .secret code");

/** Where WooCommerce delivers the orders of a store. */
export function deliveryAddress(store: string): string {
  const { origin, pathname } = new URL(store);
  return `${origin}/api/webhooks/woocommerce/${pathname.split("/").pop()}/orders`;
}

/** Enters keys that any shop of `WooCommerceShop` takes; the reconciliation page is shown. */
export async function enterKeys(page: Page, address: string): Promise<void> {
  const digits = "0123456789abcdef0123456789abcdef01234567";
  await page.getByLabel("The shop's address").fill(address);
  await page.getByLabel("Consumer key").fill(`ck_${digits}`);
  await page.getByLabel("Consumer secret").fill(`cs_${digits}`);
  await page.getByRole("button", { name: "Try and save" }).click();
  await expect(page.getByText("Saved: orders can be looked up.")).toBeVisible();
}
