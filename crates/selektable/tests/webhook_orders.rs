//! `POST /api/webhooks/orders` against the real program: what a shop's server sends and is told.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use serde_json::{Value, json};
use support::{Client, Setup, TestServer};

const ROUTE: &str = "/api/webhooks/orders";

fn order(setup: &Setup, id: &str) -> Value {
    json!({
        "orderId": id,
        "storeId": setup.store_id,
        "organizationId": setup.organization_id,
        "visitorId": "visitor-1",
        "sessionId": "session-1",
        "totalCents": 10_000,
        "currency": "EUR",
        "platform": "custom",
        "status": "completed",
        "orderCreatedAt": "2026-01-15T10:00:00.000Z",
        "items": [{ "productId": "sofa", "quantity": 1, "priceCents": 10_000, "totalCents": 10_000 }],
    })
}

#[expect(clippy::needless_pass_by_value, reason = "reads better at its many uses")]
fn with(mut order: Value, changes: Value) -> Value {
    for (key, value) in changes.as_object().expect("an object of changes") {
        order[key] = value.clone();
    }
    order
}

fn visualize(client: &mut Client, setup: &Setup, product: &str, at: &str) -> String {
    let answer = client.post(
        "/api/v1/visualizations",
        &json!({
            "storeId": setup.store_id, "widgetId": setup.widget_id, "visitorId": "visitor-1",
            "sessionId": "session-1", "products": [{ "productId": product }], "createdAt": at,
        }),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["visualizationId"].as_str().expect("an id").to_owned()
}

fn deliveries(client: &mut Client, setup: &Setup, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/stores/{}/deliveries?{query}", setup.store_id));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["data"].as_array().expect("a list").clone()
}

#[test]
fn an_order_of_nobody_we_know_is_taken_and_says_so() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let answer = client.post(ROUTE, &order(&server.setup, "1001"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["success"], true);
    assert_eq!(answer.json["result"], "created");
    assert_eq!(answer.json["orderId"], "1001");
    assert!(answer.json["conversionId"].as_str().unwrap().starts_with("conv_"));
    assert_eq!(answer.json["attribution"], json!({ "type": "none", "reason": "visitor_never_seen" }));
    assert_eq!(answer.json["warnings"][0]["code"], "visitor_never_seen");
    assert!(answer.header("x-request-id").is_some());

    let again = client.post(ROUTE, &order(&server.setup, "1001"));
    assert_eq!((again.status, &again.json["result"]), (200, &json!("unchanged")));
    assert_eq!(again.json["conversionId"], answer.json["conversionId"]);
}

#[test]
fn an_order_after_a_visualization_of_its_product_is_direct_with_time_and_money() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let visualization = visualize(&mut client, &server.setup, "sofa", "2026-01-13T10:00:00Z");
    let answer = client.post(ROUTE, &order(&server.setup, "1001"));
    assert_eq!(
        answer.json["attribution"],
        json!({
            "type": "direct",
            "reason": "product_visualized",
            "visualizationId": visualization,
            "widgetId": server.setup.widget_id,
            "timeToConversionSeconds": 172_800,
            "attributedCents": 10_000,
        })
    );
    let refund = with(order(&server.setup, "1001"), json!({ "refundedCents": 2_500 }));
    let answer = client.post(ROUTE, &refund);
    assert_eq!(answer.json["result"], "updated");
    assert_eq!(answer.json["attribution"]["attributedCents"], 7_500);
    let unpaid = with(order(&server.setup, "1002"), json!({ "status": "pending" }));
    assert_eq!(client.post(ROUTE, &unpaid).json["attribution"]["attributedCents"], 0);
    let stale = with(refund, json!({ "status": "pending" }));
    assert_eq!(client.post(ROUTE, &stale).json["result"], "stale");
}

#[test]
fn a_lead_without_items_is_direct_within_its_session() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    visualize(&mut client, &server.setup, "sofa", "2026-01-15T09:00:00Z");
    let lead =
        with(order(&server.setup, "appt-1"), json!({ "totalCents": 0, "currency": "usd", "items": [] }));
    let answer = client.post(ROUTE, &lead);
    let attribution = &answer.json["attribution"];
    assert_eq!((&attribution["type"], &attribution["reason"]), (&json!("direct"), &json!("same_session")));
    assert_eq!(attribution["attributedCents"], 0);
}

#[test]
fn numeric_ids_are_taken_as_their_text_with_a_warning() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let answer = client.post(ROUTE, &with(order(&server.setup, ""), json!({ "orderId": 1001 })));
    assert_eq!((answer.status, &answer.json["orderId"]), (200, &json!("1001")));
    let codes: Vec<&Value> =
        answer.json["warnings"].as_array().unwrap().iter().map(|note| &note["code"]).collect();
    assert!(codes.contains(&&json!("id_as_number")), "{codes:?}");
}

