import { expect, identityOf, page as shopPage, tag, test } from "./support/fixtures.ts";

/** The form and the script of the shop developer's guide, to the letter. */
const GUIDE = `<form action="/your-endpoint" method="POST">
  <!-- Your form fields here -->

  <!-- Hidden tracking fields (populated by JavaScript) -->
  <input type="hidden" name="visitorId" id="sel-visitor-id" />
  <input type="hidden" name="sessionId" id="sel-session-id" />

  <button type="submit">Submit</button>
</form>

<script>
  var identity = Selektable.getIdentity();
  document.getElementById('sel-visitor-id').value = identity.visitorId;
  document.getElementById('sel-session-id').value = identity.sessionId;
</script>`;

const FORM = '<form action="/order" method="POST"><input type="hidden" name="visitorId"><input type="hidden" name="sessionId"><button>Order</button></form>';

test("the guide's form works as it stands", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host), GUIDE));
  await page.goto(shop.origin);
  const { visitorId, sessionId } = await identityOf(page);
  await page.getByRole("button", { name: "Submit" }).click();
  await page.getByText("Thank you").waitFor();
  expect(Object.fromEntries(shop.forms[0] ?? [])).toEqual({ visitorId, sessionId });
});

test("a form without any script of the shop's is filled, also with an async tag and when sent right after loading", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host, "async"), FORM + "<script>addEventListener('load', () => document.forms[0].requestSubmit())</script>"));
  await page.goto(shop.origin);
  await page.getByText("Thank you").waitFor();
  expect(shop.forms[0]?.get("visitorId")).toMatch(/^v_[0-9a-f]{32}$/);
  expect(shop.forms[0]?.get("sessionId")).toMatch(/^s_[0-9a-f]{32}$/);
});

test("with the script blocked the form still goes through", async ({ page, shop, host, problems }) => {
  shop.pages.set("/", shopPage(tag(host, "async"), FORM));
  await page.route(host.origin + "/**", (route) => route.abort("blockedbyclient"));
  await page.goto(shop.origin);
  await page.getByRole("button", { name: "Order" }).click();
  await page.getByText("Thank you").waitFor();
  expect(Object.fromEntries(shop.forms[0] ?? [])).toEqual({ visitorId: "", sessionId: "" });
  expect(problems.splice(0)).toEqual([expect.stringContaining("ERR_BLOCKED_BY_CLIENT")]);
});

test("inputs that are added later, and marked inputs of any name, are filled", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host), '<form id="f"></form>'));
  await page.goto(shop.origin);
  const { visitorId, sessionId } = await identityOf(page);
  await page.evaluate(() => {
    const form = document.getElementById("f") as HTMLFormElement;
    form.innerHTML = '<div><input type="hidden" name="visitorId"><input type="hidden" name="sid" data-selektable-session-id></div>';
  });
  await expect(page.locator("[name=visitorId]")).toHaveValue(visitorId);
  await expect(page.locator("[name=sid]")).toHaveValue(sessionId);
});

test("form.submit(), which fires no submit event, carries the ids too", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host), FORM));
  await page.goto(shop.origin);
  const { visitorId, sessionId } = await identityOf(page);
  await page.evaluate(() => {
    const form = document.forms[0] as HTMLFormElement;
    form.querySelectorAll("input").forEach((input) => (input.value = ""));
    form.submit();
  });
  await page.getByText("Thank you").waitFor();
  expect(Object.fromEntries(shop.forms[0] ?? [])).toEqual({ visitorId, sessionId });
});

test("values follow reset and setVisitorId", async ({ page, shop, host }) => {
  shop.pages.set("/", shopPage(tag(host), FORM));
  await page.goto(shop.origin);
  await page.evaluate(() => Selektable.setVisitorId("shop-1"));
  await expect(page.locator("[name=visitorId]")).toHaveValue("shop-1");
  await page.evaluate(() => Selektable.reset());
  const { visitorId, sessionId } = await identityOf(page);
  await expect(page.locator("[name=visitorId]")).toHaveValue(visitorId);
  await expect(page.locator("[name=sessionId]")).toHaveValue(sessionId);
});

test("a value that the shop set is left alone, and so are visible fields", async ({ page, shop, host }) => {
  shop.pages.set(
    "/",
    shopPage(tag(host), '<form action="/order" method="POST"><input type="hidden" name="visitorId" value="from-the-shop"><input name="sessionId" value=""><button>Order</button></form>'),
  );
  await page.goto(shop.origin);
  await page.getByRole("button").click();
  await page.getByText("Thank you").waitFor();
  expect(Object.fromEntries(shop.forms[0] ?? [])).toEqual({ visitorId: "from-the-shop", sessionId: "" });
});
