//! Deliveries come late, twice and in any order: the end is one state. The exhaustive version of this is a test of the
//! fold itself; here a handful of ways go over HTTP and come back through the API.

use serde_json::{Value, json};

use crate::orders::{meta_data, note_attributes, shopify, shopify_refund, with, woocommerce};
use crate::shop::{Kind, PlatformShop};
use crate::support::TestServer;

/// Ways for five deliveries to arrive; repetitions are part of it.
const WAYS: [&[usize]; 7] = [
    &[0, 1, 2, 3, 4],
    &[4, 3, 2, 1, 0],
    &[3, 0, 4, 1, 2],
    &[2, 2, 0, 3, 3, 1, 4, 4],
    &[4, 0, 1, 2, 3, 0, 1, 2, 3, 4],
    &[1, 3, 0, 2, 4, 3],
    &[3, 4, 3, 2, 0, 0, 1],
];

/// Created, updated, partly refunded, the refund's own topic, cancelled.
fn life_of_shopifys(id: u64) -> [(&'static str, Value); 5] {
    let placed = with(
        shopify(id, "2026-11-20T10:00:10+01:00"),
        json!({ "note_attributes": note_attributes("ann"), "name": "#1" }),
    );
    let refund = shopify_refund(id, 900, "30.00");
    let sent = with(
        placed.clone(),
        json!({ "updated_at": "2026-11-20T15:00:00Z", "fulfillment_status": "fulfilled" }),
    );
    let refunded = with(
        sent.clone(),
        json!({ "updated_at": "2026-11-21T10:00:00Z", "financial_status": "partially_refunded",
            "refunds": [refund.clone()] }),
    );
    let cancelled = with(
        refunded.clone(),
        json!({ "updated_at": "2026-11-21T11:00:00Z", "cancelled_at": "2026-11-21T11:00:00Z" }),
    );
    [
        ("orders/create", placed),
        ("orders/updated", sent),
        ("orders/updated", refunded),
        ("refunds/create", refund),
        ("orders/cancelled", cancelled),
    ]
}

/// Created, completed, partly refunded, refunded further within the same second, cancelled.
fn life_of_woocommerces(id: u64) -> [(&'static str, Value); 5] {
    let placed = with(
        woocommerce(id, "processing", "2026-11-20T09:00:30"),
        json!({ "meta_data": meta_data("ann"), "number": "1" }),
    );
    let of = |status: &str, modified: &str, refunds: Value| {
        let changes = json!({ "status": status, "date_modified_gmt": modified, "refunds": refunds });
        with(placed.clone(), changes)
    };
    let first = json!([{ "id": 900, "reason": "", "total": "-30.00" }]);
    let both = json!([{ "id": 900, "reason": "", "total": "-30.00" }, { "id": 901, "reason": "", "total": "-5.50" }]);
    [
        ("order.created", placed.clone()),
        ("order.updated", of("completed", "2026-11-20T15:00:00", json!([]))),
        ("order.updated", of("completed", "2026-11-21T10:00:00", first)),
        ("order.updated", of("completed", "2026-11-21T10:00:00", both.clone())),
        ("order.updated", of("cancelled", "2026-11-21T11:00:00", both)),
    ]
}

/// The end of every way, with the order's id taken out.
fn ends(kind: Kind, life: fn(u64) -> [(&'static str, Value); 5]) -> Vec<Value> {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, kind);
    shop.visualize("ann", "222", "2026-11-19T10:00:00Z");
    let mut ends = Vec::new();
    for (way, places) in WAYS.into_iter().enumerate() {
        let id = 5_001 + way as u64;
        let life = life(id);
        for place in places {
            let (topic, body) = &life[*place];
            let answer = shop.deliver(topic, body.to_string().as_bytes());
            assert_eq!(answer.status, 200, "{}", answer.text());
            let result = answer.json["result"].as_str().unwrap_or_default().to_owned();
            assert!(
                ["created", "updated", "unchanged", "stale", "noted", "waiting"].contains(&result.as_str()),
                "{topic}: {}",
                answer.text()
            );
        }
        let mut end = shop.state(&id.to_string());
        assert_eq!(end["orderId"], json!(id.to_string()));
        end["orderId"] = json!("");
        ends.push(end);
    }
    assert_eq!(shop.conversions(), WAYS.len(), "one conversion an order, however often it came");
    ends
}

#[test]
fn shopifys_deliveries_end_in_one_state_in_whichever_order_they_come() {
    let ends = ends(Kind::Shopify, life_of_shopifys);
    let first = &ends[0];
    assert_eq!((&first["status"], &first["refundedCents"]), (&json!("cancelled"), &json!(3_000)));
    assert_eq!((&first["netCents"], &first["visitorId"]), (&json!(7_000), &json!("ann")));
    assert_eq!(first["attribution"]["type"], "direct");
    for (way, end) in ends.iter().enumerate() {
        assert_eq!(end, first, "way {way}");
    }
}

#[test]
fn woocommerces_deliveries_end_in_one_state_in_whichever_order_they_come() {
    let ends = ends(Kind::WooCommerce, life_of_woocommerces);
    let first = &ends[0];
    assert_eq!((&first["status"], &first["refundedCents"]), (&json!("cancelled"), &json!(3_550)));
    assert_eq!((&first["netCents"], &first["visitorId"]), (&json!(6_450), &json!("ann")));
    for (way, end) in ends.iter().enumerate() {
        assert_eq!(end, first, "way {way}");
    }
}

#[test]
fn a_deleted_order_is_cancelled_and_a_restored_one_is_back() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let order = woocommerce(727, "processing", "2026-11-20T09:00:30");
    shop.accept("order.deleted", &json!({ "id": 727 }), "waiting");
    shop.accept("order.created", &order, "created");
    assert_eq!(shop.conversion("727")["status"], "cancelled", "the deletion came first, and holds");
    shop.accept("order.deleted", &json!({ "id": 727 }), "unchanged");
    shop.accept("order.restored", &order, "unchanged");
    assert_eq!(shop.conversion("727")["status"], "processing");
    shop.accept("order.deleted", &json!({ "id": 727 }), "noted");
    assert_eq!(shop.conversion("727")["status"], "cancelled");
    let listed = shop.deliveries("orderId=727");
    let outcomes: Vec<&str> = listed.iter().filter_map(|one| one["outcome"].as_str()).collect();
    assert!(outcomes.contains(&"noted") && outcomes.contains(&"accepted"), "{listed:#?}");
}

#[test]
fn a_changed_currency_is_answered_200_changes_nothing_and_is_recorded() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let order = shopify(1, "2026-11-20T10:00:00Z");
    shop.accept("orders/create", &order, "created");
    let other = with(order, json!({ "currency": "USD", "updated_at": "2026-11-20T11:00:00Z" }));
    let answer = shop.accept("orders/updated", &other, "ignored");
    assert_eq!((&answer.json["reason"], &answer.json["orderId"]), (&json!("currency_changed"), &json!("1")));
    assert_eq!(shop.conversion("1")["currency"], "EUR");
    let kept = shop.refused(1);
    assert_eq!((&kept[0]["code"], &kept[0]["topic"]), (&json!("currency_changed"), &json!("orders/updated")));
}
