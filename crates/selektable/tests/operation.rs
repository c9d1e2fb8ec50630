//! Running it: setting up, starting, watching, stopping, and the commands beside it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Client, Raw, TestServer, program, program_on, set_up};

const ROUTE: &str = "/api/webhooks/orders";

fn order(server: &TestServer, id: &str) -> Value {
    let setup = &server.setup;
    json!({
        "orderId": id, "storeId": setup.store_id, "organizationId": setup.organization_id,
        "visitorId": "visitor-1", "sessionId": "session-1", "totalCents": 100, "currency": "EUR",
        "platform": "custom", "status": "completed", "orderCreatedAt": "2026-01-15T10:00:00Z", "items": [],
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().expect("the program starts")
}

/// Ends its process also when the test fails.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

// ---- setting up -------------------------------------------------------------------------------------------------

#[test]
fn setup_prints_one_line_of_json_with_what_is_needed_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/data");
    let output = run(&[
        "setup",
        "--org",
        "Furniture",
        "--store",
        "Shop",
        "--email",
        "a@example.com",
        "--password",
        "correct horse",
        "--domain",
        "shop.example",
        "--domain",
        "http://127.0.0.1:4100",
        "--currency",
        "eur",
        "--timezone",
        "Europe/Amsterdam",
        "--platform",
        "woocommerce",
        "--webhook-secret",
        "s",
        "--json",
        "--data-dir",
        data.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(names, ["apiKey", "email", "organizationId", "password", "storeId", "widgetId"]);
    for (name, start) in
        [("organizationId", "org_"), ("storeId", "store_"), ("widgetId", "widget_"), ("apiKey", "sel_")]
    {
        assert!(made[name].as_str().unwrap().starts_with(start), "{made}");
    }
    assert_eq!(
        (made["email"].as_str(), made["password"].as_str()),
        (Some("a@example.com"), Some("correct horse"))
    );
    let permissions = std::fs::metadata(&data).unwrap().permissions().mode() & 0o777;
    assert_eq!(permissions, 0o700, "the folder is the operator's own");
}

#[test]
fn every_setup_makes_another_organization_also_for_a_member_that_is_known() {
    let server = TestServer::start();
    let other = server.another_organization("Other");
    assert_ne!(other.organization_id, server.setup.organization_id);
    assert_eq!(Client::with_key(&server, &other.api_key).get("/api/v1/stores/x/summary").status, 403);
    let again = |more: &[&str]| {
        let fixed = ["setup", "--org", "Third", "--store", "S", "--email", "MERCHANT@example.com", "--json"];
        server.run(&[&fixed, more].concat())
    };
    let wrong = again(&["--password", "another password"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stdout));
    let third = again(&[]);
    assert!(third.status.success(), "{}", text(&third.stderr));
    let third: Value = serde_json::from_slice(&third.stdout).unwrap();
    assert_eq!(third["password"], Value::Null, "it keeps the password it has");
}

#[test]
fn setup_for_a_known_organization_adds_a_store_for_its_member_and_for_nobody_else() {
    let server = TestServer::start();
    let first = &server.setup;
    let again = |email: &str| {
        server.run(&["setup", "--org", "Test Organization", "--store", "Second", "--email", email, "--json"])
    };
    let output = again("merchant@example.com");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(made["organizationId"], first.organization_id);
    assert_ne!(made["storeId"], first.store_id);
    let path = format!("/api/v1/stores/{}/summary", made["storeId"].as_str().unwrap());
    for key in [made["apiKey"].as_str().unwrap(), &first.api_key] {
        assert_eq!(Client::with_key(&server, key).get(&path).status, 200, "both keys are the organization's");
    }
    let taken = again("somebody-else@example.com");
    assert_eq!(taken.status.code(), Some(1), "a name stands for one organization");
    assert!(text(&taken.stderr).contains("exists already"), "{}", text(&taken.stderr));
}

#[test]
fn setup_tells_every_fault_at_once_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = run(&[
        "setup",
        "--org",
        " ",
        "--store",
        "S",
        "--email",
        "nobody",
        "--password",
        "short",
        "--platform",
        "magento",
        "--currency",
        "EURO",
        "--timezone",
        "Mars",
        "--domain",
        "a b",
        "--data-dir",
        data.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    for flag in ["--org", "--email", "--password", "--platform", "--currency", "--timezone", "--domain"] {
        assert!(told.contains(flag), "{flag} is missing in {told}");
    }
    assert!(!told.contains("short`"), "passwords are not repeated: {told}");
    assert!(!data.exists());
}

#[test]
fn setup_for_people_is_readable_and_says_what_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let output =
        run(&["setup", "--org", "O", "--store", "S", "--email", "a@example.com", "--data-dir", data]);
    let told = text(&output.stdout);
    for part in ["API key       sel_", "password      ", "not shown again"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
}

// ---- configuration ----------------------------------------------------------------------------------------------

#[test]
fn a_wrong_configuration_stops_the_start_with_every_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("selektable.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:0\"\nidle-timeout-ms = \"soon\"\n").unwrap();
    let data = folder.path().join("data");
    let output = program()
        .args(["serve", "--public-url", "shop", "--config", file.to_str().unwrap(), "--data-dir"])
        .arg(&data)
        .env("SELEKTABLE_TRUSTED_PROXIES", "proxy")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    let told = text(&output.stderr);
    for part in ["lisen", "idle-timeout-ms", "--public-url", "SELEKTABLE_TRUSTED_PROXIES"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    assert!(!data.exists(), "nothing was begun");
    assert_eq!(run(&["serve", "--no-such-flag"]).status.code(), Some(2));
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}

#[test]
fn file_environment_and_flags_are_one_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("selektable.toml");
    let data = folder.path().join("data");
    set_up(&data, "O", "a@example.com", &[]);
    let lines = format!("listen = \"192.0.2.1:1\"\ndata-dir = {:?}\nlog-filter = \"warn\"\n", data.display());
    std::fs::write(&file, lines).unwrap();
    let mut child = program()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("SELEKTABLE_CONFIG", &file)
        .env("SELEKTABLE_LISTEN", "192.0.2.2:2")
        .env("SELEKTABLE_LOG_FILTER", "info")
        .env("SELEKTABLE_PUBLIC_URL", "")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(Guard)
        .unwrap();
    let child = &mut child.0;
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "the flag goes first: {line}");
    child.kill().unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    child.wait().unwrap();
    assert!(log.contains("serving"), "the environment goes before the file: {log}");
}

#[test]
fn a_server_that_can_not_start_says_why() {
    let server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    let address = server.address.to_string();
    let taken = program_on(folder.path()).args(["serve", "--listen", &address]).output().unwrap();
    assert_eq!(taken.status.code(), Some(1));
    assert!(text(&taken.stderr).contains("can't listen on"), "{}", text(&taken.stderr));
    assert_eq!(Client::connect(&server).get("/readyz").status, 200, "the first one goes on");
}

#[test]
fn a_server_whose_output_nobody_reads_serves_on() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let mut child = program()
        .args(["serve", "--listen", &address, "--data-dir", folder.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(Guard)
        .unwrap();
    let child = &mut child.0;
    drop((child.stdout.take(), child.stderr.take()));
    let began = Instant::now();
    let mut stream = loop {
        match std::net::TcpStream::connect(&address) {
            Ok(stream) => break stream,
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it does not listen");
    };
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

// ---- watching ---------------------------------------------------------------------------------------------------

#[test]
fn probes_answer_without_a_key_and_are_never_cached() {
    let server = TestServer::start_empty();
    for path in ["/healthz", "/readyz"] {
        let answer = Client::connect(&server).request("GET", path, &[], b"").unwrap();
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{path}");
    }
}

#[test]
fn metrics_have_their_own_listener_and_bounded_labels() {
    let metrics = free_address();
    let server = TestServer::start_with(&["--metrics-listen", &metrics]);
    let mut client = Client::connect(&server);
    assert_eq!(client.post(ROUTE, &order(&server, "1")).status, 200);
    assert_eq!(client.post(ROUTE, &json!({})).status, 422);
    for number in 0..50 {
        client.get(&format!("/nowhere/{number}"));
        client.request(&format!("M{number}"), "/healthz", &[], b"").unwrap();
    }
    assert_eq!(client.get("/metrics").status, 404, "not where shoppers are");
    let mut stream = std::net::TcpStream::connect(&metrics).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    for line in [
        "selektable_http_requests_total{method=\"POST\",route=\"/api/webhooks/orders\",status=\"200\"} 1",
        "selektable_http_requests_total{method=\"GET\",route=\"(none)\",status=\"404\"} 51",
        "selektable_http_requests_total{method=\"other\",route=\"/healthz\",status=\"405\"} 50",
        "selektable_orders_total{result=\"created\"} 1",
        "selektable_refusals_total{code=\"invalid_content\"} 1",
        "selektable_build_info{version=",
        "selektable_http_request_duration_seconds_bucket{method=\"POST\",route=\"/api/webhooks/orders\",le=\"0.05\"}",
    ] {
        assert!(told.contains(line), "{line} is missing in\n{told}");
    }
}

// ---- stopping ---------------------------------------------------------------------------------------------------

fn begin_slow_order(server: &TestServer, id: &str) -> (Raw, String) {
    let body = order(server, id).to_string();
    let mut raw = Raw::connect(server);
    raw.send(format!(
        "POST {ROUTE} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{}",
        server.setup.api_key,
        body.len(),
        &body[..10]
    ))
    .unwrap();
    (raw, body[10..].to_owned())
}

/// Until the server has read the head of a request that was just sent: it answers another connection meanwhile.
fn let_it_read(server: &TestServer) {
    for _ in 0..5 {
        Client::connect(server).get("/healthz");
    }
}

#[test]
fn a_stopping_server_finishes_what_has_begun_and_takes_nothing_new() {
    let mut server = TestServer::start();
    let mut idle = Raw::connect(&server);
    idle.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    idle.answer();
    let (mut slow, rest) = begin_slow_order(&server, "in flight");
    let_it_read(&server);
    server.signal("TERM");
    assert_eq!(idle.until_the_end().text, "", "idle connections are let go");
    assert!(std::net::TcpStream::connect(server.address).is_err(), "nobody new");
    slow.send(&rest).unwrap();
    let answer = slow.answer();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"result\":\"created\""), "{answer}");
    assert_eq!(server.wait(), Some(0));
    server.restart();
    let again = Client::connect(&server).post(ROUTE, &order(&server, "in flight"));
    assert_eq!(again.json["result"], "unchanged", "what was acknowledged is there: {}", again.text());
}

#[test]
fn a_leaving_server_tells_its_proxy_and_serves_until_the_proxy_looks_away() {
    let server = TestServer::start_with(&["--drain-delay-ms", "1500"]);
    let mut kept = Client::connect(&server);
    assert_eq!(kept.get("/readyz").status, 200);
    let asked = Instant::now();
    server.signal("TERM");
    while kept.get("/readyz").status != 503 {
        assert!(asked.elapsed() < Duration::from_secs(1), "it says nothing");
    }
    assert_eq!(kept.post(ROUTE, &order(&server, "on an old connection")).status, 200);
    assert_eq!(Client::connect(&server).post(ROUTE, &order(&server, "on a new one")).status, 200);
    assert_eq!(server.wait(), Some(0));
    assert!(asked.elapsed() >= Duration::from_millis(1_400), "{:?}", asked.elapsed());
}

#[test]
fn a_request_that_does_not_end_holds_a_stopping_server_only_for_a_time() {
    let server = TestServer::start_with(&["--drain-timeout-ms", "400"]);
    let (_slow, _) = begin_slow_order(&server, "never");
    let_it_read(&server);
    let asked = Instant::now();
    assert_eq!(server.stop(), Some(0));
    let took = asked.elapsed();
    assert!(took >= Duration::from_millis(350) && took < Duration::from_secs(10), "{took:?}");
    assert!(server.log().contains("were cut"));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let server = TestServer::start();
    let (_slow, _) = begin_slow_order(&server, "never");
    let_it_read(&server);
    server.signal("INT");
    std::thread::sleep(Duration::from_millis(200));
    let asked = Instant::now();
    server.signal("TERM");
    assert_eq!(server.wait(), Some(1));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

// ---- beside a running server ------------------------------------------------------------------------------------

#[test]
fn a_served_database_can_be_verified_compared_and_dumped() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    for number in 1..=5 {
        assert_eq!(client.post(ROUTE, &order(&server, &number.to_string())).status, 200);
    }
    for arguments in [&["verify"][..], &["recompute", "--check"], &["dump", "--canonical"]] {
        let output = server.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        assert!(!output.stdout.is_empty(), "{arguments:?}");
    }
    assert!(server.run(&["recompute"]).status.success());
    let file = server.data().join("dump.jsonl");
    assert!(server.run(&["dump", "--canonical", "--output", file.to_str().unwrap()]).status.success());
    assert_eq!(std::fs::read(&file).unwrap(), server.run(&["dump", "--canonical"]).stdout);
    server.stop();
    assert!(server.run(&["recompute"]).status.success());
    assert_eq!(server.run(&["dump", "--canonical"]).stdout, std::fs::read(&file).unwrap());
    assert_eq!(server.run(&["dump"]).status.code(), Some(2));
}

/// The embedded engine alone: another one has no file, and many servers may share it.
mod embedded {
    use super::*;

    #[test]
    fn a_file_that_may_not_grow_is_a_full_disk_and_no_death() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let setup = set_up(data, "O", "a@example.com", &[]);
        let program = program();
        let mut child = Command::new("bash")
            .args([
                "-c",
                "ulimit -f 700; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir \"$1\" --log-filter off",
            ])
            .arg(program.get_program())
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Guard)
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address: std::net::SocketAddr =
            line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        let mut client = Client::to(address, &setup.api_key);
        let mut statuses = Vec::new();
        for number in 1..=5_000 {
            let order = json!({
                "orderId": format!("{number}"), "storeId": setup.store_id, "organizationId": setup.organization_id,
                "visitorId": format!("visitor-{number}"), "sessionId": "session-1", "totalCents": 100,
                "currency": "EUR", "platform": "custom", "status": "completed",
                "orderCreatedAt": "2026-01-15T10:00:00Z", "items": [],
            });
            let answer = client.post(ROUTE, &order);
            statuses.push(answer.status);
            if answer.status != 200 {
                assert_eq!(answer.status, 503, "{}", answer.text());
                assert!(answer.header("retry-after").is_some());
                break;
            }
        }
        let alive = client.get("/healthz").status;
        assert_eq!(statuses.last(), Some(&503), "the file never was too large");
        assert_eq!(alive, 200);
    }

    #[test]
    fn a_second_server_on_one_file_does_not_start() {
        let server = TestServer::start();
        let data = server.data().to_str().unwrap().to_owned();
        let second = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
        assert_eq!(second.status.code(), Some(1));
        assert!(text(&second.stderr).contains("another selektable process"), "{}", text(&second.stderr));
        assert_eq!(text(&second.stdout), "");
        assert_eq!(Client::connect(&server).get("/readyz").status, 200, "the first one goes on");
    }
}
