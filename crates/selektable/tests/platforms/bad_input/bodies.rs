//! Signed well, and of no use: what is not JSON, what is no order, what lacks what an order needs.

use serde_json::{Value, json};

use super::{Case, PLACED, Scene};
use crate::orders::{shopify, shopify_refund, woocommerce};
use crate::shop::{Sent, fixture, fixture_json};

const MODIFIED: &str = "2026-11-20T09:00:30";

pub(super) fn cases(scene: &Scene) -> Vec<Case> {
    [texts(scene), shopify_fields(scene), woocommerce_fields(scene), mismatches(scene), refunds(scene)]
        .into_iter()
        .flatten()
        .collect()
}

/// A name for a case: the beginning of the body.
fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(40).collect()
}

/// Bytes that are no JSON object.
fn texts(scene: &Scene) -> Vec<Case> {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000));
    let order = shopify(1, PLACED).to_string();
    let texts: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"  \n".to_vec(),
        b"null".to_vec(),
        b"true".to_vec(),
        b"17".to_vec(),
        b"\"order\"".to_vec(),
        b"[]".to_vec(),
        format!("[{order}]").into_bytes(),
        order.as_bytes()[..order.len() - 1].to_vec(),
        format!("{order}{order}").into_bytes(),
        format!("{order} and more").into_bytes(),
        b"{'id': 1}".to_vec(),
        b"{\"id\": 1,}".to_vec(),
        b"{\"id\": NaN}".to_vec(),
        b"id=1&currency=EUR".to_vec(),
        b"<order/>".to_vec(),
        b"\xff\xfe\x00{".to_vec(),
        b"\x00".to_vec(),
        nested("[", "]").into_bytes(),
        nested("{\"a\":", "1}").into_bytes(),
        fixture("woocommerce/ping.body.txt"),
    ];
    let of_shopify = texts.iter().map(|body| {
        let sent = Sent::new(&scene.shopify, "orders/create", body);
        Case::ignored(&format!("shopify body: {}", shown(body)), sent, "unreadable_body")
    });
    let of_woocommerce = texts.iter().map(|body| {
        let sent = Sent::new(&scene.woocommerce, "order.created", body);
        Case::ignored(&format!("woocommerce body: {}", shown(body)), sent, "unreadable_body")
    });
    of_shopify.chain(of_woocommerce).collect()
}

fn set(mut order: Value, field: &str, value: Value) -> Value {
    order[field] = value;
    order
}

fn without(mut order: Value, field: &str) -> Value {
    order.as_object_mut().expect("an object").remove(field);
    order
}

fn shopify_fields(scene: &Scene) -> Vec<Case> {
    let order = || shopify(1, PLACED);
    let case = |name: String, body: &Value, said| {
        Case::ignored(&format!("shopify: {name}"), scene.of_shopify("orders/create", body), said)
    };
    let mut cases = Vec::new();
    for value in [json!(true), json!([1]), json!({}), json!("abc"), json!(""), json!(1.5)] {
        cases.push(case(format!("id = {value}"), &set(order(), "id", value), "unreadable_body"));
    }
    for value in [json!(null), json!(""), json!("ZZZ"), json!("EURO"), json!("€"), json!(978)] {
        cases.push(case(format!("currency = {value}"), &set(order(), "currency", value), "unknown_currency"));
    }
    for value in
        [json!(null), json!("abc"), json!("1e5"), json!("1,000.00"), json!("--1"), json!({}), json!("NaN")]
    {
        cases.push(case(
            format!("total_price = {value}"),
            &set(order(), "total_price", value),
            "unreadable_amount",
        ));
    }
    let none = set(order(), "id", json!(null));
    cases.push(case("id = null".to_owned(), &none, "topic_body_mismatch"));
    cases.push(case("no id".to_owned(), &without(order(), "id"), "topic_body_mismatch"));
    cases.push(case("no currency".to_owned(), &without(order(), "currency"), "unknown_currency"));
    cases.push(case("no total".to_owned(), &without(order(), "total_price"), "unreadable_amount"));
    cases.push(case("an error".to_owned(), &json!({ "errors": "Not Found" }), "topic_body_mismatch"));
    cases
}

