//! The reports of the API over orders that came in through it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

/// Three visualizations and five orders of two visitors, in January 2026.
fn with_history() -> (TestServer, Client) {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    for (id, visitor, product, at) in [
        ("pic-1", "ann", "sofa", "2026-01-10T10:00:00Z"),
        ("pic-2", "ann", "lamp", "2026-01-12T10:00:00Z"),
        ("pic-3", "bob", "chair", "2026-01-01T10:00:00Z"),
    ] {
        let body = json!({
            "storeId": server.setup.store_id, "widgetId": server.setup.widget_id, "visualizationId": id,
            "visitorId": visitor, "sessionId": visitor, "createdAt": at,
            "products": [{ "productId": product, "variantIds": [format!("{product}-red")] }],
        });
        assert_eq!(client.post("/api/v1/visualizations", &body).status, 200);
    }
    for (id, visitor, product, cents, currency, status, at) in [
        ("a-1", "ann", "sofa-red", 80_000, "EUR", "completed", "2026-01-12T10:00:00Z"),
        ("a-2", "ann", "table", 20_000, "EUR", "processing", "2026-01-13T10:00:00Z"),
        ("a-3", "ann", "lamp", 5_000, "JPY", "pending", "2026-01-13T11:00:00Z"),
        ("b-1", "bob", "chair", 9_000, "EUR", "completed", "2026-01-13T12:00:00Z"),
        ("=cmd|' /C calc'!A0", "eve", "sofa", 1_000, "EUR", "cancelled", "2026-01-14T12:00:00Z"),
    ] {
        let body = json!({
            "orderId": id, "storeId": server.setup.store_id, "organizationId": server.setup.organization_id,
            "visitorId": visitor, "sessionId": visitor, "totalCents": cents, "currency": currency,
            "platform": "custom", "status": status, "orderCreatedAt": at,
            "items": [{ "productId": product, "quantity": 1, "priceCents": cents, "totalCents": cents }],
        });
        let answer = client.post("/api/webhooks/orders", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    (server, client)
}

fn report(server: &TestServer, client: &mut Client, rest: &str) -> Answer {
    client.get(&format!("/api/v1/stores/{}/{rest}", server.setup.store_id))
}

fn csv(server: &TestServer, client: &mut Client, rest: &str) -> Answer {
    let key = format!("Bearer {}", server.setup.api_key);
    let path = format!("/api/v1/stores/{}/{rest}", server.setup.store_id);
    let headers = [("Authorization", key.as_str()), ("Accept", "text/csv")];
    client.request("GET", &path, &headers, b"").expect("an answer")
}

fn ids(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["data"].as_array().unwrap().iter().map(|row| row["orderId"].as_str().unwrap()).collect()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_conversion_has_the_fields_of_the_contract() {
    let (server, mut client) = with_history();
    let answer = report(&server, &mut client, "conversions?type=direct&status=completed");
    assert_eq!(ids(&answer), ["a-1"]);
    let row = &answer.json["data"][0];
    for key in [
        "conversionId",
        "orderId",
        "source",
        "status",
        "test",
        "currency",
        "totalCents",
        "refundedCents",
        "netCents",
        "matchedCents",
        "occurredAt",
        "receivedAt",
        "visitorId",
        "sessionId",
        "userId",
        "items",
        "attribution",
    ] {
        assert!(keys(row).contains(key), "{key} is missing");
    }
    assert_eq!(row["occurredAt"], "2026-01-12T10:00:00.000Z");
    assert_eq!((&row["netCents"], &row["matchedCents"]), (&json!(80_000), &json!(80_000)));
    let attribution = &row["attribution"];
    assert_eq!(attribution["timeToConversionSeconds"], 172_800);
    assert_eq!(
        attribution["credits"],
        json!([{ "visualizationId": "pic-1", "widgetId": server.setup.widget_id, "weight": 1.0, "cents": 80_000 }])
    );
}

#[test]
fn filters_and_ranges_choose_conversions() {
    let (server, mut client) = with_history();
    let mut list = |query: &str| -> Vec<String> {
        ids(&report(&server, &mut client, &format!("conversions?{query}")))
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(list(""), ["=cmd|' /C calc'!A0", "b-1", "a-3", "a-2", "a-1"]);
    assert_eq!(list("type=assisted"), ["a-2"]);
    assert_eq!(list("reason=out_of_window"), ["b-1"]);
    assert_eq!(list("status=pending"), ["a-3"]);
    assert_eq!(list("from=2026-01-13T10:00:00Z&to=2026-01-13T12:00:00Z"), ["a-3", "a-2"]);
    assert_eq!(list("from=2026-01-13T11:00:00+01:00&to=2026-01-13T11:00:00%2B00:00"), ["a-2"]);
    assert_eq!(list(&format!("widgetId={}", server.setup.widget_id)), ["a-3", "a-2", "a-1"]);
}

#[test]
fn pages_follow_each_other_without_gaps_and_a_changed_cursor_is_refused() {
    let (server, mut client) = with_history();
    let mut seen = Vec::new();
    let mut query = "conversions?limit=2".to_owned();
    loop {
        let answer = report(&server, &mut client, &query);
        seen.extend(ids(&answer).iter().map(ToString::to_string));
        let Some(next) = answer.json["nextCursor"].as_str() else { break };
        query = format!("conversions?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["=cmd|' /C calc'!A0", "b-1", "a-3", "a-2", "a-1"]);
    let cursor = query.rsplit('=').next().unwrap();
    let other_list = report(&server, &mut client, &format!("visualizations?cursor={cursor}"));
    let flipped = if cursor.starts_with('A') { "B" } else { "A" };
    let changed = report(&server, &mut client, &format!("conversions?cursor={flipped}{}", &cursor[1..]));
    for answer in [other_list, changed] {
        assert_eq!((answer.status, &answer.json["errors"][0]["pointer"]), (422, &json!("/query/cursor")));
    }
}

#[test]
fn one_conversion_explains_itself() {
    let (server, mut client) = with_history();
    let answer = report(&server, &mut client, "conversions/a-2");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let decision = &answer.json["decision"];
    assert_eq!(
        (&decision["type"], &decision["reason"]),
        (&json!("assisted"), &json!("other_product_visualized"))
    );
    assert_eq!((&decision["windowSeconds"], &decision["rulesetVersion"]), (&json!(604_800), &json!(1)));
    let candidates = decision["candidates"].as_array().unwrap();
    let codes: Vec<&Value> = candidates.iter().map(|candidate| &candidate["code"]).collect();
    assert_eq!(codes, [&json!("no_weight"), &json!("credited")]);
    assert_eq!(
        (&candidates[1]["visualizationId"], &candidates[1]["ageSeconds"]),
        (&json!("pic-2"), &json!(86_400))
    );
    assert_eq!(candidates[1]["products"], json!([{ "productId": "lamp", "variantIds": ["lamp-red"] }]));
    assert_eq!(
        (&candidates[1]["personLink"], &candidates[1]["weight"]),
        (&json!("same_visitor"), &json!(1.0))
    );
    assert_eq!(answer.json["deliveries"][0]["outcome"], "accepted");

    let missed = report(&server, &mut client, "conversions/b-1");
    assert_eq!(missed.json["decision"]["windowMissedBySeconds"], (5 * 24 + 2) * 3_600);
    let odd = report(&server, &mut client, "conversions/%3Dcmd%7C%27%20%2FC%20calc%27%21A0");
    assert_eq!((odd.status, &odd.json["status"]), (200, &json!("cancelled")));
    for missing in ["conversions/nobody", "conversions/%FF", "conversions/%00"] {
        assert_eq!(report(&server, &mut client, missing).status, 404, "{missing}");
    }
}

#[test]
fn a_summary_keeps_currencies_types_and_provisional_money_apart() {
    let (server, mut client) = with_history();
    let answer = report(&server, &mut client, "summary");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((&answer.json["visualizations"], &answer.json["visitors"]), (&json!(3), &json!(2)));
    assert_eq!(answer.json["conversions"], 4, "a cancelled order is none");
    assert_eq!(answer.json["byType"], json!({ "direct": 2, "assisted": 1, "none": 1 }));
    let revenue = answer.json["revenue"].as_array().unwrap();
    assert_eq!(revenue.len(), 2);
    assert_eq!((&revenue[0]["currency"], &revenue[0]["directCents"]), (&json!("EUR"), &json!(80_000)));
    assert_eq!((&revenue[0]["assistedCents"], &revenue[0]["netCents"]), (&json!(20_000), &json!(109_000)));
    assert_eq!((&revenue[1]["directCents"], &revenue[1]["provisionalCents"]), (&json!(0), &json!(5_000)));
    let day = report(&server, &mut client, "summary?from=2026-01-12T00:00:00Z&to=2026-01-13T00:00:00Z");
    assert_eq!((&day.json["visualizations"], &day.json["conversions"]), (&json!(1), &json!(1)));
}

#[test]
fn a_time_series_has_every_bucket_of_its_range() {
    let (server, mut client) = with_history();
    let range = "from=2026-01-09T12:00:00Z&to=2026-01-15T00:00:00Z";
    let answer = report(&server, &mut client, &format!("timeseries?interval=day&{range}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let data = answer.json["data"].as_array().unwrap();
    assert_eq!(data.len(), 6);
    assert!(data.windows(2).all(|pair| pair[0]["to"] == pair[1]["from"]));
    let conversions: Vec<u64> = data.iter().map(|bucket| bucket["conversions"].as_u64().unwrap()).collect();
    assert_eq!(conversions, [0, 0, 0, 1, 3, 0]);
    assert_eq!(answer.json["interval"], "day");
    let recent = report(&server, &mut client, "timeseries");
    assert!((31..=32).contains(&recent.json["data"].as_array().unwrap().len()));
    let endless = report(&server, &mut client, "timeseries?interval=hour&from=1990-01-01T00:00:00Z");
    assert_eq!((endless.status, &endless.json["errors"][0]["code"]), (422, &json!("too_many_buckets")));
}

#[test]
fn lists_come_as_csv_that_no_spreadsheet_runs() {
    let (server, mut client) = with_history();
    let answer = csv(&server, &mut client, "conversions?limit=2");
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = answer.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 4, "header, two rows, end: {text}");
    assert!(lines[0].starts_with("conversionId,orderId,source,status,"));
    assert!(lines[1].contains(",'=cmd|' /C calc'!A0,"), "{}", lines[1]);
    let next = answer.header("link").expect("the way to the next page");
    let path = next.split(['<', '>']).nth(1).unwrap();
    let second = client.get(path);
    assert_eq!(ids(&second), ["a-3", "a-2"]);
    for (rest, rows) in [("visualizations", 3), ("deliveries", 5), ("summary", 2)] {
        let answer = csv(&server, &mut client, rest);
        assert_eq!(answer.text().matches("\r\n").count(), rows + 1, "{rest}: {}", answer.text());
    }
    let series = csv(&server, &mut client, "timeseries?from=2026-01-12T00:00:00Z&to=2026-01-14T00:00:00Z");
    assert!(series.text().starts_with("from,to,visualizations,"), "{}", series.text());
}

#[test]
fn another_organizations_store_and_none_at_all_get_the_same_bytes() {
    let (server, mut client) = with_history();
    let other = server.another_organization("other");
    for report in ["conversions", "conversions/a-1", "visualizations", "summary", "timeseries", "deliveries"]
    {
        let mut answers = Vec::new();
        for store in [&other.store_id, "store_01kaqx2v3e7m8r9s0t1v2w3x4y", "nonsense"] {
            let mut answer = client.get(&format!("/api/v1/stores/{store}/{report}"));
            assert_eq!(answer.status, 403, "{report}");
            answer.json["requestId"] = Value::Null;
            answers.push(answer.json.to_string());
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    }
    let mut foreign = Client::with_key(&server, &other.api_key);
    let own = foreign.get(&format!("/api/v1/stores/{}/conversions", other.store_id));
    assert_eq!((own.status, own.json["data"].as_array().unwrap().len()), (200, 0));
    let mut nobody = Client::with_key(&server, "");
    assert_eq!(nobody.get(&format!("/api/v1/stores/{}/summary", server.setup.store_id)).status, 401);
}

#[test]
fn parameters_that_can_not_be_read_are_told_all_at_once() {
    let (server, mut client) = with_history();
    let answer = report(&server, &mut client, "conversions?type=x&status=y&from=z&limit=0&widgetId=w");
    assert_eq!(answer.status, 422);
    let places: BTreeSet<&str> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    let expected = ["/query/type", "/query/status", "/query/from", "/query/limit", "/query/widgetId"];
    assert_eq!(places, BTreeSet::from(expected));
    let other = server.another_organization("other");
    for widget in [&other.widget_id, "widget_01kaqx2v3e7m8r9s0t1v2w3x4y"] {
        let answer = report(&server, &mut client, &format!("summary?widgetId={widget}"));
        assert_eq!((answer.status, &answer.json["errors"][0]["code"]), (422, &json!("unknown_widget")));
    }
}

#[test]
fn the_document_describes_routes_that_answer() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let document = client.request("GET", "/api/openapi.json", &[], b"").expect("an answer");
    assert_eq!(document.status, 200);
    for (path, item) in document.json["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path.replace(['{', '}'], "");
            let answer = client.request(&method.to_uppercase(), &path, &[], b"").expect("an answer");
            let nowhere = answer.json["detail"] == "There is nothing at this address.";
            assert!(!nowhere && answer.status != 405, "{method} {path}: {}", answer.status);
        }
    }
}
