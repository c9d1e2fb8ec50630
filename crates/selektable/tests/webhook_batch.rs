//! `POST /api/webhooks/orders/batch`: many orders, each its own success or failure.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use serde_json::{Value, json};
use support::{Client, Setup, TestServer};

const ROUTE: &str = "/api/webhooks/orders/batch";

fn order(setup: &Setup, id: &str) -> Value {
    json!({
        "orderId": id, "storeId": setup.store_id, "organizationId": setup.organization_id,
        "visitorId": "visitor-1", "sessionId": "session-1", "totalCents": 500, "currency": "EUR",
        "platform": "custom", "status": "completed", "orderCreatedAt": "2026-01-15T10:00:00Z", "items": [],
    })
}

#[test]
fn good_and_bad_items_are_answered_in_their_order() {
    let server = TestServer::start();
    let other = server.another_organization("other");
    let mut client = Client::connect(&server);
    let mut foreign = order(&server.setup, "3");
    foreign["storeId"] = json!(other.store_id);
    let mut dollars = order(&server.setup, "1");
    dollars["currency"] = json!("USD");
    let batch = json!([
        order(&server.setup, "1"),
        { "orderId": "2" },
        foreign,
        order(&server.setup, "1"),
        dollars,
        7,
        order(&server.setup, "4"),
    ]);
    let answer = client.post(ROUTE, &batch);
    assert_eq!((answer.status, &answer.json["success"]), (200, &json!(false)), "{}", answer.text());
    let results = answer.json["results"].as_array().unwrap();
    let told: Vec<Value> = results
        .iter()
        .map(|one| if one["success"] == true { one["result"].clone() } else { one["status"].clone() })
        .collect();
    assert_eq!(
        told,
        [
            json!("created"),
            json!(422),
            json!(403),
            json!("unchanged"),
            json!(409),
            json!(422),
            json!("created")
        ]
    );
    let places: Vec<u64> = results.iter().map(|one| one["index"].as_u64().unwrap()).collect();
    assert_eq!(places, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(results[0]["conversionId"], results[3]["conversionId"]);
    assert_eq!(results[5]["errors"][0]["pointer"], "");
    assert!(results[1]["errors"].as_array().unwrap().len() > 5);

    let refused = client.get(&format!("/api/v1/stores/{}/deliveries?outcome=refused", server.setup.store_id));
    assert_eq!(refused.json["data"].as_array().unwrap().len(), 4, "{}", refused.text());
    let accepted = client.get(&format!("/api/v1/stores/{}/conversions", server.setup.store_id));
    assert_eq!(accepted.json["data"].as_array().unwrap().len(), 2);
}

#[test]
fn a_thousand_orders_fit_and_one_more_does_not() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let mut orders: Vec<Value> = (0..1_000).map(|id| order(&server.setup, &format!("o-{id}"))).collect();
    let answer = client.post(ROUTE, &json!(orders));
    assert_eq!((answer.status, &answer.json["success"]), (200, &json!(true)));
    assert!(answer.json["results"].as_array().unwrap().iter().all(|one| one["result"] == "created"));
    orders.push(order(&server.setup, "one-too-many"));
    let answer = client.post(ROUTE, &json!(orders));
    assert_eq!((answer.status, &answer.json["errors"][0]["code"]), (422, &json!("too_many_orders")));
}

#[test]
fn what_is_no_array_is_refused_whole_and_an_empty_one_is_nothing_to_do() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let answer = client.post(ROUTE, &order(&server.setup, "1"));
    assert_eq!((answer.status, &answer.json["errors"][0]["code"]), (422, &json!("wrong_type")));
    let answer = client.post(ROUTE, &json!([]));
    assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"success":true,"results":[]}"#));
}
