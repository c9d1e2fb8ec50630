use rstest::rstest;
use serde_json::{Value as Payload, json};

use super::*;
use crate::json::{Limits, parse};
use crate::money::AMOUNT_MINOR_MAX;
use crate::order::OrderStatus;

/// 2026-11-23T10:15:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

fn seed_order() -> Payload {
    json!({
        "orderId": "1001", "storeId": "store_xxx", "organizationId": "org_xxx", "visitorId": "v-1",
        "sessionId": "s-1", "totalCents": 10_000, "currency": "eur", "platform": "custom", "status": "completed",
        "orderCreatedAt": "2026-11-23T10:14:00.000Z",
        "items": [{"productId": "123", "quantity": 2, "priceCents": 5_000, "totalCents": 10_000}],
    })
}

fn outcome(payload: &Payload) -> Result<WebhookOrder, Vec<Fault>> {
    let body = payload.to_string();
    parse_webhook(&parse(body.as_bytes(), Limits::SINGLE).unwrap(), NOW)
}

/// The seed's order with the value at a pointer replaced; `undefined` members of objects are taken out.
fn with(pointer: &str, value: Payload) -> Payload {
    let mut payload = seed_order();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = payload.pointer_mut(parent).unwrap();
    match parent {
        Payload::Array(elements) => elements[key.parse::<usize>().unwrap()] = value,
        other => other[key] = value,
    }
    payload
}

