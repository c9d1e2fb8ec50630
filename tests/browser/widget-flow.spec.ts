/** The whole way from the button on the product page to the picture and the cart. */
import { expect, identityOf, test } from "./support/fixtures.ts";
import { choosePhoto, frameOf, makePicture, openWidget, productPage, roomFile } from "./support/widget.ts";

interface Placement {
  x: number;
  y: number;
  scale: number;
  rotation: number;
}

const placementOf = (form: Record<string, unknown> | undefined): Placement => JSON.parse(String(form?.placement)) as Placement;

test.beforeEach(({ shop, host }) => {
  shop.pages.set("/", productPage(host));
});

test("by mouse: photo, product in it, drag, picture, download, adjust, and another picture", async ({ page, shop, host }) => {
  const frame = await openWidget(page, shop);
  await expect(frame.getByRole("heading", { name: "Chair Nora" })).toBeVisible();
  await expect(frame.getByText("deleted after 24 hours")).toBeVisible();
  await choosePhoto(page, frame);
  const placed = frame.getByRole("application");
  const before = await placed.boundingBox();
  if (!before) throw new Error("the product is not there");
  await page.mouse.move(before.x + before.width / 2, before.y + before.height / 2);
  await page.mouse.down();
  await page.mouse.move(before.x + before.width / 2 - 90, before.y + before.height / 2 + 30, { steps: 5 });
  await page.mouse.up();
  const moved = async (): Promise<number[]> => {
    const { x = 0, y = 0 } = (await placed.boundingBox()) ?? {};
    return [Math.round(x - before.x), Math.round(y - before.y)];
  };
  await expect.poll(moved).toEqual([-90, 30]);
  await page.mouse.wheel(0, -240);
  await expect.poll(async () => (await placed.boundingBox())?.width).toBeGreaterThan(before.width * 1.1);
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("img", { name: "Chair Nora in your room" })).toBeVisible();

  const [form] = host.visualizations;
  const { visitorId, sessionId } = await identityOf(page);
  expect(form).toMatchObject({ visitorId, sessionId });
  expect(form).not.toHaveProperty("consent");
  expect(JSON.parse(String(form?.products))).toEqual([{ productId: "7", variantIds: [] }]);
  expect(String(form?.requestId)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const first = placementOf(form);
  expect(first.x).toBeLessThan(0.5);
  expect(first.rotation).toBe(0);
  expect((form?.photo as Blob).type).toBe("image/jpeg");
  expect((form?.product as Blob).type).toBe("image/png");

  const download = page.waitForEvent("download");
  await frame.getByRole("button", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("chair-nora-in-your-room.jpg");
  await frame.getByRole("button", { name: "Adjust" }).click();
  await frame.getByRole("slider", { name: "Turn" }).fill("20");
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect.poll(() => host.visualizations.length).toBe(2);
  expect(placementOf(host.visualizations[1])).toEqual({ ...first, rotation: 20 });
  expect(host.visualizations[1]?.requestId).not.toBe(form?.requestId);
  expect(host.cutouts).toHaveLength(1);
});

test("by keyboard alone: open, choose, move, turn, make, and back to the button", async ({ page, shop, host }) => {
  await page.goto(shop.origin);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "See it" })).toBeFocused();
  await page.keyboard.press("Enter");
  const frame = frameOf(page);
  await expect(frame.getByRole("button", { name: "Choose a photo" })).toBeFocused();
  // Keys go to the frame only when the browser, too, has moved the focus there.
  await expect.poll(() => frame.locator("html").evaluate(() => document.hasFocus())).toBe(true);
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(roomFile());
  await expect(frame.getByRole("application")).toBeFocused();
  for (const key of ["ArrowLeft", "ArrowUp", "+", "]", "]", "Shift+ArrowRight"]) await page.keyboard.press(key);
  await page.keyboard.press("Tab");
  await expect(frame.getByRole("slider", { name: "Size" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(frame.getByRole("slider", { name: "Turn" })).toHaveAttribute("aria-valuetext", "4 degrees");
  await page.keyboard.press("Tab");
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(frame.getByRole("heading", { name: "Your picture is ready" })).toBeFocused();
  expect(placementOf(host.visualizations[0])).toMatchObject({ x: 0.54, y: 0.61, rotation: 4 });
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toBeHidden();
  await expect(page.getByRole("button", { name: "See it" })).toBeFocused();
});

test("the shopper hears how far the picture is, and can cancel", async ({ page, shop, host }) => {
  let release = (): void => {};
  host.gates.set("/api/widgets/widget_1/visualizations", new Promise((resolve) => (release = resolve)));
  const frame = await openWidget(page, shop);
  await choosePhoto(page, frame);
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("progressbar")).toBeVisible();
  await expect(frame.getByRole("status")).toHaveText("Making your picture");
  await frame.getByRole("button", { name: "Cancel" }).click();
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeVisible();
  release();
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("heading", { name: "ready" })).toBeVisible();
});

