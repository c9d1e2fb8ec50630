/** `selektable demo` on free ports with data of its own, and walking through its shop and its dashboard. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, FrameLocator, Locator, Page } from "@playwright/test";
import { expect } from "./fixtures.ts";
import { Program } from "./program.ts";
import { frameOf, roomFile } from "./widget.ts";

/** A running demo, as its own words describe it. */
export class Demo {
  #program: Program | null = null;
  #folder = "";
  shop = "";
  dashboard = "";
  email = "";
  password = "";

  async start(): Promise<this> {
    this.#folder = await mkdtemp(join(tmpdir(), "selektable-demo-"));
    this.#program = new Program(["demo", "--listen", "127.0.0.1:0", "--shop-listen", "127.0.0.1:0", "--data-dir", this.#folder]);
    const said = /Shop +(http:\S+)\s+Dashboard +(http:\S+)\s+Login +(\S+) +password: (\S+)/;
    [this.shop = "", this.dashboard = "", this.email = "", this.password = ""] = await this.#program.says(said);
    await this.#draw();
    return this;
  }

  /** Waits for the shop's pictures: it draws them at its start, which a debug build on a busy machine does in its own time. */
  async #draw(): Promise<void> {
    const home = await (await fetch(this.shop)).text();
    const pictures = new Set(home.match(/(?<=src=")\/(pictures\/|room)[^"]+/g));
    await Promise.all([...pictures].map(async (path) => (await fetch(this.shop + path)).arrayBuffer()));
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Requests that failed or were refused, of every page of the context. A page that is left has its unfinished requests
 * reported as aborted: events that outlive it, as they are meant to, and the icon of a page that was left at once.
 */
export function failuresOf(context: BrowserContext): string[] {
  const failures: string[] = [];
  context.on("requestfailed", (request) => {
    const error = request.failure()?.errorText;
    const outlived = error === "net::ERR_ABORTED" && /\/api\/events$|\/icon\.svg$/.test(request.url());
    if (!outlived) failures.push(`${request.method()} ${request.url()}: ${error}`);
  });
  context.on("response", (response) => response.status() >= 400 && failures.push(`${response.url()}: ${response.status()}`));
  return failures;
}

/**
 * Something of the page that is being opened, once that page has all it loads: of a page that is left earlier, requests
 * count as failed.
 */
export async function inFull(page: Page, shown: Locator): Promise<Locator> {
  await expect(shown).toBeVisible();
  await page.waitForLoadState();
  return shown;
}

/** Opens the widget of the product page that is shown and chooses the room photo; the product is in it afterwards. */
export async function placeInRoom(page: Page): Promise<FrameLocator> {
  await page.getByRole("button", { name: "View in your room" }).click();
  const frame = frameOf(page);
  const chooser = page.waitForEvent("filechooser");
  await frame.getByRole("button", { name: "Choose a photo" }).click();
  await (await chooser).setFiles(roomFile());
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeVisible();
  return frame;
}

/** From the product page that is shown to the finished picture. */
export async function visualize(page: Page): Promise<FrameLocator> {
  const frame = await placeInRoom(page);
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("heading", { name: "Your picture is ready" })).toBeVisible();
  return frame;
}

/** From the product page that is shown to the thank-you page; the order's id. */
export async function buy(page: Page): Promise<string> {
  await page.getByRole("link", { name: "Buy now" }).click();
  await (await inFull(page, page.getByRole("button", { name: "Place the order" }))).click();
  return thanked(page);
}

/** The id on the thank-you page. */
export async function thanked(page: Page): Promise<string> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Thank you");
  await page.waitForLoadState();
  return new URL(page.url()).searchParams.get("order") ?? "";
}

/** Fills in the login form that is shown. */
export async function logIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await (await inFull(page, page.getByLabel("E-mail"))).fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  // Loaded in full: what is still on its way when the test goes on to another page would count as failed.
  await page.waitForURL(({ pathname }) => !pathname.endsWith("/login"));
}
