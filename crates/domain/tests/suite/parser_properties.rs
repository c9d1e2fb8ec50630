//! What holds of every body.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::payloads::{Outcome, WAYS, good_bodies, order_faults, outcome, valid_order};

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

/// Fields that can be broken independently of each other, with values that no rule takes.
const BREAKABLE: [(&str, &[&str]); 18] = [
    ("/orderId", &["\"\"", "0", "true", "[]", "1.5"]),
    ("/storeId", &["\"\"", "7", "null"]),
    ("/organizationId", &["\" \"", "{}"]),
    ("/visitorId", &["\"undefined\"", "null", "5", "\"\\t\""]),
    ("/sessionId", &["\"NaN\"", "false"]),
    ("/totalCents", &["-1", "\"1\"", "1.5", "9007199254740992", "null"]),
    ("/refundedCents", &["-1", "1e2", "[]"]),
    ("/currency", &["\"EURO\"", "\"XXX\"", "5"]),
    ("/platform", &["\"shopify\"", "null"]),
    ("/status", &["\"done\"", "1"]),
    ("/orderCreatedAt", &["\"2026-11-23\"", "0", "\"2027-01-01T00:00:00Z\""]),
    ("/orderUpdatedAt", &["\"soon\"", "true"]),
    ("/userId", &["\"null\"", "1"]),
    ("/test", &["\"yes\"", "0"]),
    ("/conversionType", &["\"\"", "3"]),
    ("/items/0/productId", &["\"\"", "null"]),
    ("/items/0/quantity", &["0", "1000001", "\"1\""]),
    ("/items/0/priceCents", &["-5", "0.1"]),
];

/// Puts a value at a pointer, or with `None` takes the member out.
fn put(payload: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = payload.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.remove(key),
    };
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[^\u{0}]{0,8}".prop_map(Value::from),
        select(vec!["custom", "completed", "EUR", "conversion", "identify", "page", "2026-11-23T10:14:00Z"])
            .prop_map(Value::from),
    ];
    let keys = select(vec![
        "orderId",
        "storeId",
        "organizationId",
        "visitorId",
        "sessionId",
        "totalCents",
        "currency",
        "platform",
        "status",
        "orderCreatedAt",
        "items",
        "productId",
        "quantity",
        "priceCents",
        "products",
        "variantIds",
        "widgetId",
        "events",
        "sentAt",
        "id",
        "type",
        "at",
        "userId",
        "traits",
        "name",
        "properties",
        "url",
        "zzz",
    ]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(keys.clone(), inner, 0..12).prop_map(|members| {
                Value::from(
                    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        for (_, way) in WAYS {
            drop(outcome(way, &body));
        }
    }

    #[test]
    fn no_json_panics_and_every_refusal_has_a_reason(payload in any_json()) {
        for (name, way) in WAYS {
            if let Outcome::Refused(faults) = outcome(way, payload.to_string().as_bytes()) {
                prop_assert!(!faults.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn an_order_that_keeps_the_rules_is_taken(payload in valid_order()) {
        prop_assert_eq!(order_faults(&payload), []);
    }

    #[test]
    fn a_missing_field_is_the_only_fault(payload in valid_order(), pointer in select(REQUIRED.to_vec())) {
        let mut payload = payload;
        put(&mut payload, pointer, None);
        let found = order_faults(&payload);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!((found[0].pointer.as_str(), found[0].code), (pointer, "missing"));
    }

    #[test]
    fn all_faults_are_told_at_once(
        payload in valid_order(),
        broken in subsequence(BREAKABLE.to_vec(), 0..=BREAKABLE.len()),
        pick: prop::sample::Index,
    ) {
        let mut payload = payload;
        for (pointer, values) in &broken {
            put(&mut payload, pointer, Some(serde_json::from_str(values[pick.index(values.len())]).unwrap()));
        }
        let found: BTreeSet<String> = order_faults(&payload).into_iter().map(|fault| fault.pointer).collect();
        let wanted: BTreeSet<String> = broken.iter().map(|(pointer, _)| (*pointer).to_owned()).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn unknown_fields_change_nothing(payload in valid_order(), key in "x[a-z]{1,8}", value in any_json()) {
        let mut payload = payload;
        put(&mut payload, &format!("/{key}"), Some(value));
        prop_assert_eq!(order_faults(&payload), []);
    }
}

#[test]
fn the_good_bodies_are_taken() {
    for ((name, way), body) in WAYS.into_iter().zip(good_bodies()) {
        assert!(matches!(outcome(way, body.as_bytes()), Outcome::Taken), "{name}");
    }
}

#[test]
fn a_body_nobody_sends_is_judged_in_time_that_grows_with_its_length() {
    let keys: Vec<String> = (0..20_000).map(|key| format!("\"k{key}\":{{}}")).collect();
    let wide = format!("{{{}}}", keys.join(","));
    let many = json!({"items": vec![json!({}); 1_000]}).to_string();
    for body in [wide, many] {
        for (_, way) in WAYS {
            assert!(!matches!(outcome(way, body.as_bytes()), Outcome::NotJson(_)));
        }
    }
}
