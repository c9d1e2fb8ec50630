//! What one server learns, all know: keys, sessions, set-up.

use std::time::{Duration, Instant};

use selektable_testbed::{Database, database};
use serde_json::Value;

use crate::support::{Answer, Client, TestServer};

pub fn two() -> (Database, TestServer, TestServer) {
    let database = database();
    let one = TestServer::start_at(&database.address(), &[]);
    let other = TestServer::join(&database.address(), &one.setup, &[]);
    (database, one, other)
}

fn summary(server: &TestServer, key: &str) -> u16 {
    let path = format!("/api/v1/stores/{}/summary", server.setup.store_id);
    Client::with_key(server, key).get(&path).status
}

pub fn send(client: &mut Client, method: &str, path: &str, cookie: &str, form: &str) -> Answer {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Cookie", cookie),
    ];
    client.request(method, path, &headers, form.as_bytes()).unwrap()
}

#[test]
fn a_key_revoked_on_one_server_stops_within_a_second_on_the_other() {
    let (_database, one, other) = two();
    let org = one.setup.organization_id.as_str();
    for _ in 0..3 {
        let output = one.run(&["key", "create", "--org", org, "--json", "--scope", "read"]);
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let (key, id) = (made["apiKey"].as_str().unwrap(), made["keyId"].as_str().unwrap());
        let began = Instant::now();
        while [&one, &other].iter().any(|server| summary(server, key) != 200) {
            assert!(began.elapsed() < Duration::from_secs(1), "a new key is known within a second");
        }
        // By the dashboard of one server, as its members do.
        let cookie = log_in(&one);
        let form = format!("key={id}");
        let path = format!("/organizations/{org}/keys/revoke");
        let answer = send(&mut Client::connect(&one), "POST", &path, &cookie, &form);
        assert!(answer.status < 400, "{}", answer.text());
        let revoked = Instant::now();
        assert_eq!(summary(&one, key), 401, "at once where it was revoked");
        while summary(&other, key) != 401 {
            assert!(revoked.elapsed() < Duration::from_secs(1), "still let in after {:?}", revoked.elapsed());
        }
    }
}

#[test]
fn who_is_logged_in_at_one_server_is_logged_in_at_the_other_and_logs_out_of_both() {
    let (_database, one, other) = two();
    let cookie = log_in(&one);
    let store = format!("/stores/{}", one.setup.store_id);
    let see = |server: &TestServer| send(&mut Client::connect(server), "GET", &store, &cookie, "").status;
    assert_eq!((see(&one), see(&other)), (200, 200));
    assert_eq!(send(&mut Client::connect(&other), "POST", "/logout", &cookie, "").status, 303);
    assert_eq!((see(&one), see(&other)), (303, 303), "back to the log-in");
}

#[test]
fn a_store_set_up_beside_them_is_served_by_both() {
    let (_database, one, other) = two();
    let made = one.another_organization("Second");
    for server in [&one, &other] {
        let path = format!("/api/v1/stores/{}/summary", made.store_id);
        let began = Instant::now();
        while Client::with_key(server, &made.api_key).get(&path).status != 200 {
            assert!(began.elapsed() < Duration::from_secs(1));
        }
    }
}

pub fn log_in(server: &TestServer) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("email", &server.setup.email).append_pair("password", &server.setup.password);
    let answer = send(&mut Client::connect(server), "POST", "/login", "", &form.finish());
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("set-cookie").and_then(|set| set.split(';').next()).expect("a cookie").to_owned()
}
