//! API keys against the real program: who is let in, who is not, and that the difference tells nothing.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

const ROUTE: &str = "/api/webhooks/orders";
/// SPEC section 13 says "at once"; another process may be a second behind, and this machine busy.
const SOON: Duration = Duration::from_millis(2_500);

fn run_json(server: &TestServer, arguments: &[&str]) -> Value {
    let output = server.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

fn create(server: &TestServer, more: &[&str]) -> (String, String) {
    let org = server.setup.organization_id.as_str();
    let made = run_json(server, &[&["key", "create", "--org", org, "--json"], more].concat());
    (made["keyId"].as_str().unwrap().to_owned(), made["apiKey"].as_str().unwrap().to_owned())
}

fn list(server: &TestServer) -> Vec<Value> {
    let org = server.setup.organization_id.as_str();
    run_json(server, &["key", "list", "--org", org, "--json"]).as_array().unwrap().clone()
}

fn summary(server: &TestServer) -> String {
    format!("/api/v1/stores/{}/summary", server.setup.store_id)
}

fn read_with(server: &TestServer, key: &str) -> Answer {
    Client::with_key(server, key).get(&summary(server))
}

/// Waits until the key answers so; how long that took.
fn until_status(server: &TestServer, key: &str, status: u16) -> Duration {
    let began = Instant::now();
    loop {
        let found = read_with(server, key).status;
        if found == status {
            return began.elapsed();
        }
        assert!(began.elapsed() < Duration::from_secs(10), "still {found}, not {status}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn without_id(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    body.as_object_mut().expect("a problem").remove("requestId");
    body
}

#[test]
fn only_one_whole_key_in_one_bearer_header_is_let_in() {
    let server = TestServer::start();
    let good = server.setup.api_key.clone();
    let unknown = "sel_000000000000000000000000000000000000";
    let mut client = Client::connect(&server);
    let mut ask = |lines: &[String]| {
        let headers: Vec<(&str, &str)> =
            lines.iter().map(|line| line.split_once(':').expect("a header")).collect();
        client.request("GET", &summary(&server), &headers, b"").expect("an answer")
    };
    for (lines, status, code) in [
        (vec![], 401, "missing_key"),
        (vec!["Authorization: Basic YTpi".to_owned()], 401, "missing_key"),
        (vec![format!("Authorization: {good}")], 401, "missing_key"),
        (vec![format!("X-Api-Key: {good}")], 401, "missing_key"),
        (vec!["Authorization: Bearer sel_your_api_key".to_owned()], 401, "invalid_key"),
        (vec!["Authorization: Bearer ".to_owned() + unknown], 401, "invalid_key"),
        (vec![format!("Authorization: Bearer {good}x")], 401, "invalid_key"),
        (vec![format!("Authorization: Bearer {}", &good[..39])], 401, "invalid_key"),
        (vec![format!("Authorization: Bearer {}", good.to_uppercase())], 401, "invalid_key"),
        (
            vec![format!("Authorization: Bearer {good}"), format!("Authorization: Bearer {good}")],
            401,
            "invalid_key",
        ),
        (vec![format!("Authorization: Bearer {good}, Bearer {good}")], 401, "invalid_key"),
    ] {
        let answer = ask(&lines);
        assert_eq!((answer.status, answer.json["code"].as_str()), (status, Some(code)), "{lines:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{lines:?}");
    }
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(ask(&[format!("Authorization: {scheme} {good}")]).status, 200, "{scheme}");
    }
}

#[test]
fn keys_that_end_in_any_way_get_the_same_bytes_as_keys_that_never_were() {
    let server = TestServer::start();
    let org = server.setup.organization_id.clone();
    let (revoked_id, revoked) = create(&server, &["--name", "to be revoked"]);
    let (expired_id, expired) = create(&server, &["--name", "to be rotated"]);
    run_json(&server, &["key", "revoke", "--org", &org, &revoked_id]);
    run_json(&server, &["key", "rotate", "--org", &org, &expired_id, "--overlap-hours", "0", "--json"]);
    let unknown = read_with(&server, "sel_your_api_key");
    for key in [&revoked, &expired] {
        until_status(&server, key, 401);
        let answer = read_with(&server, key);
        assert_eq!(without_id(&answer), without_id(&unknown));
        let names = |answer: &Answer| answer.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&answer), names(&unknown));
    }
}

#[test]
fn a_key_revoked_by_another_process_stops_within_a_second() {
    let server = TestServer::start();
    let (id, key) = create(&server, &[]);
    until_status(&server, &key, 200);
    run_json(&server, &["key", "revoke", "--org", &server.setup.organization_id, &id]);
    let took = until_status(&server, &key, 401);
    assert!(took < SOON, "{took:?}");
    assert_eq!(read_with(&server, &server.setup.api_key).status, 200, "other keys go on");
}