fn woocommerce_fields(scene: &Scene) -> Vec<Case> {
    let order = || woocommerce(1, "processing", MODIFIED);
    let case = |name: String, body: &Value, said| {
        Case::ignored(&format!("woocommerce: {name}"), scene.of_woocommerce("order.created", body), said)
    };
    let mut cases = Vec::new();
    for value in [json!(null), json!([1]), json!("abc"), json!(1.5)] {
        cases.push(case(format!("id = {value}"), &set(order(), "id", value), "unreadable_body"));
    }
    for value in [json!(null), json!("ZZZ"), json!(978)] {
        cases.push(case(format!("currency = {value}"), &set(order(), "currency", value), "unknown_currency"));
    }
    for value in [json!("abc"), json!("1e5"), json!("1,000.00"), json!([])] {
        cases.push(case(format!("total = {value}"), &set(order(), "total", value), "unreadable_amount"));
    }
    let error = |code: &str| json!({ "code": code, "message": "Sorry.", "data": { "status": 401 } });
    cases.extend([
        case("an error instead".to_owned(), &error("rest_no_route"), "unreadable_body"),
        case(
            "the owner's error".to_owned(),
            &fixture_json("woocommerce/order.updated.error-payload.rest-cannot-view.json"),
            "owner_lost_access",
        ),
        case(
            "the old payload".to_owned(),
            &json!({ "order": { "id": 1, "order_number": "1", "total": "100.00", "status": "processing" } }),
            "old_payload",
        ),
        case(
            "a draft of the block checkout".to_owned(),
            &woocommerce(1, "checkout-draft", MODIFIED),
            "draft",
        ),
    ]);
    cases
}

/// Every body under topics that promise another.
fn mismatches(scene: &Scene) -> Vec<Case> {
    let bodies = [
        ("order", "orders/create", shopify(1, PLACED)),
        ("refund", "refunds/create", shopify_refund(1, 900, "30.00")),
        ("deletion", "orders/delete", json!({ "id": 1 })),
        ("edit", "orders/edited", fixture_json("shopify/orders_edited.cli-test-sample-2024-10.json")),
        ("shop", "app/uninstalled", fixture_json("shopify/app_uninstalled.cli-test-sample-2024-10.json")),
        ("erasure", "customers/redact", fixture_json("shopify/customers_redact.docs-sample.json")),
        ("data", "customers/data_request", fixture_json("shopify/customers_data_request.docs-sample.json")),
        ("end", "shop/redact", fixture_json("shopify/shop_redact.docs-sample.json")),
    ];
    let mut cases = Vec::new();
    for (kind, own, body) in &bodies {
        for (promised, topic, _) in &bodies {
            if own != topic {
                let name = format!("{kind} as {promised}");
                cases.push(Case::ignored(&name, scene.of_shopify(topic, body), "topic_body_mismatch"));
            }
        }
    }
    let doubled =
        scene.of_shopify("orders/delete", &json!({ "id": 1 })).and("X-Shopify-Topic", "orders/create");
    cases.push(Case::ignored("two topics", doubled, "no_topic"));
    let unknown = scene.of_shopify("ORDERS/CREATE/", &shopify(1, PLACED));
    cases.push(Case::ignored("a topic that is nearly one", unknown, "topic_not_used"));
    for (topic, body) in
        [("order.deleted", woocommerce(1, "trash", MODIFIED)), ("order.created", json!({ "id": 1 }))]
    {
        let sent = scene.of_woocommerce(topic, &body);
        cases.push(Case::ignored(
            &format!("woocommerce: {topic} of another body"),
            sent,
            "topic_body_mismatch",
        ));
    }
    cases
}

fn refunds(scene: &Scene) -> Vec<Case> {
    let case = |name: &str, body: &Value, said| {
        Case::ignored(&format!("refund: {name}"), scene.of_shopify("refunds/create", body), said)
    };
    let mut unreadable = shopify_refund(1, 900, "thirty");
    unreadable["transactions"][0]["amount"] = json!("thirty");
    let mut unknown = shopify_refund(1, 900, "30.00");
    unknown["transactions"][0]["currency"] = json!("ZZZ");
    vec![
        case("an amount in words", &unreadable, "unreadable_amount"),
        case("a currency of nobody", &unknown, "unknown_currency"),
        case(
            "of no order",
            &set(shopify_refund(1, 900, "1.00"), "order_id", json!({})),
            "topic_body_mismatch",
        ),
    ]
}
