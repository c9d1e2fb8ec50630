//! Orders that are odd and still orders: what can be mended is mended and said, and no value becomes another's.

use serde_json::{Value, json};

use super::{PLACED, Scene};
use crate::orders::{note_attributes, shopify, with};
use crate::shop::{PlatformShop, Sent};

/// An odd order: its name, its body, and what the API must say of it afterwards, by JSON Pointer.
type Odd = (&'static str, Vec<u8>, Vec<(&'static str, Value)>);

const LATER: &str = "a date of tomorrow";

fn changed(id: u64, changes: Value) -> Vec<u8> {
    with(shopify(id, PLACED), changes).to_string().into_bytes()
}

fn replaced(id: u64, what: &str, by: &[u8]) -> Vec<u8> {
    let text = shopify(id, PLACED).to_string();
    let (before, after) = text.split_once(what).expect("it is there");
    [before.as_bytes(), by, after.as_bytes()].concat()
}

fn odd_orders() -> Vec<Odd> {
    let total = |cents: i64| ("/totalCents", json!(cents));
    vec![
        (
            "a NUL in the visitor's id",
            changed(1, json!({ "note_attributes": note_attributes("a\u{0}b") })),
            vec![("/visitorId", json!(null))],
        ),
        (
            "a visitor of nobody",
            changed(2, json!({ "note_attributes": note_attributes("undefined") })),
            vec![("/visitorId", json!(null))],
        ),
        (
            "an endless visitor",
            changed(3, json!({ "note_attributes": note_attributes(&"v".repeat(300)) })),
            vec![("/visitorId", json!(null))],
        ),
        (
            "a visitor that is an object",
            changed(4, json!({ "note_attributes": [{ "name": "selektable_visitor_id", "value": {} }] })),
            vec![("/visitorId", json!(null))],
        ),
        (
            "attributes that are a text",
            changed(5, json!({ "note_attributes": "ann" })),
            vec![("/visitorId", json!(null))],
        ),
        (
            "lines that are no list",
            changed(6, json!({ "line_items": "many" })),
            vec![("/items", json!([])), total(10_000)],
        ),
        (
            "lines of nothing",
            changed(7, json!({ "line_items": [null, 7, "x", {}] })),
            vec![("/items/0/productId", json!("custom-item"))],
        ),
        (
            "refunds that are no list",
            changed(8, json!({ "refunds": { "id": 1 } })),
            vec![("/refundedCents", json!(0))],
        ),
        ("a negative total", changed(9, json!({ "total_price": "-5.00" })), vec![total(0)]),
        ("more digits than cents", changed(10, json!({ "total_price": "10.005" })), vec![total(1_001)]),
        ("a total that is a number", changed(11, json!({ "total_price": 12.5 })), vec![total(1_250)]),
        ("a date that is none", changed(12, json!({ "updated_at": "yesterday" })), vec![total(10_000)]),
        (LATER, changed(13, json!({ "updated_at": "2999-01-01T00:00:00Z" })), vec![total(10_000)]),
        (
            "a status of its own",
            changed(14, json!({ "financial_status": "maybe" })),
            vec![("/status", json!("pending"))],
        ),
        ("an id that is a text", changed(15, json!({ "id": "15" })), vec![("/orderId", json!("15"))]),
        (
            "an id beyond 2^53",
            changed(9_007_199_254_740_993, json!({})),
            vec![("/orderId", json!("9007199254740993"))],
        ),
        ("an endless number", changed(17, json!({ "name": "#".repeat(5_000) })), vec![total(10_000)]),
        ("bytes that are no UTF-8", replaced(18, "#18", b"\xff\xfe"), vec![total(10_000)]),
        ("half a surrogate", replaced(19, "#19", b"\\ud800"), vec![total(10_000)]),
        ("a field that stands twice", replaced(20, "{", b"{\"total_price\":\"1.00\","), vec![total(10_000)]),
        (
            "2,000 lines",
            changed(21, json!({ "line_items": vec![shopify(1, PLACED)["line_items"][0].clone(); 2_000] })),
            vec![total(10_000)],
        ),
        (
            "fields of nobody's",
            changed(22, json!({ "surprise": { "deep": [[[[1]]]] } })),
            vec![total(10_000)],
        ),
    ]
}

fn id_of(shop: &mut PlatformShop, answer: &Value) -> String {
    let id = answer["orderId"].as_str().expect("an order id").to_owned();
    assert_eq!(shop.conversion(&id)["orderId"], json!(id));
    id
}

#[test]
fn what_is_odd_in_an_order_is_mended_and_said() {
    let mut scene = Scene::open();
    let odd = odd_orders();
    for (name, body, expected) in &odd {
        let sent = Sent::new(&scene.shopify, "orders/create", body);
        let answer = scene.shopify.send(&sent);
        assert_eq!(
            (answer.status, &answer.json["result"]),
            (200, &json!("created")),
            "{name}: {}",
            answer.text()
        );
        let id = id_of(&mut scene.shopify, &answer.json);
        let kept = scene.shopify.conversion(&id);
        for (pointer, value) in expected {
            assert_eq!(kept.pointer(pointer), Some(value), "{name}: {pointer} of {kept:#}");
        }
        let again = scene.shopify.send(&sent);
        let known = again.json["result"].as_str();
        // Where the time of receipt stands in for the order's own, a later delivery is a later snapshot.
        assert!(
            known == Some("unchanged") || (*name == LATER && known == Some("updated")),
            "{name}: {known:?}"
        );
    }
    assert_eq!(scene.shopify.conversions(), odd.len());
}
