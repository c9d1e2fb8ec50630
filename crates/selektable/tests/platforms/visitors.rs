//! How a visitor reaches an order: with it, or by the token of its cart or checkout, before it or after.

use serde_json::{Value, json};

use crate::orders::{meta_data, note_attributes, shopify, with, woocommerce};
use crate::shop::{Kind, PlatformShop, Sent};
use crate::support::TestServer;

const PLACED: &str = "2026-11-20T09:30:00Z";
const VISUALIZED: &str = "2026-11-19T10:00:00Z";

fn shop_with_a_picture(server: &TestServer, kind: Kind) -> PlatformShop {
    let mut shop = PlatformShop::open(server, kind);
    // The button passes the variant's id, as the script's own snippet does.
    shop.visualize("ann", "222", VISUALIZED);
    shop
}

fn cart_event(token: &str) -> Value {
    json!([{ "id": "e-1", "type": "cart", "at": 999_000, "cartToken": token }])
}

fn kind_and_carrier(shop: &mut PlatformShop, order: &str) -> (Value, Value, Value) {
    let kept = shop.conversion(order);
    (kept["attribution"]["type"].clone(), kept["platform"]["carrier"].clone(), kept["visitorId"].clone())
}

#[test]
fn a_cart_attribute_makes_the_order_direct_at_once() {
    let server = TestServer::start();
    let mut shop = shop_with_a_picture(&server, Kind::Shopify);
    let order = with(shopify(1, PLACED), json!({ "note_attributes": note_attributes("ann") }));
    let answer = shop.accept("orders/create", &order, "created");
    assert_eq!(answer.json["attribution"]["type"], "direct");
    assert_eq!(answer.json["attribution"]["attributedCents"], 10_000);
    assert_eq!(kind_and_carrier(&mut shop, "1"), (json!("direct"), json!("cart_attribute"), json!("ann")));
}

#[test]
fn metadata_of_the_order_makes_it_direct() {
    let server = TestServer::start();
    let mut shop = shop_with_a_picture(&server, Kind::WooCommerce);
    let order =
        with(woocommerce(1, "processing", "2026-11-20T09:00:30"), json!({ "meta_data": meta_data("ann") }));
    let answer = shop.accept("order.created", &order, "created");
    assert_eq!(answer.json["attribution"]["type"], "direct");
    assert_eq!(kind_and_carrier(&mut shop, "1").2, json!("ann"));
}

#[test]
fn an_order_that_came_before_its_browsers_word_becomes_direct_with_it() {
    let server = TestServer::start();
    let mut shop = shop_with_a_picture(&server, Kind::Shopify);
    let order = with(shopify(1, PLACED), json!({ "cart_token": "c1-0123456789abcdef" }));
    let answer = shop.accept("orders/create", &order, "created");
    assert_eq!(answer.json["attribution"]["type"], "none");
    let told = shop.browse("ann", &cart_event("c1-0123456789abcdef?key=77"), &[]);
    assert_eq!((told.status, &told.json["recorded"]), (200, &json!(1)), "{}", told.text());
    assert_eq!(kind_and_carrier(&mut shop, "1"), (json!("direct"), json!("cart_token"), json!("ann")));
    // Nobody takes it over afterwards.
    let late = json!([{ "id": "e-2", "type": "cart", "at": 999_900, "cartToken": "c1-0123456789abcdef" }]);
    assert_eq!(shop.browse("eve", &late, &[]).json["recorded"], 1);
    assert_eq!(kind_and_carrier(&mut shop, "1").2, json!("ann"));
    shop.accept("orders/updated", &order, "unchanged");
    assert_eq!(kind_and_carrier(&mut shop, "1").0, json!("direct"));
}

#[test]
fn a_browsers_word_that_came_first_waits_for_its_order() {
    let server = TestServer::start();
    let mut shop = shop_with_a_picture(&server, Kind::Shopify);
    assert_eq!(shop.browse("ann", &cart_event("c1-first"), &[]).json["recorded"], 1);
    let order = with(shopify(1, PLACED), json!({ "cart_token": "c1-first" }));
    let answer = shop.accept("orders/create", &order, "created");
    assert_eq!(answer.json["attribution"]["type"], "direct", "{}", answer.text());
    assert_eq!(kind_and_carrier(&mut shop, "1").1, json!("cart_token"));
}

