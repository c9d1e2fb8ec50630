//! JSON whose content is wrong: each field missing, null, of another type, at its limits; ids of nobody; currencies;
//! dates; several faults at once.

use serde_json::{Value, json};

use crate::Case;
use crate::request::{self, Expect};
use crate::support::TestServer;

const FIELDS: [&str; 11] = [
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
];
const ITEM_FIELDS: [&str; 4] = ["productId", "quantity", "priceCents", "totalCents"];

pub fn cases(server: &TestServer) -> Vec<Case> {
    [
        whole(server),
        required(server),
        item_fields(server),
        identifiers(server),
        amounts(server),
        words(server),
        dates(server),
        many(server),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The right order with one value set.
fn with(server: &TestServer, pointer: &str, value: Value) -> Value {
    let mut order = request::order(server);
    if let Some(place) = order.pointer_mut(pointer) {
        *place = value;
    } else {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer has a slash");
        order.pointer_mut(parent).expect("the parent is there")[name] = value;
    }
    order
}

fn set(server: &TestServer, pointer: &str, value: Value, code: &'static str) -> Case {
    let shown: String = value.to_string().chars().take(40).collect();
    Case {
        name: format!("content: {pointer} = {shown}"),
        request: request::post(server, &with(server, pointer, value)),
        expect: Expect::fault(pointer, code),
    }
}

/// A number that `serde_json` would not write as it stands.
fn literal(server: &TestServer, pointer: &str, number: &str, code: &'static str) -> Case {
    let body = with(server, pointer, json!("%")).to_string().replace("\"%\"", number);
    Case {
        name: format!("content: {pointer} = {number}"),
        request: request::post_bytes(server, body.as_bytes()),
        expect: Expect::fault(pointer, code),
    }
}

fn whole(server: &TestServer) -> Vec<Case> {
    let values =
        [json!([]), json!(null), json!(1), json!("order"), json!(true), json!([request::order(server)])];
    let shapes = values.into_iter().map(|value| Case {
        name: format!("content: the whole is {}", &value.to_string()[..4.min(value.to_string().len())]),
        request: request::post(server, &value),
        expect: Expect::fault("", "wrong_type"),
    });
    let all = FIELDS.iter().map(|field| (format!("/{field}"), "missing")).collect();
    let empty = Case {
        name: "content: an empty object".to_owned(),
        request: request::post(server, &json!({})),
        expect: Expect { status: 422, code: "invalid_content", faults: all },
    };
    // An object whose fields stand in a list must not be read by position.
    let values: Vec<Value> =
        request::order(server).as_object().expect("an object").values().cloned().collect();
    let by_position = Case {
        name: "content: the fields as a list".to_owned(),
        request: request::post(server, &Value::Array(values)),
        expect: Expect::fault("", "wrong_type"),
    };
    shapes.chain([empty, by_position]).collect()
}

fn required(server: &TestServer) -> Vec<Case> {
    let mut cases = Vec::new();
    for field in FIELDS {
        let pointer = format!("/{field}");
        let mut order = request::order(server);
        order.as_object_mut().expect("an object").remove(field);
        cases.push(Case {
            name: format!("content: {pointer} missing"),
            request: request::post(server, &order),
            expect: Expect::fault(&pointer, "missing"),
        });
        for value in [json!(null), json!(true), json!({"a": 1})] {
            cases.push(set(server, &pointer, value, "wrong_type"));
        }
    }
    let lists = FIELDS
        .iter()
        .filter(|field| **field != "items")
        .map(|field| set(server, &format!("/{field}"), json!([]), "wrong_type"));
    cases.extend(lists);
    cases.push(set(server, "/items", json!("[]"), "wrong_type"));
    cases
}

fn item_fields(server: &TestServer) -> Vec<Case> {
    let mut cases = Vec::new();
    for field in ITEM_FIELDS {
        let pointer = format!("/items/0/{field}");
        let mut order = request::order(server);
        order["items"][0].as_object_mut().expect("an object").remove(field);
        cases.push(Case {
            name: format!("content: {pointer} missing"),
            request: request::post(server, &order),
            expect: Expect::fault(&pointer, "missing"),
        });
        cases.push(set(server, &pointer, json!(null), "wrong_type"));
        cases.push(set(server, &pointer, json!([1]), "wrong_type"));
    }
    for value in [json!(null), json!("p-1"), json!(["p-1", 1, 2, 3]), json!(7)] {
        cases.push(set(server, "/items/0", value, "wrong_type"));
    }
    let item = request::order(server)["items"][0].clone();
    cases.push(set(server, "/items", Value::Array(vec![item; 1_001]), "too_many_items"));
    cases.push(set(server, "/items/0/variantId", json!({}), "wrong_type"));
    cases
}

fn identifiers(server: &TestServer) -> Vec<Case> {
    let nobody = [
        "undefined",
        "null",
        "NaN",
        "anonymous",
        "0",
        "[object Object]",
        "00000000-0000-0000-0000-000000000000",
    ];
    let mut cases = Vec::new();
    for field in ["visitorId", "sessionId"] {
        let pointer = format!("/{field}");
        cases.extend(nobody.iter().map(|text| set(server, &pointer, json!(text), "placeholder_identifier")));
        cases.push(set(server, &pointer, json!(""), "empty_identifier"));
        cases.push(set(server, &pointer, json!("   "), "empty_identifier"));
        cases.push(set(server, &pointer, json!("x".repeat(256)), "too_long"));
        cases.push(set(server, &pointer, json!("é".repeat(128)), "too_long"));
        cases.push(set(server, &pointer, json!("a\tb"), "control_character"));
        cases.push(set(server, &pointer, json!(17), "wrong_type"));
    }
    cases.extend([
        set(server, "/orderId", json!(""), "empty_identifier"),
        set(server, "/orderId", json!("undefined"), "placeholder_identifier"),
        set(server, "/orderId", json!("x".repeat(256)), "too_long"),
        set(server, "/orderId", json!("a\u{7f}"), "control_character"),
        set(server, "/orderId", json!(1.5), "not_an_integer"),
        set(server, "/userId", json!("null"), "placeholder_identifier"),
        set(server, "/userId", json!(5), "wrong_type"),
        set(server, "/items/0/productId", json!(""), "empty_identifier"),
        set(server, "/items/0/productId", json!("undefined"), "placeholder_identifier"),
        set(server, "/items/0/productId", json!(false), "wrong_type"),
        set(server, "/storeId", json!(""), "empty_identifier"),
        set(server, "/organizationId", json!(""), "empty_identifier"),
    ]);
    cases
}

fn amounts(server: &TestServer) -> Vec<Case> {
    let mut cases = Vec::new();
    for pointer in ["/totalCents", "/items/0/priceCents", "/items/0/totalCents"] {
        cases.push(set(server, pointer, json!("100"), "not_an_integer"));
        cases.push(set(server, pointer, json!(-1), "out_of_range"));
        cases.push(set(server, pointer, json!(9_007_199_254_740_992_i64), "out_of_range"));
        for number in ["1.5", "1.0", "1e2", "1E2"] {
            cases.push(literal(server, pointer, number, "not_an_integer"));
        }
        cases.push(literal(server, pointer, "99999999999999999999999999", "out_of_range"));
    }
    cases.extend([
        set(server, "/items/0/quantity", json!(0), "out_of_range"),
        set(server, "/items/0/quantity", json!(1_000_001), "out_of_range"),
        set(server, "/items/0/quantity", json!("1"), "not_an_integer"),
        set(server, "/items/0/quantity", json!(1.5), "not_an_integer"),
        set(server, "/refundedCents", json!(-1), "out_of_range"),
        set(server, "/refundedCents", json!("5"), "not_an_integer"),
        set(server, "/test", json!("true"), "wrong_type"),
        set(server, "/test", json!(1), "wrong_type"),
    ]);
    cases
}

fn words(server: &TestServer) -> Vec<Case> {
    let currencies = ["", "EU", "EURO", "€", "XXX", "XAU", "XTS", "ZZZ", "HRK", " EUR", "EUR "];
    let statuses = ["", "Completed", "complete", "paid", "failed", "on_hold", "COMPLETED"];
    let platforms = ["", "Custom", "shopify", "woocommerce"];
    let of = |pointer: &'static str, code: &'static str| {
        move |text: &&str| set(server, pointer, json!(text), code)
    };
    let mut cases: Vec<Case> = currencies.iter().map(of("/currency", "unknown_currency")).collect();
    cases.extend(statuses.iter().map(of("/status", "unknown_value")));
    cases.extend(platforms.iter().map(of("/platform", "unknown_value")));
    cases.push(set(server, "/conversionType", json!("x".repeat(65)), "too_long"));
    cases.push(set(server, "/conversionType", json!(5), "wrong_type"));
    cases
}

fn dates(server: &TestServer) -> Vec<Case> {
    let unreadable = [
        "",
        "yesterday",
        "2026-11-01",
        "2026-11-01T10:00:00",
        "01/11/2026",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-01T25:00:00Z",
        "2026-11-01T10:00Z",
        "1761991200",
        "2026-11-01T10:00:00 Europe/Amsterdam",
    ];
    let out_of_range =
        ["1969-12-31T23:59:59Z", "1970-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"];
    let mut cases: Vec<Case> =
        unreadable.iter().map(|text| set(server, "/orderCreatedAt", json!(text), "invalid_date")).collect();
    cases.extend(
        out_of_range.iter().map(|text| set(server, "/orderCreatedAt", json!(text), "date_out_of_range")),
    );
    cases.push(set(server, "/orderCreatedAt", json!(1_761_991_200), "wrong_type"));
    cases.push(set(server, "/orderUpdatedAt", json!("soon"), "invalid_date"));
    cases.push(set(server, "/orderUpdatedAt", json!("2999-01-01T00:00:00Z"), "date_out_of_range"));
    cases
}

/// Everything that is wrong is said at once.
fn many(server: &TestServer) -> Vec<Case> {
    let mut order = request::order(server);
    order["visitorId"] = json!("undefined");
    order["totalCents"] = json!(-5);
    order["currency"] = json!("EURO");
    order["orderCreatedAt"] = json!("today");
    order["items"][0]["quantity"] = json!(0);
    order["items"][0]["productId"] = json!("");
    order.as_object_mut().expect("an object").remove("status");
    let faults = [
        ("/visitorId", "placeholder_identifier"),
        ("/totalCents", "out_of_range"),
        ("/currency", "unknown_currency"),
        ("/orderCreatedAt", "invalid_date"),
        ("/items/0/quantity", "out_of_range"),
        ("/items/0/productId", "empty_identifier"),
        ("/status", "missing"),
    ];
    vec![Case {
        name: "content: seven faults at once".to_owned(),
        request: request::post(server, &order),
        expect: Expect {
            status: 422,
            code: "invalid_content",
            faults: faults.into_iter().map(|(pointer, code)| (pointer.to_owned(), code)).collect(),
        },
    }]
}
