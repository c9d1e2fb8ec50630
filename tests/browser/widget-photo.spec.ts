/** What of the shopper's photo leaves the device. */
import { expect, test } from "./support/fixtures.ts";
import { openWidget, productPage } from "./support/widget.ts";

/** An APP1 segment that says "held on its side" (orientation 6) and where the photo was taken. */
function metadata(): Buffer {
  const tiff = Buffer.from("4d4d002a00000008" + "0001" + "011200030000000100060000" + "00000000", "hex");
  const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, Buffer.from("SECRET PLACE")]);
  return Buffer.concat([Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255]), exif]);
}

test("the photo is sent upright, at most 2048 px, as JPEG, and without its metadata", async ({ page, shop, host }) => {
  shop.pages.set("/", productPage(host));
  const frame = await openWidget(page, shop);
  const jpeg = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2400, height: 1200 });
    canvas.getContext("2d")?.fillRect(0, 0, 1200, 1200);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg"));
    return [...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))];
  });
  const buffer = Buffer.concat([Buffer.from(jpeg.slice(0, 2)), metadata(), Buffer.from(jpeg.slice(2))]);
  await frame.locator("input[type=file]").first().setInputFiles({ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer });
  await frame.getByRole("button", { name: "Make picture" }).click();
  await frame.getByRole("heading", { name: "Your picture is ready" }).waitFor();

  const sent = host.visualizations[0]?.photo as Blob;
  const bytes = Buffer.from(await sent.arrayBuffer());
  expect(sent.type).toBe("image/jpeg");
  expect(bytes.includes("SECRET")).toBe(false);
  expect(bytes.includes("Exif")).toBe(false);
  const size = await page.evaluate(async (data) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(data)]));
    return [bitmap.width, bitmap.height];
  }, [...bytes]);
  expect(size).toEqual([1024, 2048]);
});
