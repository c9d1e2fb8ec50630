//! What several servers do once: tries are counted, dry runs told of and work done by lease, whichever server is asked,
//! and another one goes on where one died.

use std::time::{Duration, Instant};

use selektable_testbed::Session;
use serde_json::{Value, json};

use crate::load::order;
use crate::shared::{log_in, send, two};
use crate::support::{Answer, Client, TestServer};

const SOON: Duration = Duration::from_secs(60);
const NOW: &str = "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)";

fn try_to_log_in(server: &TestServer, password: &str) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("email", &server.setup.email).append_pair("password", password);
    send(&mut Client::connect(server), "POST", "/login", "", &form.finish())
}

#[test]
fn guessing_at_two_servers_at_once_is_no_faster_than_at_one() {
    let (_database, one, other) = two();
    let began = Instant::now();
    let mut wrong = 0;
    loop {
        let server = if wrong % 2 == 0 { &one } else { &other };
        let answer = try_to_log_in(server, "a guess");
        if answer.status == 429 {
            break;
        }
        assert_eq!(answer.status, 422, "{}", answer.text());
        wrong += 1;
        // Ten at once, and one more every six seconds.
        assert!(wrong <= 11 + began.elapsed().as_secs() / 6, "{wrong} guesses in {:?}", began.elapsed());
    }
    assert!(wrong >= 10, "{wrong}");
    let refused = [&one, &other].map(|server| try_to_log_in(server, &server.setup.password));
    assert!(refused.iter().any(|answer| answer.status == 429), "also with the right password");
}

#[test]
fn logging_in_and_out_writes_no_more_than_its_session_and_its_count() {
    let (database, one, _other) = two();
    log_in(&one);
    let mut session = database.session();
    assert_eq!(session.value("SELECT count(*) FROM sessions").unwrap(), "1");
    assert_eq!(session.value("SELECT count(*) FROM tries").unwrap(), "2", "of the address and the account");
    let key = &one.setup.api_key;
    let path = format!("/api/v1/stores/{}/summary", one.setup.store_id);
    assert_eq!(Client::with_key(&one, key).get(&path).status, 200);
    assert_eq!(session.value("SELECT count(*) FROM tries").unwrap(), "2", "keys are not counted there");
}

fn post(server: &TestServer, rest: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/stores/{}/{rest}", server.setup.store_id);
    Client::connect(server).post(&path, body)
}

fn draft(server: &TestServer) -> u64 {
    let answer = post(server, "rulesets", &json!({ "windowHours": 1 }));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json["version"].as_u64().unwrap()
}

fn take_order(server: &TestServer, id: &str) {
    let answer = Client::connect(server).post("/api/webhooks/orders", &order(&server.setup, id));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_dry_run_begun_at_one_server_is_told_by_the_other() {
    let (database, one, other) = two();
    take_order(&one, "1");
    let version = draft(&one);
    let path = format!("rulesets/{version}/dry-run");
    let began = Instant::now();
    let first = loop {
        let answer = post(&one, &path, &json!({}));
        if answer.status == 200 {
            break answer.json;
        }
        assert!(answer.status == 202 && began.elapsed() < SOON, "{}", answer.text());
    };
    // Told and not done again: what is not there any more can't be found.
    let mut session = database.session();
    session.run("UPDATE dry_runs SET holder = 'kept'").unwrap();
    let told = post(&other, &path, &json!({}));
    assert_eq!((told.status, &told.json), (200, &first));
    assert_eq!(session.value("SELECT string_agg(holder, ',') FROM dry_runs").unwrap(), "kept");
}

#[test]
fn progress_is_told_by_any_server_and_a_dry_run_whose_server_died_is_begun_again() {
    let (database, one, other) = two();
    take_order(&one, "1");
    let version = draft(&one);
    let path = format!("rulesets/{version}/dry-run");
    let day = json!({ "from": "2026-10-01T00:00:00Z", "to": "2026-12-01T00:00:00Z" });
    assert_eq!(post(&one, &path, &day).status, 200);
    // As a server leaves it that was killed.
    let mut session = database.session();
    let dead = format!(
        "UPDATE dry_runs SET holder = 'dead', result = NULL, done = 3, about = 10, until = {NOW} + 6000"
    );
    session.run(&dead).unwrap();
    for server in [&one, &other] {
        let answer = post(server, &path, &day);
        assert_eq!(answer.status, 202, "{}", answer.text());
        assert_eq!((&answer.json["done"], &answer.json["about"]), (&json!(3), &json!(10)));
    }
    let began = Instant::now();
    while post(&other, &path, &day).status != 200 {
        assert!(began.elapsed() < SOON);
    }
}

fn wait_for(session: &mut Session, sql: &str, value: &str) {
    let began = Instant::now();
    while session.value(sql).unwrap() != value {
        assert!(began.elapsed() < SOON, "{sql} is not {value}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_process_builds_a_set_of_decisions_and_another_goes_on_where_it_died() {
    let (database, one, _other) = two();
    take_order(&one, "1");
    let mut session = database.session();
    let dead = format!("INSERT INTO leases (name, holder, until) VALUES ('build', 'dead', {NOW} + 4000)");
    session.run(&dead).unwrap();
    let began = Instant::now();
    let output = one.run(&["recompute"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(began.elapsed() >= Duration::from_secs(3), "not before its time was over: {:?}", began.elapsed());
    wait_for(&mut session, "SELECT count(*) FROM generations WHERE state = 'building'", "0");
    wait_for(&mut session, "SELECT count(*) FROM leases WHERE name = 'build'", "0");
}

#[test]
fn sums_that_a_killed_server_left_are_folded_by_another_one() {
    let (database, one, _other) = two();
    let mut session = database.session();
    wait_for(&mut session, "SELECT count(*) FROM rollup_builds", "0");
    take_order(&one, "1");
    one.kill();
    wait_for(&mut session, "SELECT count(*) FROM rollup_changes", "0");
}

#[test]
fn sums_of_a_store_that_is_written_elsewhere_wait_and_hold_up_no_other_store() {
    let (database, one, other) = two();
    let second = one.another_organization("Second");
    let mut session = database.session();
    wait_for(&mut session, "SELECT count(*) FROM rollup_builds", "0");
    take_order(&one, "1");
    session.run("BEGIN; SELECT store FROM store_writers WHERE store = 1 FOR UPDATE").unwrap();
    let mut clients = [&one, &other].map(|server| Client::with_key(server, &second.api_key));
    let began = Instant::now();
    for number in 0.. {
        let asked = Instant::now();
        for (client, at) in clients.iter_mut().zip(["one", "other"]) {
            let body = order(&second, &format!("second-{number}-{at}"));
            assert_eq!(client.post("/api/webhooks/orders", &body).status, 200);
        }
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        if began.elapsed() > Duration::from_secs(3) {
            break;
        }
    }
    assert_ne!(session.value("SELECT count(*) FROM rollup_changes WHERE store = 1").unwrap(), "0");
    session.run("COMMIT").unwrap();
    wait_for(&mut session, "SELECT count(*) FROM rollup_changes", "0");
}
