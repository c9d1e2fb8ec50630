//! What is not an order: other topics, the app's removal, a webhook's owner who lost access.

use serde_json::json;

use crate::orders::{shopify, with, woocommerce};
use crate::shop::{Kind, PlatformShop, Sent, fixture_json};
use crate::support::TestServer;

#[test]
fn topics_that_say_nothing_about_orders_are_ignored_and_listed() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let product = json!({ "id": 1, "title": "Sofa" });
    for topic in ["products/update", "carts/create", "no topic at all", "orders/update"] {
        let answer = shop.accept(topic, &product, "ignored");
        assert_eq!(answer.json["reason"], "topic_not_used", "{topic}");
    }
    let answer = shop.accept("draft_orders/create", &product, "ignored");
    assert_eq!(answer.json["reason"], "draft");
    assert_eq!(shop.deliveries("").len(), 5);
    assert_eq!(shop.conversions(), 0);
}

#[test]
fn a_topic_that_does_not_fit_its_body_does_nothing() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    shop.accept("orders/create", &shopify(1, "2026-11-20T10:00:00Z"), "created");
    // Whoever has a signed order could send it under another topic: headers are not signed.
    let answer = shop.accept("orders/delete", &shopify(1, "2026-11-20T10:00:00Z"), "ignored");
    assert_eq!(answer.json["reason"], "topic_body_mismatch");
    for topic in ["app/uninstalled", "customers/redact", "shop/redact", "refunds/create"] {
        shop.accept(topic, &shopify(1, "2026-11-20T10:00:00Z"), "ignored");
    }
    assert_eq!(shop.conversion("1")["status"], "processing");
    assert_eq!(shop.get("platform").json["link"]["state"], "connected");
    assert_eq!(shop.get("privacy-requests").json["data"], json!([]));
    let errors = &shop.deliveries("")[0]["errors"];
    assert_eq!(errors[0]["code"], "topic_body_mismatch", "its owner reads what to mend");
}

#[test]
fn an_order_without_a_topic_is_an_order() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let body = shopify(1, "2026-11-20T10:00:00Z").to_string();
    let sent = Sent::new(&shop, "", body.as_bytes()).without("X-Shopify-Topic");
    assert_eq!(shop.send(&sent).json["result"], "created");
    let sent = Sent::new(&shop, "", b"{\"id\":1}").without("X-Shopify-Topic");
    assert_eq!(shop.send(&sent).json["reason"], "no_topic");
    assert_eq!(shop.conversion("1")["status"], "processing");
}

#[test]
fn drafts_are_taken_when_they_are_placed() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    for status in ["checkout-draft", "draft", "auto-draft", "new"] {
        let answer = shop.accept("order.updated", &woocommerce(1, status, "2026-11-20T09:00:30"), "ignored");
        assert_eq!(answer.json["reason"], "draft", "{status}");
    }
    assert_eq!(shop.conversions(), 0);
    shop.accept("order.updated", &woocommerce(1, "processing", "2026-11-20T09:00:40"), "created");
}

#[test]
fn a_removed_app_shows_as_disconnected_until_an_order_comes_again() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    assert_eq!(shop.get("platform").json["link"]["state"], "waiting");
    let removed = fixture_json("shopify/app_uninstalled.cli-test-sample-2024-10.json");
    shop.accept("app/uninstalled", &removed, "recorded");
    let link = shop.get("platform").json["link"].clone();
    assert_eq!((&link["state"], link["uninstalledAt"].is_string()), (&json!("uninstalled"), true));
    // The secret stays: what Shopify still has to say is signed with it, and so are orders once the app is back.
    shop.accept("orders/create", &shopify(1, "2026-11-20T10:00:00Z"), "created");
    assert_eq!(shop.get("platform").json["link"]["state"], "connected");
}

#[test]
fn a_webhooks_owner_without_access_is_shown_until_an_order_comes() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let error = fixture_json("woocommerce/order.updated.error-payload.rest-cannot-view.json");
    let answer = shop.accept("order.updated", &error, "ignored");
    assert_eq!(answer.json["reason"], "owner_lost_access");
    assert_eq!(shop.get("platform").json["link"]["state"], "owner_lost_access");
    shop.accept("order.created", &woocommerce(1, "processing", "2026-11-20T09:00:30"), "created");
    assert_eq!(shop.get("platform").json["link"]["state"], "connected");
}

#[test]
fn a_status_of_the_shops_own_is_kept_beside_ours() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let order = woocommerce(1, "packed-by-anna", "2026-11-20T09:00:30");
    shop.accept("order.created", &order, "created");
    let kept = shop.conversion("1");
    assert_eq!(
        (&kept["status"], &kept["platform"]["rawStatus"]),
        (&json!("processing"), &json!("packed-by-anna"))
    );
    let unpaid = with(woocommerce(2, "failed", "2026-11-20T09:00:30"), json!({ "date_paid_gmt": null }));
    shop.accept("order.created", &unpaid, "created");
    assert_eq!(shop.conversion("2")["status"], "cancelled");
}