#[test]
fn every_fault_is_told_at_once_and_kept_for_the_shops_developer_without_values() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let bad = with(
        order(&server.setup, "1001"),
        json!({ "visitorId": "undefined", "totalCents": "secret-total", "currency": "XXX" }),
    );
    let answer = client.post(ROUTE, &bad);
    assert_eq!((answer.status, &answer.json["code"]), (422, &json!("invalid_content")));
    assert_eq!(answer.json["success"], false);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let told: Vec<(&str, &str)> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    for expected in [("/visitorId", "placeholder_identifier"), ("/currency", "unknown_currency")] {
        assert!(told.contains(&expected), "{told:?}");
    }
    assert!(told.iter().any(|(pointer, _)| *pointer == "/totalCents"), "{told:?}");

    let kept = deliveries(&mut client, &server.setup, "outcome=refused");
    assert_eq!(kept.len(), 1);
    assert_eq!((&kept[0]["status"], &kept[0]["orderId"]), (&json!(422), &json!("1001")));
    assert_eq!(kept[0]["requestId"].as_str(), answer.header("x-request-id"));
    assert_eq!(kept[0]["errors"].as_array().unwrap().len(), told.len());
    assert!(!kept[0].to_string().contains("secret-total"));
    assert!(deliveries(&mut client, &server.setup, "outcome=accepted").is_empty());
}

#[test]
fn what_is_not_the_keys_own_gets_the_same_bytes_whether_it_exists() {
    let server = TestServer::start();
    let other = server.another_organization("other");
    let mut client = Client::connect(&server);
    let changes = [
        json!({ "storeId": other.store_id }),
        json!({ "storeId": "store_01kaqx2v3e7m8r9s0t1v2w3x4y" }),
        json!({ "storeId": "no id at all" }),
        json!({ "organizationId": other.organization_id }),
        json!({ "organizationId": other.organization_id, "storeId": other.store_id }),
    ];
    let answers: Vec<String> = changes
        .into_iter()
        .map(|change| {
            let mut answer = client.post(ROUTE, &with(order(&server.setup, "1001"), change));
            assert_eq!(answer.status, 403);
            answer.json["requestId"] = Value::Null;
            answer.json.to_string()
        })
        .collect();
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    assert_eq!(deliveries(&mut client, &server.setup, "outcome=refused").len(), 5);
    let mut foreign = Client::with_key(&server, &other.api_key);
    assert!(deliveries(&mut foreign, &other, "").is_empty());
}

#[test]
fn another_currency_is_refused_and_recorded_once() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    client.post(ROUTE, &order(&server.setup, "1001"));
    let answer = client.post(ROUTE, &with(order(&server.setup, "1001"), json!({ "currency": "USD" })));
    assert_eq!((answer.status, &answer.json["code"]), (409, &json!("currency_changed")));
    let kept = deliveries(&mut client, &server.setup, "outcome=refused");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!((&kept[0]["status"], &kept[0]["code"]), (&json!(409), &json!("currency_changed")));
}

#[test]
fn bodies_that_are_no_orders_are_refused_and_recorded() {
    let server = TestServer::start();
    let key = format!("Bearer {}", server.setup.api_key);
    let json_type = ("Content-Type", "application/json");
    let authorized = ("Authorization", key.as_str());
    let large = vec![b' '; 256 * 1024 + 1];
    let send = |headers: &[(&str, &str)], body: &[u8]| {
        let mut client = Client::connect(&server);
        let answer = client.request("POST", ROUTE, headers, body).expect("an answer");
        (answer.status, answer.json["code"].as_str().unwrap_or("").to_owned())
    };
    assert_eq!(send(&[authorized, json_type], b"{"), (400, "invalid_json".to_owned()));
    assert_eq!(send(&[authorized, json_type], b"{\"a\":1,\"\\u0061\":2}"), (400, "duplicate_key".to_owned()));
    assert_eq!(send(&[authorized, json_type], &large).0, 413);
    assert_eq!(send(&[authorized, ("Content-Type", "text/plain")], b"{}").0, 415);
    assert_eq!(send(&[json_type], b"{}").0, 401);
    let mut client = Client::connect(&server);
    let mut statuses: Vec<u64> = deliveries(&mut client, &server.setup, "outcome=refused")
        .iter()
        .map(|kept| kept["status"].as_u64().unwrap())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [400, 400, 413, 415]);
}