test("a refused picture is said in words, told to the shop, and tried again under the same id", async ({ page, shop, host, problems }) => {
  const warnings: string[] = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  host.refusals.push({ path: /visualizations/, status: 503, detail: "Too many pictures are being made right now." });
  const frame = await openWidget(page, shop);
  await choosePhoto(page, frame);
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("alert")).toHaveText("Many pictures are being made right now. Try again in a moment.");
  await expect.poll(() => warnings.join()).toContain("Too many pictures are being made right now.");
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("heading", { name: "ready" })).toBeVisible();
  expect(host.visualizations[0]?.requestId).toBeTruthy();
  expect(host.visualizations[0]?.requestId).toBe(host.refused[0]?.requestId);
  expect(problems.splice(0)).toEqual([expect.stringContaining("503")]);
});

test("a photo that the server can't use is the photo's fault, not the product's", async ({ page, shop, host, problems }) => {
  const errors = [{ pointer: "/photo", code: "damaged_image", detail: "the picture is damaged" }];
  host.refusals.push({ path: /visualizations/, status: 422, detail: "/photo: the picture is damaged", errors });
  const frame = await openWidget(page, shop);
  await choosePhoto(page, frame);
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect(frame.getByRole("alert")).toHaveText("This photo could not be used. Choose another one.");
  expect(problems.splice(0)).toEqual([expect.stringContaining("422")]);
});

test("what is no usable photo is refused before anything is sent", async ({ page, shop, host }) => {
  const frame = await openWidget(page, shop);
  const files = frame.locator("input[type=file]").first();
  await files.setInputFiles({ name: "terms.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF") });
  await expect(frame.getByRole("alert")).toContainText("not a photo");
  await frame.locator("input[type=file]").first().setInputFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no") });
  await expect(frame.getByRole("alert")).toContainText("cannot open");
  expect(host.visualizations).toEqual([]);
});

test("a photo may be dropped on the frame or pasted into it", async ({ page, shop }) => {
  const frame = await openWidget(page, shop);
  const give = (kind: "drop" | "paste") =>
    frame.locator("body").evaluate((body, { kind, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], "room.png", { type: "image/png" }));
      const event = kind === "drop" ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }) : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
      body.dispatchEvent(event);
    }, { kind, base64: roomFile().buffer.toString("base64") });
  await give("drop");
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeVisible();
  await frame.getByRole("button", { name: "Other photo" }).click();
  await give("paste");
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeVisible();
});

test("a photo from the camera", async ({ page, shop }) => {
  const frame = await openWidget(page, shop);
  await frame.getByRole("button", { name: "Take a photo" }).click();
  await expect.poll(() => frame.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0);
  await frame.getByRole("button", { name: "Take the picture" }).click();
  await expect(frame.getByRole("button", { name: "Make picture" })).toBeVisible();
});

test("where consent is missing the picture belongs to nobody, and with an explicit yes that is said", async ({ page, shop, host }) => {
  shop.pages.set("/", productPage(host, "<script>Selektable.consent(false)</script>"));
  const frame = await openWidget(page, shop);
  await makePicture(page, frame);
  expect(host.visualizations[0]).not.toHaveProperty("visitorId");
  expect(host.visualizations[0]).not.toHaveProperty("sessionId");
  expect(host.batches).toEqual([]);
  await page.evaluate(() => Selektable.consent(true));
  await frame.getByRole("button", { name: "Adjust" }).click();
  await frame.getByRole("slider", { name: "Turn" }).fill("5");
  await frame.getByRole("button", { name: "Make picture" }).click();
  await expect.poll(() => host.visualizations.length).toBe(2);
  const { visitorId, sessionId } = await identityOf(page);
  expect(host.visualizations[1]).toMatchObject({ visitorId, sessionId, consent: "true" });
});

test("a strict page needs nothing but the documented directives, from the button to the picture", async ({ page, shop, host }) => {
  const policy = `default-src 'none'; script-src ${host.origin}; connect-src ${host.origin} 'self'; frame-src ${host.origin}; img-src 'self'`;
  const { html } = productPage(host);
  // The page's own inline styles would break its policy, not ours.
  shop.pages.set("/", { html: html.replace(/ style="[^"]*"/g, ""), headers: { "Content-Security-Policy": policy } });
  const frame = await openWidget(page, shop);
  await makePicture(page, frame);
  expect(await page.locator("dialog").evaluate((dialog) => getComputedStyle(dialog).position)).toBe("fixed");
});

for (const [lang, choose, make] of [["nl-NL", "Kies een foto", "Maak afbeelding"], ["de", "Foto auswählen", "Bild erstellen"]] as const) {
  test(`in ${lang}, at 320 px, nothing is cut off or scrolls sideways`, async ({ page, shop, host }) => {
    await page.setViewportSize({ width: 320, height: 568 });
    const shown = productPage(host);
    shop.pages.set("/", { html: shown.html.replace('lang="en"', `lang="${lang}"`) });
    await page.goto(shop.origin);
    await page.getByRole("button", { name: "See it" }).click();
    const frame = frameOf(page);
    await expect(frame.getByRole("button", { name: choose })).toBeVisible();
    await frame.locator("input[type=file]").first().setInputFiles(roomFile());
    await expect(frame.getByRole("button", { name: make })).toBeInViewport();
    for (const direction of ["ltr", "rtl"]) {
      const overflow = await frame.locator("html").evaluate((root, dir) => {
        (root as HTMLElement).dir = dir;
        const panel = document.querySelector(".panel") as HTMLElement;
        return [root.scrollWidth - root.clientWidth, panel.scrollWidth - panel.clientWidth];
      }, direction);
      expect(overflow).toEqual([0, 0]);
    }
  });
}
