/** The widget's steps at three widths, light and dark: measured here, and kept as screenshots for a look. */
import type { FrameLocator } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { choosePhoto, frameOf, productPage } from "./support/widget.ts";

const OPEN = `<script>const show = () => Selektable.open("widget_1", {
  productId: 7, productTitle: "Oak armchair with green wool cover, hand made",
  productImages: [{ id: "a", src: "/chair.png?1", alt: "Front" }, { id: "b", src: "/chair.png?2", alt: "Side" }],
  variations: [{ id: 71, attributes: [{ name: "colour", value: "Green" }] }, { id: 72, attributes: [{ name: "colour", value: "Red" }] }],
  onAddToCart: () => ({ success: true, cartUrl: "/cart" }), onCheckout() {},
})</script>`;

/** What sticks out of the frame sideways, and what is too small for a thumb. */
const faults = (frame: FrameLocator) =>
  frame.locator("body").evaluate((body) => {
    const wide = [...body.querySelectorAll<HTMLElement>(".app *")].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (left < -1 || right > innerWidth + 1) && !element.closest(".photo, .progress");
    });
    const small = [...body.querySelectorAll<HTMLElement>("button, select, label.thumb")].filter((element) => {
      const { width, height } = element.getBoundingClientRect();
      return height < 40 || width < 34;
    });
    const cut = [...body.querySelectorAll<HTMLElement>("button")].filter((element) => element.scrollWidth > element.clientWidth + 1);
    return [wide, small, cut].map((elements) => elements.map((element) => element.textContent || element.className));
  });

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, height] of [[1280, 800], [390, 844], [320, 568]] as const) {
    test(`at ${width} px in ${colorScheme} nothing sticks out or is cut off, and every control is large enough`, async ({ page, shop, host }, info) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      if (width === 390) host.config = { accent: "#0a7d5a" };
      shop.pages.set("/", productPage(host, OPEN));
      await page.goto(shop.origin);
      await page.evaluate("show()");
      const frame = frameOf(page);
      const look = async (name: string): Promise<void> => {
        expect(await faults(frame), name).toEqual([[], [], []]);
        await page.screenshot({ path: info.outputPath(`${name}.png`) });
      };
      await expect(frame.locator(".preview .thumbnail")).not.toHaveClass(/loading/);
      await look("1-choose");
      await choosePhoto(page, frame);
      await look("2-place");
      let open = (): void => {};
      host.gates.set("/api/widgets/widget_1/visualizations", new Promise((resolve) => (open = resolve)));
      await frame.getByRole("button", { name: "Make picture" }).click();
      await frame.getByRole("heading", { name: "Making your picture" }).waitFor();
      await look("3-making");
      open();
      await frame.getByRole("heading", { name: "Your picture is ready" }).waitFor();
      await look("4-result");
      await frame.getByLabel("Version").selectOption("Green");
      await frame.getByRole("button", { name: "Add to cart" }).click();
      await frame.getByText("Added to cart").waitFor();
      await look("5-added");
    });
  }
}