#[test]
fn a_rotated_key_and_its_successor_work_side_by_side() {
    let server = TestServer::start();
    let org = server.setup.organization_id.clone();
    let (id, old) = create(&server, &["--name", "Shop", "--scope", "read"]);
    let made = run_json(&server, &["key", "rotate", "--org", &org, &id, "--json"]);
    let new = made["apiKey"].as_str().unwrap();
    assert!(until_status(&server, new, 200) < SOON);
    assert_eq!(read_with(&server, &old).status, 200);
    let keys = list(&server);
    let find = |id: &Value| keys.iter().find(|key| key["keyId"] == *id).expect("it is listed").clone();
    assert_eq!(find(&json!(id))["state"], "expiring");
    let successor = find(&made["keyId"]);
    assert_eq!((successor["name"].as_str(), successor["scopes"].clone()), (Some("Shop"), json!(["read"])));
}

#[test]
fn a_key_does_what_its_scopes_say() {
    let server = TestServer::start();
    let (_, reader) = create(&server, &["--scope", "read"]);
    let (_, writer) = create(&server, &["--scope", "write"]);
    until_status(&server, &reader, 200);
    let refused = Client::with_key(&server, &reader).post(ROUTE, &json!({}));
    assert_eq!((refused.status, refused.json["code"].as_str()), (403, Some("insufficient_scope")));
    assert_eq!(Client::with_key(&server, &writer).post(ROUTE, &json!({})).status, 422);
    assert_eq!(read_with(&server, &writer).status, 200, "SPEC section 10: `read` (or `write`)");
}

#[test]
fn a_secret_key_in_a_browser_is_refused_and_flagged() {
    let server = TestServer::start();
    let (id, key) = create(&server, &[]);
    let post = |key: &str| {
        let bearer = format!("Bearer {key}");
        let headers = [("Authorization", bearer.as_str()), ("Origin", "https://shop.example")];
        Client::connect(&server).request("POST", ROUTE, &headers, b"{}").expect("an answer")
    };
    until_status(&server, &key, 200);
    let answer = post(&key);
    assert_eq!((answer.status, answer.json["code"].as_str()), (403, Some("secret_key_in_browser")));
    assert_eq!(post("sel_your_api_key").status, 401, "an unknown key is not worth a word more");
    let began = Instant::now();
    while !list(&server).iter().any(|key| key["keyId"] == id.as_str() && key["state"] == "seen-in-browser") {
        assert!(began.elapsed() < Duration::from_secs(10), "the key was not flagged");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn wrong_keys_are_counted_by_address_and_a_good_one_never_waits() {
    let server = TestServer::start();
    let statuses: Vec<u16> = (0..22).map(|_| read_with(&server, "sel_your_api_key").status).collect();
    assert_eq!(statuses[..20], [401; 20]);
    let limited = read_with(&server, "sel_your_api_key");
    assert_eq!((limited.status, limited.json["code"].as_str()), (429, Some("too_many_failed_keys")));
    let wait: u64 = limited.header("retry-after").expect("a time").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    for _ in 0..50 {
        assert_eq!(read_with(&server, &server.setup.api_key).status, 200);
    }
}

#[test]
fn a_delivery_refused_for_its_key_is_shown_to_the_keys_owner() {
    let server = TestServer::start();
    let (id, key) = create(&server, &[]);
    until_status(&server, &key, 200);
    run_json(&server, &["key", "revoke", "--org", &server.setup.organization_id, &id]);
    until_status(&server, &key, 401);
    let refused = Client::with_key(&server, &key).post(ROUTE, &json!({}));
    let path = format!("/api/v1/stores/{}/deliveries?outcome=refused", server.setup.store_id);
    let began = Instant::now();
    loop {
        let listed = Client::connect(&server).get(&path);
        assert_eq!(listed.status, 200, "{}", listed.text());
        let rows = listed.json["data"].as_array().expect("rows").clone();
        if let Some(row) = rows.iter().find(|row| row["requestId"] == refused.json["requestId"]) {
            assert_eq!(row["code"], "invalid_key", "{row}");
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "not recorded: {rows:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_keys_last_use_is_on_disk_when_the_server_has_stopped() {
    let server = TestServer::start();
    let (id, key) = create(&server, &[]);
    until_status(&server, &key, 200);
    assert_eq!(server.stop(), Some(0));
    let used = list(&server).into_iter().find(|key| key["keyId"] == id.as_str()).expect("it is listed");
    assert!(used["lastUsedAt"].is_string(), "{used}");
}

#[test]
fn commands_on_keys_of_nobody_say_so_and_change_nothing() {
    let server = TestServer::start();
    let other = server.another_organization("Other");
    let (id, _) = create(&server, &[]);
    for arguments in [
        vec!["key", "list", "--org", "org_01aaaaaaaaaaaaaaaaaaaaaaaa"],
        vec!["key", "list", "--org", "nonsense"],
        vec!["key", "revoke", "--org", &other.organization_id, &id],
        vec!["key", "rotate", "--org", &other.organization_id, &id],
        vec!["key", "create", "--org", &other.organization_id, "--scope", "admin"],
        vec!["key", "rotate", "--org", &server.setup.organization_id, &id, "--overlap-hours", "99999"],
    ] {
        let output = server.run(&arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}");
    }
    assert_eq!(list(&server).len(), 2);
}
