//! Why an order was decided as it was: from the API, and from the command line beside the server.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use serde_json::{Value, json};
use support::Shop;

const DAY: i64 = 86_400;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn column<'j>(rows: &'j Value, key: &str) -> Vec<&'j Value> {
    rows.as_array().expect("rows").iter().map(|row| &row[key]).collect()
}

#[test]
fn an_assisted_order_tells_which_products_would_have_to_be_one() {
    let mut shop = Shop::open();
    let decision = shop.decision("a-2");
    assert_eq!(decision["type"], "assisted");
    assert_eq!(
        decision["detail"],
        "1 day before the order, the same person visualized product lamp, and bought something else."
    );
    let smallest = &decision["smallestChange"];
    assert_eq!(smallest, &decision["changes"][0]);
    assert_eq!((&smallest["code"], &smallest["wouldBe"]), (&json!("one_product"), &json!("direct")));
    assert_eq!(
        (&smallest["orderedProductId"], &smallest["visualizedProductId"], &smallest["visualizationId"]),
        (&json!("table"), &json!("lamp"), &json!("pic-2"))
    );
    assert_eq!(
        smallest["detail"],
        "Ordered product table, visualized lamp: the order would be direct if they were one product."
    );
    assert_eq!((&decision["lagDirectSeconds"], &decision["lagAnySeconds"]), (&Value::Null, &json!(DAY)));
    assert_eq!(
        decision["ruleset"],
        json!({
            "version": 1, "windowSeconds": 7 * DAY, "model": "last_touch", "basis": "order", "products": "group",
            "leads": "same_session", "counts": "paid",
        })
    );
    let seal = decision["seal"].as_str().unwrap();
    assert!(seal.len() == 64 && seal.bytes().all(|byte| byte.is_ascii_hexdigit()), "{seal}");
    assert_eq!(column(&decision["candidates"], "code"), [&json!("no_weight"), &json!("credited")]);
    assert_eq!(decision["candidates"][1]["detail"], "Has the credit");
}

#[test]
fn an_order_after_the_window_tells_by_how_much_and_which_window_would_do() {
    let mut shop = Shop::open();
    let decision = shop.decision("b-1");
    assert_eq!(decision["reason"], "out_of_window");
    let late = 12 * DAY + 2 * 3_600;
    let smallest = &decision["smallestChange"];
    assert_eq!((&smallest["code"], &smallest["wouldBe"]), (&json!("longer_window"), &json!("direct")));
    assert_eq!(smallest["windowSeconds"], late);
    assert_eq!(smallest["bySeconds"], late - 7 * DAY);
    assert_eq!(decision["lagDirectSeconds"], late);
    assert_eq!(
        smallest["detail"],
        "The visualization was 5 days 2 h older than the window of 7 days: with a window of 290 h the order would \
         be direct."
    );
    let stranger = shop.decision("e-1");
    assert_eq!((&stranger["smallestChange"], &stranger["changes"]), (&Value::Null, &json!([])));
}

#[test]
fn the_ledger_tells_what_an_order_was_worth_when() {
    let mut shop = Shop::open();
    let mut send = |status: &str, refunded: i64, updated: &str| {
        shop.order(&json!({
            "orderId": "l-1", "visitorId": "ann", "sessionId": "ann", "totalCents": 10_000, "status": status,
            "orderCreatedAt": "2026-01-14T10:00:00Z", "orderUpdatedAt": updated, "refundedCents": refunded,
            "items": [{ "productId": "lamp", "quantity": 1, "priceCents": 10_000, "totalCents": 10_000 }],
        }));
    };
    send("pending", 0, "2026-01-14T10:00:00Z");
    send("completed", 0, "2026-01-15T10:00:00Z");
    send("completed", 3_000, "2026-02-09T10:00:00Z");
    send("cancelled", 3_000, "2026-02-10T10:00:00Z");
    let answer = shop.get("conversions/l-1");
    let ledger = &answer.json["ledger"];
    assert_eq!(column(ledger, "entry"), [1, 2, 3, 4].map(Value::from).iter().collect::<Vec<_>>());
    let causes: Vec<&str> = column(ledger, "cause").into_iter().filter_map(Value::as_str).collect();
    assert_eq!(causes, ["created", "paid", "partly_refunded", "cancelled"]);
    let numbers = |key: &str| -> Vec<i64> {
        column(ledger, key).into_iter().map(|value| value.as_i64().expect("a number")).collect()
    };
    assert_eq!(numbers("grossCents"), [10_000; 4]);
    assert_eq!(numbers("refundedCents"), [0, 0, 3_000, 10_000]);
    assert_eq!(numbers("netCents"), [10_000, 10_000, 7_000, 0]);
    assert_eq!(numbers("attributedCents"), [0, 10_000, 7_000, 0]);
    assert_eq!(numbers("provisionalCents"), [10_000, 0, 0, 0]);
    let times: Vec<&str> = column(ledger, "at").into_iter().filter_map(Value::as_str).collect();
    let expected = ["2026-01-14", "2026-01-15", "2026-02-09", "2026-02-10"];
    assert_eq!(times, expected.map(|day| format!("{day}T10:00:00.000Z")));
    assert!(column(ledger, "type").iter().all(|kind| **kind == "direct"));
}

#[test]
fn the_command_line_tells_the_same_in_plain_words_and_as_the_apis_document() {
    let mut shop = Shop::open();
    let output = shop.server.run(&["explain", "a-2"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    for part in [
        "Order a-2 of Test Store",
        "Assisted: 1 day before the order, the same person visualized product lamp",
        "ruleset 1: window 7 days, last touch",
        "attributed €200.00",
        "pic-1: 3 days before, same browser, product sofa",
        "pic-2: 1 day before, same browser, product lamp",
        "Has the credit [credited]: weight 1.000000000, €200.00",
        "Ordered product table, visualized lamp",
        "1. ",
        "Order came in",
    ] {
        assert!(told.contains(part), "{part} is missing in\n{told}");
    }
    let document = shop.server.run(&["explain", "a-2", "--json"]);
    let answer = shop.get("conversions/a-2");
    assert_eq!(text(&document.stdout).trim_end(), answer.text(), "the API's document, to the byte");
}

#[test]
fn the_command_line_says_which_store_is_meant_or_that_none_has_the_order() {
    let mut shop = Shop::open();
    let nobody = shop.server.run(&["explain", "nothing"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("no store has an order `nothing`"), "{}", text(&nobody.stderr));
    assert_eq!(shop.server.run(&["explain", ""]).status.code(), Some(2));
    assert_eq!(shop.server.run(&["explain", "a-1", "--store", "store"]).status.code(), Some(2));

    let other = shop.server.another_organization("other");
    let own = std::mem::replace(&mut shop.server.setup, other.clone());
    shop.client = support::Client::connect(&shop.server);
    shop.order(&json!({
        "orderId": "a-1", "visitorId": "v", "sessionId": "s", "orderCreatedAt": "2026-01-14T10:00:00Z",
    }));
    let both = shop.server.run(&["explain", "a-1"]);
    assert_eq!(both.status.code(), Some(2), "{}", text(&both.stdout));
    let told = text(&both.stderr);
    assert!(told.contains(&own.store_id) && told.contains(&other.store_id), "{told}");
    let one = shop.server.run(&["explain", "a-1", "--store", &other.store_id]);
    assert!(one.status.success() && text(&one.stdout).contains(&other.store_id), "{}", text(&one.stderr));
    let elsewhere = shop.server.run(&["explain", "a-2", "--store", &other.store_id]);
    assert_eq!(elsewhere.status.code(), Some(1));
}
