//! Requests under privacy law.

use serde_json::json;

use crate::orders::{note_attributes, shopify, with};
use crate::shop::{Kind, PlatformShop, fixture_json};
use crate::support::TestServer;

#[test]
fn a_customer_is_erased_at_once_and_the_money_stays() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    shop.visualize("ann", "222", "2026-11-19T10:00:00Z");
    for (id, visitor) in [(299_938, "ann"), (280_263, "ann"), (7, "bob")] {
        let order =
            with(shopify(id, "2026-11-20T10:00:00Z"), json!({ "note_attributes": note_attributes(visitor) }));
        shop.accept("orders/create", &order, "created");
    }
    let before = shop.get("summary").json;
    let request = fixture_json("shopify/customers_redact.docs-sample.json");
    shop.accept("customers/redact", &request, "recorded");
    for id in ["299938", "280263"] {
        let kept = shop.conversion(id);
        assert_ne!(kept["visitorId"], "ann", "{id}");
        assert_eq!((&kept["totalCents"], &kept["attribution"]["type"]), (&json!(10_000), &json!("direct")));
    }
    assert_eq!(shop.conversion("7")["visitorId"], "bob");
    assert_eq!(shop.get("summary").json, before);

    let asked = shop.get("privacy-requests").json["data"].clone();
    assert_eq!(asked.as_array().map(Vec::len), Some(1), "{asked}");
    assert_eq!((&asked[0]["kind"], &asked[0]["customer"]), (&json!("erase_customer"), &json!("191167")));
    assert_eq!(asked[0]["orderIds"], json!(["299938", "280263", "220458"]));
    assert!(asked[0]["doneAt"].is_string() && asked[0]["dueAt"].is_string());
    assert!(!asked.to_string().contains("john@example.com"), "nothing personal of the request is kept");
}

#[test]
fn what_people_have_to_do_stays_open_and_is_listed_once() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let data = fixture_json("shopify/customers_data_request.docs-sample.json");
    let shop_end = fixture_json("shopify/shop_redact.docs-sample.json");
    shop.accept("customers/data_request", &data, "recorded");
    shop.accept("customers/data_request", &data, "recorded");
    shop.accept("shop/redact", &shop_end, "recorded");
    let asked = shop.get("privacy-requests").json["data"].clone();
    let kinds: Vec<&str> = asked.as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, ["erase_shop", "data"], "newest first");
    assert!(asked.as_array().unwrap().iter().all(|one| one["doneAt"].is_null()));
}
