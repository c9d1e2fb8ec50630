//! A server whose store sells on an imitated platform, and what a shop's developer does with its API.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::imitation::Imitation;
use super::support::{Answer, Client, TestServer, on_postgres};
use super::woocommerce_api::{KEY, SECRET, Woo, WooOrder};

/// How long a pull may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Seconds since 1970, some days ago.
pub fn days_ago(days: i64) -> i64 {
    std::time::UNIX_EPOCH.elapsed().map(|now| i64::try_from(now.as_secs()).unwrap()).unwrap() - days * 86_400
}

pub fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}

/// So many orders, a minute apart, the first of them ten days ago.
pub fn orders(count: u64) -> Vec<WooOrder> {
    let order = |number: u64| WooOrder {
        id: 1_000 + number,
        modified: days_ago(10) + 60 * i64::try_from(number).unwrap(),
        status: "processing",
        cents: 1_000 + number,
        visitor: Some(format!("visitor-{number}")),
        refunds: Vec::new(),
    };
    (0..count).map(order).collect()
}

/// A server that may ask shops on this machine, and asks them when it is told to.
pub fn server(platform: &str) -> TestServer {
    server_that_asks(platform, "0")
}

/// The same, which asks by itself every so many seconds.
pub fn server_that_asks(platform: &str, every_s: &str) -> TestServer {
    let arguments = ["--allow-private-platforms", "--pull-interval-s", every_s];
    TestServer::start_shop(&["--platform", platform, "--currency", "EUR"], &arguments)
}

/// The same, whose webhooks are signed.
pub fn server_with_secret(platform: &str, secret: &str) -> TestServer {
    let setup = ["--platform", platform, "--currency", "EUR", "--webhook-secret", secret];
    TestServer::start_shop(&setup, &["--allow-private-platforms", "--pull-interval-s", "0"])
}

pub fn store_path(server: &TestServer, rest: &str) -> String {
    format!("/api/v1/stores/{}/{rest}", server.setup.store_id)
}

pub fn send(server: &TestServer, method: &str, rest: &str, body: &Value) -> Answer {
    let key = format!("Bearer {}", server.setup.api_key);
    let headers = [("Authorization", key.as_str()), ("Content-Type", "application/json")];
    let path = store_path(server, rest);
    Client::connect(server).request(method, &path, &headers, body.to_string().as_bytes()).unwrap()
}

pub fn get(server: &TestServer, rest: &str) -> Value {
    let answer = Client::connect(server).get(&store_path(server, rest));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

/// Tells the store how to reach the imitation.
pub fn connect(server: &TestServer, shop: &Imitation<Woo>) -> Value {
    let answer =
        send(server, "PUT", "platform-access", &json!({"address": shop.url(), "key": KEY, "secret": SECRET}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

/// Starts a pull of the last twenty days.
pub fn start(server: &TestServer, mode: &str) -> Answer {
    send(server, "POST", "pulls", &json!({"since": since(), "mode": mode}))
}

/// The same text all day, so that an interrupted pull is found again.
pub fn since() -> String {
    let day = days_ago(20);
    rfc3339(day - day.rem_euclid(86_400))
}

/// Waits for the newest pull to end.
pub fn ended(server: &TestServer) -> Value {
    let began = Instant::now();
    loop {
        let newest = get(server, "pulls")["data"][0].clone();
        if newest["state"].as_str().is_some_and(|state| state != "running") {
            return newest;
        }
        assert!(began.elapsed() < PATIENCE, "it does not end: {newest}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Pulls and waits; also until the turn of a server that was killed is over, where servers share a database.
pub fn pull(server: &TestServer, mode: &str) -> Value {
    let began = Instant::now();
    let mut answer = start(server, mode);
    while answer.status == 409 && on_postgres() && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(100));
        answer = start(server, mode);
    }
    assert_eq!(answer.status, 202, "{}", answer.text());
    ended(server)
}

/// How many conversions the store has.
pub fn conversions(server: &TestServer) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(server, &format!("conversions?limit=200{cursor}"));
        found.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// The numbers of a pull: seen, missing, differing, same, passed over.
pub fn counts(pull: &Value) -> [u64; 5] {
    ["orders", "missing", "differing", "same", "passedOver"].map(|name| pull[name].as_u64().unwrap())
}
