//! Bodies as shops and browsers send them, and the way through each parser.

use proptest::prelude::*;
use proptest::sample::select;
use selektable_domain::event::parse_batch;
use selektable_domain::fault::Fault;
use selektable_domain::identity::parse_person;
use selektable_domain::json::{Json, JsonFault, Limits, parse};
use selektable_domain::order::parse::{parse_webhook, peek_order_id, peek_text};
use selektable_domain::products::parse_aliases;
use selektable_domain::rules::{Ruleset, parse_draft};
use selektable_domain::schedule::parse_effective;
use selektable_domain::time::{DAY_MS, Timestamp, parse_range};
use selektable_domain::visualization::{parse_products, parse_server};
use serde_json::{Value, json};

/// 2026-11-23T10:15:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

/// What a whole way through a parser can give, its value aside.
#[derive(Debug)]
pub(crate) enum Outcome {
    NotJson(JsonFault),
    Refused(Vec<Fault>),
    Taken,
}

/// A parser of a whole body.
pub(crate) type Way = fn(&Json<'_>) -> Result<(), Vec<Fault>>;

/// Every parser that a request can reach, by name.
pub(crate) const WAYS: [(&str, Way); 9] = [
    ("order", |json| {
        let _ = (peek_order_id(json), peek_text(json, "storeId"));
        parse_webhook(json, NOW).map(drop)
    }),
    ("events", |json| parse_batch(json, NOW).map(drop)),
    ("visualization", |json| parse_server(json, NOW).map(drop)),
    ("products", |json| parse_products(json).map(drop)),
    ("rules", |json| parse_draft(json, &Ruleset::FIRST).map(drop)),
    ("publication", |json| parse_effective(json, NOW).map(drop)),
    ("range", |json| parse_range(json).map(drop)),
    ("aliases", |json| parse_aliases(json, 10).map(drop)),
    ("person", |json| parse_person(json).map(drop)),
];

pub(crate) fn outcome(way: Way, body: &[u8]) -> Outcome {
    match parse(body, Limits::SINGLE).map(|json| way(&json)) {
        Err(fault) => Outcome::NotJson(fault),
        Ok(Err(faults)) => Outcome::Refused(faults),
        Ok(Ok(())) => Outcome::Taken,
    }
}

/// The faults of an order given as a value.
pub(crate) fn order_faults(payload: &Value) -> Vec<Fault> {
    match outcome(WAYS[0].1, payload.to_string().as_bytes()) {
        Outcome::Refused(faults) => faults,
        Outcome::Taken => Vec::new(),
        Outcome::NotJson(fault) => panic!("{fault}"),
    }
}

fn id() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-zA-Z]{1,8}-[0-9]{1,6}".prop_map(Value::from),
        "[€🛋é /~\"\\\\]{1,5}x".prop_map(Value::from),
    ]
}

fn id_or_number() -> impl Strategy<Value = Value> {
    prop_oneof![id(), (1..i64::MAX).prop_map(Value::from)]
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![select(vec![0, 1, (1 << 53) - 1]), 0_i64..1 << 53]
}

fn date() -> impl Strategy<Value = Value> {
    (0..50 * 365 * DAY_MS).prop_map(|age| json!(NOW.plus_millis(-age).to_rfc3339()))
}

fn item() -> impl Strategy<Value = Value> {
    (id_or_number(), 1_u32..=1_000_000, amount(), amount(), prop::option::of(id_or_number())).prop_map(
        |(product, quantity, price, total, variant)| {
            json!({"productId": product, "quantity": quantity, "priceCents": price, "totalCents": total, "variantId": variant})
        },
    )
}

/// An order that keeps every rule of SPEC section 5.1, with at least one item.
pub(crate) fn valid_order() -> impl Strategy<Value = Value> {
    let names = (id_or_number(), id(), id(), id(), id(), prop::option::of(id()));
    let words = (
        select(vec!["EUR", "usd", "Jpy", "KWD"]),
        select(vec!["pending", "processing", "on-hold", "completed", "refunded", "cancelled"]),
        prop::option::of(select(vec!["purchase", "lead"])),
        prop::option::of(any::<bool>()),
    );
    let money = (amount(), amount(), prop::collection::vec(item(), 1..5));
    (names, words, money, date(), prop::option::of(date())).prop_map(
        |(
            (order, store, organization, visitor, session, user),
            (currency, status, label, test),
            (total, refunded, items),
            created,
            updated,
        )| {
            json!({
                "orderId": order, "storeId": store, "organizationId": organization, "visitorId": visitor,
                "sessionId": session, "userId": user, "totalCents": total, "refundedCents": refunded,
                "currency": currency, "platform": "custom", "status": status, "conversionType": label,
                "test": test, "orderCreatedAt": created, "orderUpdatedAt": updated, "items": items,
            })
        },
    )
}

/// One good body for each of [`WAYS`].
pub(crate) fn good_bodies() -> [String; 9] {
    let order = json!({
        "orderId": "1001", "storeId": "store_x", "organizationId": "org_x", "visitorId": "v-1", "sessionId": "s-1",
        "totalCents": 12_900, "currency": "EUR", "platform": "custom", "status": "completed", "userId": "u\"1",
        "orderCreatedAt": "2026-11-23T10:14:00.000Z", "orderUpdatedAt": "2026-11-23T11:14:30+01:00", "test": false,
        "refundedCents": 100, "conversionType": "purchase",
        "items": [{"productId": "123", "quantity": 2, "priceCents": 6_450, "totalCents": 12_900, "variantId": 7}],
    });
    let events = json!({
        "storeId": "store_x", "visitorId": "v-1", "sessionId": "s-1", "sentAt": 1_000_000, "consent": true,
        "events": [
            {"id": "1", "type": "page", "at": 1, "url": "https://shop.example/a?b#c", "referrer": "http://é.example/"},
            {"id": "2", "type": "add_to_cart", "at": "2026-11-23T10:14:00Z", "productId": 7, "quantity": 2},
            {"id": "3", "type": "identify", "at": 3, "userId": "u-1", "traits": {"plan": "gold"}},
            {"id": "4", "type": "conversion", "at": 4, "orderId": "o", "items": [{"productId": "1", "priceCents": 5}]},
            {"id": "5", "type": "custom", "at": 5, "name": "quiz", "properties": {"step": 1.5, "é": "x"}},
        ],
    });
    let visualization = json!({
        "storeId": "store_x", "widgetId": "widget_x", "visitorId": "v-1", "sessionId": "s-1",
        "products": [{"productId": 123, "variantIds": ["a", 2]}], "createdAt": "2026-11-23T10:14:00.000Z",
        "visualizationId": "own-1",
    });
    let products = json!([{"productId": "1", "variantIds": []}, {"productId": 2}]);
    let rules = json!({
        "windowHours": 720, "model": "time_decay", "basis": "matched_lines", "products": "exact",
        "leads": "same_person", "counts": "any",
    });
    let publication = json!({ "effective": "2026-03-01T00:00:00Z" });
    let range = json!({ "from": "2026-03-01T00:00:00Z", "to": "2026-04-01T00:00:00.000Z" });
    let aliases = json!({ "aliases": [
        { "variantId": "1", "productId": "2" }, { "variantId": 3, "productId": null }, { "variantId": "4" },
    ] });
    let person = json!({ "userId": "u-1" });
    [order, events, visualization, products, rules, publication, range, aliases, person]
        .map(|body| body.to_string())
}
