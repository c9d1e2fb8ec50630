//! A store's rules: drafted, tried on history, published, taken back; an erased person; and who may do any of it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Answer, Client, Shop};

/// Background work on a handful of orders, on a machine that is busy.
const SOON: Duration = Duration::from_secs(30);

fn ok(answer: &Answer) -> &Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    &answer.json
}

/// Drafts rules and gives their version.
fn draft(shop: &mut Shop, body: &Value) -> u64 {
    let answer = shop.post("rulesets", body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json["state"], "draft");
    answer.json["version"].as_u64().expect("a version")
}

/// Waits until figures show the newest revision.
fn settled(shop: &mut Shop) -> Value {
    let began = Instant::now();
    loop {
        let answer = shop.get("rulesets");
        if ok(&answer)["redeciding"].is_null() {
            return answer.json;
        }
        assert!(began.elapsed() < SOON, "still {}", answer.json["redeciding"]);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn publish(shop: &mut Shop, version: u64, effective: &str) -> Value {
    let answer = shop.post(&format!("rulesets/{version}/publish"), &json!({ "effective": effective }));
    let schedule = ok(&answer).clone();
    settled(shop);
    schedule
}

fn dry_run(shop: &mut Shop, version: u64, body: &Value) -> Value {
    let began = Instant::now();
    loop {
        let answer = shop.post(&format!("rulesets/{version}/dry-run"), body);
        if answer.status == 200 {
            assert_eq!(answer.json["status"], "done");
            return answer.json;
        }
        assert_eq!((answer.status, &answer.json["status"]), (202, &json!("running")), "{}", answer.text());
        assert!(answer.header("retry-after").is_some() && answer.json["done"].is_u64());
        assert!(began.elapsed() < SOON);
    }
}

fn versions(shop: &mut Shop) -> Value {
    ok(&shop.get("summary"))["rulesetVersions"].clone()
}

#[test]
fn a_store_starts_with_one_version_and_a_draft_changes_nothing() {
    let mut shop = Shop::open();
    let answer = shop.get("rulesets");
    let book = ok(&answer);
    assert_eq!(
        (&book["versions"][0]["version"], &book["versions"][0]["state"]),
        (&json!(1), &json!("in_force"))
    );
    assert_eq!(book["revisions"][0]["entries"], json!([{ "from": null, "rulesetVersion": 1 }]));
    assert_eq!((&book["revisions"][0]["cause"], &book["redeciding"]), (&json!("start"), &Value::Null));

    assert_eq!(draft(&mut shop, &json!({ "windowHours": 720, "model": "position_based" })), 2);
    assert_eq!(draft(&mut shop, &json!({ "windowSeconds": 3_600, "counts": "any" })), 3);
    let answer = shop.get("rulesets");
    let versions = &ok(&answer)["versions"];
    let window = |place: usize| versions[place]["windowSeconds"].as_i64().unwrap();
    assert_eq!([window(0), window(1), window(2)], [3_600, 2_592_000, 604_800]);
    assert_eq!((&versions[0]["model"], &versions[0]["counts"]), (&json!("last_touch"), &json!("any")));
    assert_eq!((&versions[1]["state"], &versions[1]["publishedAt"]), (&json!("draft"), &Value::Null));
    assert_eq!(shop.decision("b-1")["rulesetVersion"], 1);
}

#[test]
fn a_dry_run_tells_what_would_change_and_writes_nothing() {
    let mut shop = Shop::open();
    let version = draft(&mut shop, &json!({ "windowHours": 720 }));
    let run = dry_run(&mut shop, version, &json!({}));
    assert_eq!((&run["conversions"], &run["changed"]), (&json!(4), &json!(1)));
    assert_eq!(run["ruleset"]["windowSeconds"], 2_592_000);
    let flips = run["flips"].as_array().unwrap();
    let flip = |before: &str, after: &str| {
        flips.iter().find(|flip| flip["before"] == before && flip["after"] == after).unwrap()["conversions"]
            .clone()
    };
    assert_eq!(flips.len(), 9);
    assert_eq!(
        [flip("none", "direct"), flip("none", "none"), flip("direct", "direct")],
        [1, 1, 1].map(Value::from)
    );
    assert_eq!(
        run["revenue"],
        json!([{
            "currency": "EUR", "directBeforeCents": 80_000, "directAfterCents": 89_000,
            "assistedBeforeCents": 20_000, "assistedAfterCents": 20_000,
        }])
    );
    assert_eq!(
        run["orders"],
        json!([{
            "orderId": "b-1", "occurredAt": "2026-01-13T12:00:00.000Z", "currency": "EUR",
            "before": { "type": "none", "reason": "out_of_window", "attributedCents": 0 },
            "after": { "type": "direct", "reason": "product_visualized", "attributedCents": 9_000 },
        }])
    );
    let widget = &run["widgets"][0];
    assert_eq!((&widget["weightBefore"], &widget["weightAfter"]), (&json!(2.0), &json!(3.0)));
    let days = json!({ "from": "2026-01-12T00:00:00Z", "to": "2026-01-13T00:00:00Z" });
    assert_eq!(dry_run(&mut shop, version, &days)["conversions"], 1);
    let no_body = shop.ask("POST", &format!("rulesets/{version}/dry-run"), &[], b"");
    assert_eq!(ok(&no_body)["conversions"], 4, "no body is all of history");
    assert_eq!(shop.decision("b-1")["type"], "none");
    for missing in ["rulesets/9/dry-run", "rulesets/x/dry-run", "rulesets/-1/dry-run"] {
        assert_eq!(shop.post(missing, &json!({})).status, 404, "{missing}");
    }
}

#[test]
fn published_rules_decide_everything_again_and_can_be_taken_back() {
    let mut shop = Shop::open();
    let version = draft(&mut shop, &json!({ "windowHours": 720 }));
    let schedule = publish(&mut shop, version, "everything");
    assert_eq!(schedule, json!({ "revision": 2, "entries": [{ "from": null, "rulesetVersion": 2 }] }));
    let decision = shop.decision("b-1");
    assert_eq!((&decision["type"], &decision["rulesetVersion"]), (&json!("direct"), &json!(2)));
    assert_eq!(versions(&mut shop), json!([{ "version": 2, "conversions": 4 }]));
    let states = |book: &Value| -> Vec<String> {
        let versions = book["versions"].as_array().unwrap();
        versions.iter().map(|version| version["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&settled(&mut shop)), ["in_force", "retired"]);
    let answer = shop.get("conversions/b-1");
    let causes: Vec<&Value> =
        answer.json["ledger"].as_array().unwrap().iter().map(|entry| &entry["cause"]).collect();
    assert_eq!(causes, [&json!("created"), &json!("rules")]);

    let back = shop.ask("POST", "rulesets/rollback", &[], b"");
    assert_eq!(ok(&back), &json!({ "revision": 3, "entries": [{ "from": null, "rulesetVersion": 1 }] }));
    let book = settled(&mut shop);
    assert_eq!(
        (&book["revisions"][0]["cause"], states(&book)),
        (&json!("roll_back"), vec!["retired".to_owned(), "in_force".to_owned()])
    );
    assert_eq!(shop.decision("b-1")["type"], "none");
}

#[test]
fn rules_published_for_a_time_decide_what_happened_since() {
    let mut shop = Shop::open();
    let version = draft(&mut shop, &json!({ "windowHours": 1 }));
    let schedule = publish(&mut shop, version, "2026-01-13T00:00:00Z");
    assert_eq!(
        schedule["entries"],
        json!([
            { "from": null, "rulesetVersion": 1 },
            { "from": "2026-01-13T00:00:00.000Z", "rulesetVersion": 2 },
        ])
    );
    assert_eq!(shop.decision("a-1")["type"], "direct", "of the day before");
    assert_eq!(shop.decision("a-2")["reason"], "out_of_window");
    assert_eq!(
        versions(&mut shop),
        json!([{ "version": 1, "conversions": 1 }, { "version": 2, "conversions": 3 }])
    );
    let third = draft(&mut shop, &json!({}));
    let now = publish(&mut shop, third, "now");
    assert_eq!(now["entries"].as_array().unwrap().len(), 3);
    assert_eq!(shop.decision("a-2")["rulesetVersion"], 2, "the past stays as it was");
}

#[test]
fn nothing_can_be_taken_back_before_anything_was_published() {
    let mut shop = Shop::open();
    let answer = shop.ask("POST", "rulesets/rollback", &[], b"");
    assert_eq!((answer.status, &answer.json["code"]), (404, &json!("nothing_to_roll_back")));
}

#[test]
fn an_erased_person_is_nowhere_and_the_figures_stay() {
    let mut shop = Shop::open();
    let before = shop.get("summary").json;
    let answer = shop.post("erasures", &json!({ "visitorId": "ann" }));
    let erased = ok(&answer);
    assert_eq!(
        (&erased["conversions"], &erased["visualizations"], &erased["pictures"]),
        (&json!(2), &json!(2), &json!(0))
    );
    assert_eq!(shop.get("summary").json, before);
    for list in ["conversions", "visualizations", "conversions/a-1", "deliveries"] {
        let answer = shop.get(list);
        assert!(answer.status == 200 && !answer.text().contains("\"ann\""), "{list}: {}", answer.text());
    }
    assert_eq!(shop.decision("a-1")["type"], "direct");
    let nobody = shop.post("erasures", &json!({ "userId": "nobody" }));
    assert_eq!(ok(&nobody), &json!({ "facts": 0, "conversions": 0, "visualizations": 0, "pictures": 0 }));
}

/// Method, route and a body that would do.
const WRITES: [(&str, &str, &str); 6] = [
    ("PUT", "aliases", r#"{"aliases":[{"variantId":"1","productId":"2"}]}"#),
    ("DELETE", "aliases/1", ""),
    ("POST", "rulesets", "{}"),
    ("POST", "rulesets/1/publish", r#"{"effective":"now"}"#),
    ("POST", "rulesets/rollback", ""),
    ("POST", "erasures", r#"{"visitorId":"ann"}"#),
];
const READS: [(&str, &str, &str); 7] = [
    ("GET", "models", ""),
    ("GET", "products", ""),
    ("GET", "near-misses", ""),
    ("GET", "lag", ""),
    ("GET", "aliases", ""),
    ("GET", "rulesets", ""),
    ("POST", "rulesets/1/dry-run", "{}"),
];

fn ask(client: &mut Client, key: &str, store: &str, (method, rest, body): (&str, &str, &str)) -> Answer {
    let key = format!("Bearer {key}");
    let mut headers = vec![("Authorization", key.as_str())];
    if !body.is_empty() {
        headers.push(("Content-Type", "application/json"));
    }
    let path = format!("/api/v1/stores/{store}/{rest}");
    client.request(method, &path, &headers, body.as_bytes()).expect("an answer")
}

#[test]
fn a_key_that_only_reads_changes_nothing_and_reads_everything() {
    let shop = Shop::open();
    let (key, store) = (shop.read_key(), &shop.server.setup.store_id);
    let mut client = Client::connect(&shop.server);
    for request in WRITES {
        let answer = ask(&mut client, &key, store, request);
        assert_eq!((answer.status, &answer.json["code"]), (403, &json!("insufficient_scope")), "{request:?}");
        assert_eq!(ask(&mut client, "", store, request).status, 401, "{request:?}");
    }
    for request in READS {
        let answer = ask(&mut client, &key, store, request);
        assert_eq!(answer.status, 200, "{request:?}: {}", answer.text());
    }
}

#[test]
fn another_organizations_store_and_none_at_all_get_the_same_bytes_and_nothing_happens_there() {
    let mut shop = Shop::open();
    let other = shop.server.another_organization("other");
    let mut client = Client::connect(&shop.server);
    for request in WRITES.into_iter().chain(READS) {
        let own = &shop.server.setup.store_id;
        let mut bodies: Vec<String> = Vec::new();
        for store in [own.as_str(), "store_01kaqx2v3e7m8r9s0t1v2w3x4y", "nonsense"] {
            let mut answer = ask(&mut client, &other.api_key, store, request);
            assert_eq!(answer.status, 403, "{request:?}: {}", answer.text());
            answer.json["requestId"] = Value::Null;
            bodies.push(answer.json.to_string());
        }
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{request:?}: {bodies:#?}");
    }
    assert_eq!(ok(&shop.get("aliases"))["data"], json!([]));
    assert_eq!(ok(&shop.get("rulesets"))["versions"].as_array().unwrap().len(), 1);
    assert!(shop.get("conversions").text().contains("\"ann\""));
}

#[test]
fn a_wrong_body_is_told_with_every_place_and_changes_nothing() {
    let mut shop = Shop::open();
    for (rest, body, expected) in [
        ("rulesets", json!([]), vec![("", "wrong_type")]),
        (
            "rulesets",
            json!({ "windowHours": 0, "model": "best", "basis": 1, "products": "x", "leads": "", "counts": "Paid" }),
            vec![
                ("/model", "unknown_value"),
                ("/basis", "wrong_type"),
                ("/products", "unknown_value"),
                ("/leads", "unknown_value"),
                ("/counts", "unknown_value"),
                ("/windowHours", "out_of_range"),
            ],
        ),
        ("rulesets", json!({ "windowSeconds": 31_536_001 }), vec![("/windowSeconds", "out_of_range")]),
        ("rulesets", json!({ "windowHours": "7" }), vec![("/windowHours", "not_an_integer")]),
        (
            "rulesets",
            json!({ "windowHours": 2, "windowSeconds": 7_200 }),
            vec![("/windowSeconds", "contradiction")],
        ),
        ("rulesets/1/publish", json!({}), vec![("/effective", "missing")]),
        ("rulesets/1/publish", json!({ "effective": "soon" }), vec![("/effective", "invalid_date")]),
        (
            "rulesets/1/publish",
            json!({ "effective": "2999-01-01T00:00:00Z" }),
            vec![("/effective", "date_out_of_range")],
        ),
        (
            "rulesets/1/dry-run",
            json!({ "from": 1, "to": "x" }),
            vec![("/from", "wrong_type"), ("/to", "invalid_date")],
        ),
        (
            "rulesets/1/dry-run",
            json!({ "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z" }),
            vec![("/to", "empty_range")],
        ),
        ("erasures", json!({}), vec![("", "missing")]),
        ("erasures", json!({ "visitorId": "ann", "userId": "ann" }), vec![("", "contradiction")]),
        (
            "erasures",
            json!({ "visitorId": "null", "userId": 7 }),
            vec![("/visitorId", "placeholder_identifier"), ("/userId", "wrong_type")],
        ),
    ] {
        let answer = shop.post(rest, &body);
        assert_eq!(answer.status, 422, "{rest} {body}: {}", answer.text());
        let faults = answer.json["errors"].as_array().unwrap();
        let told: Vec<(&str, &str)> = faults
            .iter()
            .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        assert_eq!(told, expected, "{rest} {body}");
    }
    for (_, rest, _) in [WRITES[2], WRITES[3], WRITES[5], READS[6]] {
        for (headers, body, status) in [
            (&[("Content-Type", "application/json")][..], "{\"a\":1,\"a\":2}", 400),
            (&[("Content-Type", "application/json")], "", 400),
            (&[("Content-Type", "text/plain")], "{}", 415),
            (&[], "{}", 415),
            (&[("Content-Type", "application/json")], &format!("{{\"a\":\"{}\"}}", "x".repeat(17_000)), 413),
        ] {
            let answer = shop.ask("POST", rest, headers, body.as_bytes());
            assert_eq!(answer.status, status, "{rest} {headers:?}: {}", answer.text());
            if status == 413 {
                shop.client = Client::connect(&shop.server);
            }
        }
    }
    assert_eq!(ok(&shop.get("rulesets"))["versions"].as_array().unwrap().len(), 1);
    assert!(shop.get("conversions").text().contains("\"ann\""));
}
