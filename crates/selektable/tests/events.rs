//! `POST /api/events`: a browser's events, without a key.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use serde_json::{Value, json};
use support::{Answer, Client, TestServer, set_up};

const SHOP: &str = "https://shop.example";

fn batch(store: &str, events: &Value) -> Value {
    json!({
        "storeId": store, "visitorId": "visitor-1", "sessionId": "session-1", "sentAt": 1_000_000,
        "events": events,
    })
}

fn send(client: &mut Client, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let headers: Vec<(&str, &str)> = [&[("Content-Type", "text/plain;charset=UTF-8")], headers].concat();
    client.request("POST", "/api/events", &headers, body.to_string().as_bytes()).expect("an answer")
}

fn page(id: &str) -> Value {
    json!({ "id": id, "type": "page", "at": 999_000, "path": "/sofa" })
}

#[test]
fn an_event_counts_once_and_a_bad_one_does_not_lose_the_others() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let events = json!([page("e-1"), { "id": "e-2", "type": "nonsense", "at": 1 }, page("e-3")]);
    let answer = send(&mut client, &batch(&server.setup.store_id, &events), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((&answer.json["success"], &answer.json["recorded"]), (&json!(true), &json!(2)));
    let refused = &answer.json["refused"][0];
    assert_eq!((&refused["id"], &refused["pointer"]), (&json!("e-2"), &json!("/events/1/type")));
    let again = send(&mut client, &batch(&server.setup.store_id, &events), &[]);
    assert_eq!((&again.json["recorded"], &again.json["duplicates"]), (&json!(0), &json!(2)));
}

#[test]
fn a_browsers_conversion_is_kept_as_unverified_in_the_stores_currency() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let events = json!([
        { "id": "e-1", "type": "identify", "at": 999_000, "userId": "ann", "traits": { "plan": "pro" } },
        { "id": "e-2", "type": "conversion", "at": 999_500, "orderId": "b-1", "totalCents": 700 },
        { "id": "e-3", "type": "conversion", "at": 999_500, "orderId": "b-1", "currency": "JPY" },
    ]);
    let answer = send(&mut client, &batch(&server.setup.store_id, &events), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["recorded"], 1);
    let made = &answer.json["conversions"][0];
    assert_eq!((&made["orderId"], &made["result"]), (&json!("b-1"), &json!("created")));
    assert!(made.get("attribution").is_none(), "everybody can read this answer");
    let refused = &answer.json["refused"][0];
    assert_eq!((&refused["code"], &refused["id"]), (&json!("currency_changed"), &json!("e-3")));

    let kept = client.get(&format!("/api/v1/stores/{}/conversions/b-1", server.setup.store_id));
    assert_eq!((&kept.json["source"], &kept.json["totalCents"]), (&json!("browser"), &json!(700)));
    assert_eq!((&kept.json["visitorId"], &kept.json["status"]), (&json!("visitor-1"), &json!("completed")));
}

#[test]
fn gpc_without_a_spoken_yes_keeps_nothing() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let mut body = batch(&server.setup.store_id, &json!([page("e-1")]));
    let gpc = [("Sec-GPC", "1")];
    let answer = send(&mut client, &body, &gpc);
    assert_eq!((&answer.json["ignored"], &answer.json["recorded"]), (&json!("gpc"), &json!(0)));
    body["consent"] = json!(false);
    assert_eq!(send(&mut client, &body, &[]).json["ignored"], "consent");
    body["consent"] = json!(true);
    let answer = send(&mut client, &body, &gpc);
    assert_eq!((answer.json.get("ignored"), &answer.json["recorded"]), (None, &json!(1)));
}

#[test]
fn only_the_stores_own_pages_may_send_once_it_has_domains() {
    let server = TestServer::start();
    let closed = set_up(server.data(), "closed", "closed@example.com", &["--domain", SHOP]);
    let mut client = Client::connect(&server);
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").map(str::to_owned);

    let own = send(&mut client, &batch(&closed.store_id, &json!([page("e-1")])), &[("Origin", SHOP)]);
    assert_eq!((own.status, allowed(&own).as_deref()), (200, Some(SHOP)));
    assert_eq!(own.header("access-control-allow-credentials"), None);
    let foreign = [("Origin", "https://evil.example")];
    let refused = send(&mut client, &batch(&closed.store_id, &json!([page("e-2")])), &foreign);
    assert_eq!((refused.status, allowed(&refused)), (403, None));
    let open = send(&mut client, &batch(&server.setup.store_id, &json!([page("e-3")])), &foreign);
    assert_eq!((open.status, allowed(&open).as_deref()), (200, Some("https://evil.example")));

    let asked = [
        ("Origin", SHOP),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type"),
    ];
    let preflight = client.request("OPTIONS", "/api/events", &asked, b"").expect("an answer");
    assert_eq!((preflight.status, allowed(&preflight).as_deref()), (204, Some(SHOP)));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("content-type"));
}

#[test]
fn a_page_can_read_what_is_wrong_with_its_tag() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let origin = [("Origin", SHOP)];
    for store in ["store_01kaqx2v3e7m8r9s0t1v2w3x4y", "store_xxx"] {
        let answer = send(&mut client, &batch(store, &json!([page("e-1")])), &origin);
        assert_eq!((answer.status, &answer.json["code"]), (404, &json!("unknown_store")));
        assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    }
    let answer = send(&mut client, &json!({}), &origin);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (422, Some(SHOP)));
    assert!(answer.json["errors"].as_array().unwrap().len() >= 4);
}

#[test]
fn one_address_can_not_send_without_end() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let body = batch(&server.setup.store_id, &json!([]));
    let limited = (0..2_000).map(|_| send(&mut client, &body, &[])).find(|answer| answer.status != 200);
    let limited = limited.expect("a limit");
    assert_eq!((limited.status, &limited.json["code"]), (429, &json!("too_many_events")));
    assert!(limited.header("retry-after").is_some());
}