fn faults(payload: &Payload) -> Vec<(String, &'static str)> {
    outcome(payload).err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn warnings(payload: &Payload) -> Vec<(String, &'static str)> {
    outcome(payload).unwrap().warnings.into_iter().map(|warning| (warning.pointer, warning.code)).collect()
}

#[test]
fn the_seeds_order_is_read_as_it_was_meant() {
    let read = outcome(&seed_order()).unwrap();
    assert_eq!((read.store_id.as_str(), read.organization_id.as_str()), ("store_xxx", "org_xxx"));
    assert_eq!(read.warnings, []);
    let order = read.order;
    assert_eq!((order.id.as_str(), order.currency.code(), order.total_minor), ("1001", "EUR", 10_000));
    assert_eq!((order.source, order.status, order.test), (Source::Server, OrderStatus::Completed, false));
    assert_eq!(order.created_at, NOW.plus_millis(-60_000));
    assert_eq!((order.items[0].quantity, order.items[0].price_minor), (2, 5_000));
}

#[test]
fn the_seeds_lead_has_no_total_and_no_items_and_no_warning() {
    let mut lead = with("/items", json!([]));
    lead["totalCents"] = json!(0);
    assert_eq!(warnings(&lead), []);
}

#[test]
fn optional_fields_are_read_and_null_is_the_same_as_missing() {
    let mut payload = seed_order();
    payload["orderUpdatedAt"] = json!("2026-11-23T11:14:30+01:00");
    payload["refundedCents"] = json!(10_000);
    payload["test"] = json!(true);
    payload["userId"] = json!("u-1");
    payload["conversionType"] = json!("purchase");
    payload["items"][0]["variantId"] = json!("123-blue");
    let order = outcome(&payload).unwrap().order;
    assert_eq!(order.updated_at, Some(NOW.plus_millis(-30_000)));
    assert_eq!((order.refunded_minor, order.test, order.label.as_deref()), (10_000, true, Some("purchase")));
    assert_eq!(order.user.unwrap().as_str(), "u-1");
    assert_eq!(order.items[0].variant.as_ref().unwrap().as_str(), "123-blue");
    for key in ["orderUpdatedAt", "refundedCents", "test", "userId", "conversionType"] {
        payload[key] = Payload::Null;
    }
    payload["items"][0]["variantId"] = Payload::Null;
    assert_eq!(outcome(&payload), outcome(&seed_order()));
}

const REQUIRED: [&str; 15] = [
    "/orderId",
    "/storeId",
    "/organizationId",
    "/visitorId",
    "/sessionId",
    "/totalCents",
    "/currency",
    "/platform",
    "/status",
    "/orderCreatedAt",
    "/items",
    "/items/0/productId",
    "/items/0/quantity",
    "/items/0/priceCents",
    "/items/0/totalCents",
];

#[test]
fn every_required_field_is_missed_alone() {
    for pointer in REQUIRED {
        let mut payload = seed_order();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        payload.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        assert_eq!(faults(&payload), [(pointer.to_owned(), "missing")]);
    }
}

#[test]
fn every_required_field_of_another_type_is_refused() {
    for pointer in REQUIRED {
        for value in [json!(null), json!(true), json!({})] {
            assert_eq!(faults(&with(pointer, value)), [(pointer.to_owned(), "wrong_type")]);
        }
        if pointer != "/items" {
            assert_eq!(faults(&with(pointer, json!([]))), [(pointer.to_owned(), "wrong_type")]);
        }
    }
}

#[test]
fn faults_of_every_field_are_told_at_once() {
    let found = faults(&json!({}));
    let wanted: Vec<_> = REQUIRED[..11].iter().map(|pointer| ((*pointer).to_owned(), "missing")).collect();
    assert_eq!(found, wanted);
    let mut payload = seed_order();
    payload["items"] = json!([{}, 7]);
    assert_eq!(faults(&payload).len(), 5);
}

#[rstest]
#[case(json!(null))]
#[case(json!([]))]
#[case(json!("order"))]
#[case(json!(1))]
fn a_payload_that_is_no_object_has_one_fault(#[case] payload: Payload) {
    assert_eq!(faults(&payload), [(String::new(), "wrong_type")]);
}

#[rstest]
#[case("/totalCents", json!(-1), "out_of_range")]
#[case("/totalCents", json!(AMOUNT_MINOR_MAX + 1), "out_of_range")]
#[case("/totalCents", json!(u64::MAX), "out_of_range")]
#[case("/totalCents", json!(1e30), "out_of_range")]
#[case("/totalCents", json!("10000"), "not_an_integer")]
#[case("/totalCents", json!(10_000.0), "not_an_integer")]
#[case("/totalCents", json!(0.5), "not_an_integer")]
#[case("/items/0/priceCents", json!(-1), "out_of_range")]
#[case("/items/0/priceCents", json!("1"), "not_an_integer")]
#[case("/items/0/totalCents", json!(AMOUNT_MINOR_MAX + 1), "out_of_range")]
#[case("/items/0/quantity", json!(0), "out_of_range")]
#[case("/items/0/quantity", json!(1_000_001), "out_of_range")]
#[case("/items/0/quantity", json!("2"), "not_an_integer")]
#[case("/items/0/quantity", json!(1.5), "not_an_integer")]
#[case("/refundedCents", json!(-1), "out_of_range")]
#[case("/refundedCents", json!("1"), "not_an_integer")]
#[case("/currency", json!("EURO"), "unknown_currency")]
#[case("/currency", json!("XAU"), "unknown_currency")]
#[case("/currency", json!(""), "unknown_currency")]
#[case("/currency", json!(978), "wrong_type")]
#[case("/platform", json!("Custom"), "unknown_value")]
#[case("/platform", json!("shopify"), "unknown_value")]
#[case("/status", json!("Completed"), "unknown_value")]
#[case("/status", json!("on_hold"), "unknown_value")]
#[case("/orderCreatedAt", json!("2026-11-23"), "invalid_date")]
#[case("/orderCreatedAt", json!("2026-11-23T10:14:00"), "invalid_date")]
#[case("/orderCreatedAt", json!("yesterday"), "invalid_date")]
#[case("/orderCreatedAt", json!(1_795_428_900), "wrong_type")]
#[case("/orderCreatedAt", json!("1970-12-31T23:59:59.999Z"), "date_out_of_range")]
#[case("/orderCreatedAt", json!("2026-11-23T11:15:00.001Z"), "date_out_of_range")]
#[case("/orderUpdatedAt", json!("2027-11-23T11:15:00Z"), "date_out_of_range")]
#[case("/orderUpdatedAt", json!("now"), "invalid_date")]
#[case("/orderId", json!(""), "empty_identifier")]
#[case("/orderId", json!(0), "placeholder_identifier")]
#[case("/orderId", json!(1.5), "not_an_integer")]
#[case("/orderId", json!("x".repeat(256)), "too_long")]
#[case("/visitorId", json!("  "), "empty_identifier")]
#[case("/visitorId", json!("undefined"), "placeholder_identifier")]
#[case("/visitorId", json!("a\u{1}"), "control_character")]
#[case("/visitorId", json!(5), "wrong_type")]
#[case("/sessionId", json!("[object Object]"), "placeholder_identifier")]
#[case("/storeId", json!(""), "empty_identifier")]
#[case("/storeId", json!(1), "wrong_type")]
#[case("/organizationId", json!("x".repeat(256)), "too_long")]
#[case("/items/0", json!([]), "wrong_type")]
#[case("/items/0/productId", json!("null"), "placeholder_identifier")]
#[case("/items/0/variantId", json!(""), "empty_identifier")]
#[case("/userId", json!("anonymous"), "placeholder_identifier")]
#[case("/userId", json!(7), "wrong_type")]
#[case("/test", json!("true"), "wrong_type")]
#[case("/test", json!(1), "wrong_type")]
#[case("/conversionType", json!(""), "empty_text")]
#[case("/conversionType", json!("x".repeat(65)), "too_long")]
#[case("/conversionType", json!("a\nb"), "control_character")]
fn a_value_outside_its_rule_is_refused_at_its_place(
    #[case] pointer: &str,
    #[case] value: Payload,
    #[case] code: &'static str,
) {
    let found: Vec<_> = faults(&with(pointer, value));
    assert_eq!(found, [(pointer.to_owned(), code)]);
}

#[rstest]
#[case("/totalCents", json!(AMOUNT_MINOR_MAX))]
#[case("/items/0/quantity", json!(1_000_000))]
#[case("/items/0/quantity", json!(1))]
#[case("/items/0/priceCents", json!(0))]
#[case("/refundedCents", json!(0))]
#[case("/orderId", json!("x".repeat(255)))]
#[case("/orderId", json!(" 7 "))]
#[case("/orderCreatedAt", json!("1971-01-01T00:00:00Z"))]
#[case("/orderCreatedAt", json!("2026-11-23T11:15:00.000Z"))]
#[case("/conversionType", json!("x".repeat(64)))]
#[case("/shippingAddress", json!({"street": "unknown fields are ignored"}))]
fn a_value_on_its_limit_is_taken(#[case] pointer: &str, #[case] value: Payload) {
    assert_eq!(faults(&with(pointer, value)), []);
}

#[test]
fn a_thousand_items_are_taken_and_one_more_is_one_fault() {
    let item = seed_order()["items"][0].clone();
    assert_eq!(faults(&with("/items", json!(vec![item.clone(); 1_000]))), []);
    assert_eq!(faults(&with("/items", json!(vec![item; 1_001]))), [("/items".to_owned(), "too_many_items")]);
}

#[rstest]
#[case("/items/0/totalCents", json!(9_999), "/items/0/totalCents", "line_total_mismatch")]
#[case("/totalCents", json!(9_999), "/totalCents", "items_exceed_total")]
#[case("/items", json!([]), "/items", "no_items")]
#[case("/orderCreatedAt", json!("2026-11-23T10:15:00.001Z"), "/orderCreatedAt", "order_in_future")]
#[case("/orderUpdatedAt", json!("2026-11-23T10:15:01Z"), "/orderUpdatedAt", "order_in_future")]
#[case("/orderId", json!(450_789_469), "/orderId", "id_as_number")]
#[case("/items/0/productId", json!(123), "/items/0/productId", "id_as_number")]
#[case("/items/0/variantId", json!(5), "/items/0/variantId", "id_as_number")]
#[case("/refundedCents", json!(10_001), "/refundedCents", "refund_exceeds_total")]
fn what_is_odd_is_taken_with_a_warning(
    #[case] pointer: &str,
    #[case] value: Payload,
    #[case] at: &str,
    #[case] code: &'static str,
) {
    assert_eq!(warnings(&with(pointer, value)), [(at.to_owned(), code)]);
}

#[test]
fn a_number_is_kept_as_its_decimal_text() {
    assert_eq!(
        outcome(&with("/orderId", json!(u64::MAX))).unwrap().order.id.as_str(),
        "18446744073709551615"
    );
    assert_eq!(outcome(&with("/orderId", json!(-5))).unwrap().order.id.as_str(), "-5");
}

#[test]
fn an_order_ahead_of_our_clock_keeps_its_stated_time() {
    let payload = with("/orderCreatedAt", json!("2026-11-23T11:00:00Z"));
    assert_eq!(outcome(&payload).unwrap().order.created_at, NOW.plus_millis(45 * 60_000));
}

#[test]
fn no_detail_repeats_a_value() {
    let mut payload = seed_order();
    for (key, value) in payload.as_object_mut().unwrap() {
        *value = json!(format!("jane@example.org\n{key}").repeat(30));
    }
    let found = outcome(&payload).unwrap_err();
    assert_eq!(found.len(), 11);
    assert!(found.iter().all(|fault| !fault.detail.contains("jane")), "{found:?}");
}

#[test]
fn a_refused_payload_still_tells_its_order_and_store() {
    let body = br#"{"orderId": 17, "storeId": "store_xxx", "status": 3}"#;
    let json = parse(body, Limits::SINGLE).unwrap();
    assert!(parse_webhook(&json, NOW).is_err());
    assert_eq!(peek_order_id(&json).unwrap().as_str(), "17");
    assert_eq!((peek_text(&json, "storeId"), peek_text(&json, "status")), (Some("store_xxx"), None));
}
