"use strict";
(() => {
  // web/src/embed/id.ts
  function newId(prefix) {
    const bytes = crypto.getRandomValues(new Uint8Array(10));
    return bytes.reduce((text, byte) => text + (byte + 256).toString(16).slice(1), prefix + "_0" + Date.now().toString(16));
  }

  // web/src/pixel/main.ts
  var HOST = "__HOST__";
  var STORE = "__STORE__";
  async function stored(area) {
    try {
      return JSON.parse(await browser[area].getItem("selektable:" + STORE) || "{}") ?? {};
    } catch {
      return {};
    }
  }
  var tokenOf = (id) => String(id ?? "").split("?")[0]?.split("/").pop() || void 0;
  function cartToken() {
    try {
      return tokenOf(init.data?.cart?.id);
    } catch {
      return void 0;
    }
  }
  async function report({ data }) {
    const checkout = data?.checkout;
    const attribute = (name) => checkout?.attributes?.find(({ key }) => key === name)?.value;
    const person = await stored("localStorage");
    const visitorId = person.v || attribute("selektable_visitor_id");
    const sessionId = (await stored("sessionStorage")).id || attribute("selektable_session_id") || newId("s");
    const checkoutToken = tokenOf(checkout?.token);
    if (!visitorId || !checkoutToken) return;
    const now = Date.now();
    const event = { id: newId("e"), type: "checkout_completed", at: now, checkoutToken, cartToken: cartToken() };
    await fetch(HOST + "/api/events", {
      method: "POST",
      headers: { "Content-Type": "text/plain;charset=UTF-8" },
      body: JSON.stringify({ storeId: STORE, visitorId, sessionId, consent: person.c === 1 || void 0, sentAt: now, events: [event] }),
      keepalive: true,
      credentials: "omit"
    });
  }
  var privacy;
  try {
    privacy = init.customerPrivacy;
    api.customerPrivacy?.subscribe("visitorConsentCollected", (event) => privacy = event.customerPrivacy);
  } catch {
  }
  analytics.subscribe("checkout_completed", async (event) => {
    if (privacy?.analyticsProcessingAllowed === false) return;
    await report(event).catch(() => {
    });
  });
})();