#[test]
fn a_web_pixel_tells_whose_checkout_it_was_from_a_frame_without_an_origin() {
    let server = TestServer::start();
    let more = ["--domain", "https://shop.example"];
    let mut shop = PlatformShop::named(&server, Kind::Shopify, "Pixel Shop", Kind::Shopify.host(), &more);
    shop.visualize("ann", "222", VISUALIZED);
    let order = with(shopify(1, PLACED), json!({ "checkout_token": "k-0123456789" }));
    shop.accept("orders/create", &order, "created");
    let done = json!([{ "id": "e-1", "type": "checkout_completed", "at": 999_000, "checkoutToken": "k-0123456789" }]);
    let pixel = [("Origin", "null")];
    let answer = shop.browse("ann", &done, &pixel);
    assert_eq!((answer.status, &answer.json["recorded"]), (200, &json!(1)), "{}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(kind_and_carrier(&mut shop, "1"), (json!("direct"), json!("pixel"), json!("ann")));
    let page = json!([{ "id": "e-2", "type": "page", "at": 999_000 }]);
    for (events, origin) in [(&page, "null"), (&done, "https://evil.example")] {
        assert_eq!(shop.browse("ann", events, &[("Origin", origin)]).status, 403, "{origin}");
    }
}

#[test]
fn a_bad_token_is_refused_alone_and_said_like_other_events() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let events = json!([
        { "id": "e-1", "type": "cart", "at": 999_000, "cartToken": "undefined" },
        { "id": "e-2", "type": "cart", "at": 999_000 },
        { "id": "e-3", "type": "cart", "at": 999_000, "cartToken": "c1-good" },
        { "id": "e-3", "type": "cart", "at": 999_000, "cartToken": "c1-good" },
    ]);
    let answer = shop.browse("ann", &events, &[]);
    assert_eq!(
        (&answer.json["recorded"], &answer.json["duplicates"]),
        (&json!(1), &json!(1)),
        "{}",
        answer.text()
    );
    let refused: Vec<(&str, &str)> = answer.json["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        refused,
        [("/events/0/cartToken", "placeholder_identifier"), ("/events/1/cartToken", "missing")]
    );
}

#[test]
fn a_renewal_is_kept_and_never_credited_again() {
    let server = TestServer::start();
    let mut shop = shop_with_a_picture(&server, Kind::WooCommerce);
    let renewal = with(
        woocommerce(2, "completed", "2026-11-20T09:00:30"),
        json!({ "created_via": "subscription", "meta_data": meta_data("ann") }),
    );
    let answer = shop.accept("order.created", &renewal, "created");
    assert_eq!(answer.json["attribution"]["type"], "none");
    let kept = shop.conversion("2");
    assert_eq!((&kept["leftOut"], &kept["platform"]["origin"]), (&json!("renewal"), &json!("renewal")));
    assert_eq!((&kept["visitorId"], &kept["attribution"]["reason"]), (&json!("ann"), &json!("renewal")));
    assert_eq!(shop.get("summary").json["conversions"], 0);
    let key = format!("Bearer {}", shop.setup.api_key);
    let path = format!("/api/v1/stores/{}/conversions", shop.setup.store_id);
    let headers = [("Authorization", key.as_str()), ("Accept", "text/csv")];
    let csv = shop.client.request("GET", &path, &headers, b"").expect("an answer").text();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].ends_with(",carrier,leftOut"), "{csv}");
    assert!(lines[1].ends_with(",order_meta,renewal"), "{csv}");
}

#[test]
fn a_first_visitor_is_kept_for_good() {
    let server = TestServer::start();
    let mut shop = shop_with_a_picture(&server, Kind::Shopify);
    let order = with(shopify(1, PLACED), json!({ "note_attributes": note_attributes("ann") }));
    shop.accept("orders/create", &order, "created");
    let later = with(order, json!({ "note_attributes": [], "updated_at": "2026-11-22T10:00:00Z" }));
    shop.accept("orders/updated", &later, "updated");
    assert_eq!(kind_and_carrier(&mut shop, "1"), (json!("direct"), json!("cart_attribute"), json!("ann")));
}

#[test]
fn a_test_order_by_its_header_is_kept_and_left_out() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let body = shopify(1, PLACED).to_string();
    let sent = Sent::new(&shop, "orders/create", body.as_bytes()).and("X-Shopify-Test", "true");
    assert_eq!(shop.send(&sent).json["result"], "created");
    let kept = shop.conversion("1");
    assert_eq!((&kept["test"], &kept["leftOut"]), (&json!(true), &json!("test")));
}
