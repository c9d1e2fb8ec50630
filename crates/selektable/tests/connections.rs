//! Sockets as they come: slow, silent, endless, malformed, too many. With limits shortened by the documented flags.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use std::io::Read;
use std::time::{Duration, Instant};

use support::{Client, Raw, TestServer, exchange};

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn with_limits(limits: &[(&str, &str)]) -> TestServer {
    let arguments: Vec<&str> = limits.iter().flat_map(|(flag, value)| [*flag, *value]).collect();
    TestServer::start_with(&arguments)
}

fn post_head(server: &TestServer, length: usize) -> String {
    format!(
        "POST /api/webhooks/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        server.setup.api_key
    )
}

#[test]
fn a_head_that_trickles_in_is_cut_when_its_time_is_over() {
    let server = with_limits(&[("--head-timeout-ms", "400")]);
    let mut raw = Raw::connect(&server);
    raw.drip(&["GET /healthz HTTP/1.1\r\n", "Host: localhost\r\n", "A: 1\r\n", "B: 2\r\n"], ms(150));
    let ended = raw.until_the_end();
    assert!(ended.text.starts_with("HTTP/1.1 408 "), "{}", ended.text);
    assert!(ended.text.contains("\"code\":\"head_timeout\"") && ended.text.contains("x-request-id: "));
    assert!(ended.after >= ms(400) && ended.after < ms(5_000), "{:?}", ended.after);
}

#[test]
fn a_connection_that_says_nothing_is_cut_without_a_word() {
    let server = with_limits(&[("--head-timeout-ms", "300")]);
    let ended = Raw::connect(&server).until_the_end();
    assert_eq!(ended.text, "");
    assert!(ended.after >= ms(300) && ended.after < ms(5_000), "{:?}", ended.after);
}

#[test]
fn an_idle_connection_is_kept_longer_than_a_head_may_take_and_then_closed() {
    let server = with_limits(&[("--head-timeout-ms", "200"), ("--idle-timeout-ms", "1500")]);
    let mut raw = Raw::connect(&server);
    raw.send(HEALTH).unwrap();
    assert!(raw.answer().starts_with("HTTP/1.1 200 "));
    std::thread::sleep(ms(700));
    raw.send(HEALTH).unwrap();
    assert!(raw.answer().starts_with("HTTP/1.1 200 "), "still there after three heads' time");
    let idle_since = Instant::now();
    let ended = raw.until_the_end();
    assert_eq!(ended.text, "");
    assert!(
        idle_since.elapsed() >= ms(1_400) && idle_since.elapsed() < ms(8_000),
        "{:?}",
        idle_since.elapsed()
    );
}

#[test]
fn the_second_head_of_a_connection_has_its_own_time() {
    let server = with_limits(&[("--head-timeout-ms", "400"), ("--idle-timeout-ms", "20000")]);
    let mut raw = Raw::connect(&server);
    raw.send(HEALTH).unwrap();
    raw.answer();
    raw.send("GET /heal").unwrap();
    let began = Instant::now();
    let ended = raw.until_the_end();
    assert!(ended.text.starts_with("HTTP/1.1 408 "), "{}", ended.text);
    assert!(began.elapsed() >= ms(350) && began.elapsed() < ms(5_000), "{:?}", began.elapsed());
}

#[test]
fn a_body_that_does_not_arrive_in_time_is_answered_408() {
    let server = with_limits(&[("--body-timeout-ms", "400")]);
    let mut raw = Raw::connect(&server);
    raw.send(post_head(&server, 1_000)).unwrap();
    raw.drip(&["{", " ", " ", " ", " "], ms(150));
    let ended = raw.until_the_end();
    assert!(ended.text.starts_with("HTTP/1.1 408 "), "{}", ended.text);
    assert!(ended.text.contains("\"code\":\"body_timeout\""), "{}", ended.text);
}

#[test]
fn a_body_in_time_is_not_cut_by_the_shorter_limits_of_heads_and_idling() {
    let server = with_limits(&[("--head-timeout-ms", "200"), ("--idle-timeout-ms", "200")]);
    let mut raw = Raw::connect(&server);
    raw.send(post_head(&server, 5)).unwrap();
    raw.drip(&["{", "\"a", "\""], ms(300));
    raw.send("}").unwrap();
    let answer = raw.answer();
    assert!(answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 422 "), "{answer}");
}

#[test]
fn a_reader_that_takes_nothing_is_cut() {
    let server = with_limits(&[("--write-timeout-ms", "400")]);
    let raw = Raw::connect(&server);
    // Far more than the buffers of both ends hold.
    let requests = "GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(400);
    let mut sender = raw.stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || std::io::Write::write_all(&mut sender, requests.as_bytes()));
    std::thread::sleep(ms(2_500));
    let mut received = 0;
    let mut stream = raw.stream;
    let mut buffer = vec![0_u8; 1 << 20];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        received += read;
    }
    let _ = sending.join();
    let whole = Client::connect(&server).get("/api/openapi.json").body.len();
    assert!(received < 400 * whole, "all of it came: {received} bytes");
    assert!(!server.log().contains("panicked"));
}

#[test]
fn one_place_means_one_connection_at_a_time() {
    let server = with_limits(&[("--connections-max", "1"), ("--idle-timeout-ms", "20000")]);
    let mut first = Raw::connect(&server);
    first.send(HEALTH).unwrap();
    first.answer();
    let mut second = Raw::connect(&server);
    second.send(HEALTH).unwrap();
    second.stream.set_read_timeout(Some(ms(400))).unwrap();
    assert!(second.stream.read(&mut [0]).is_err(), "it waits");
    drop(first);
    second.stream.set_read_timeout(Some(ms(20_000))).unwrap();
    assert!(second.answer().starts_with("HTTP/1.1 200 "), "its turn comes");
}

#[test]
fn what_is_no_request_is_answered_with_a_problem_and_closed() {
    let server = TestServer::start_empty();
    let endless_head = format!("GET / HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n", "x".repeat(17 * 1024));
    let many_lines = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: 1\r\n".repeat(101));
    let cases = [
        ("\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03", 400),
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/3.0\r\n\r\n", 400),
        ("GET /\u{e4} HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nBad Name: 1\r\n\r\n", 400),
        (endless_head.as_str(), 431),
        (many_lines.as_str(), 431),
    ];
    for (text, status) in cases {
        let ended = exchange(&server, text);
        let shown = text.chars().take(60).collect::<String>();
        assert!(ended.text.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {}", ended.text);
        for part in [
            "content-type: application/problem+json",
            "x-request-id: ",
            "\"requestId\":\"",
            "connection: close",
        ] {
            assert!(ended.text.contains(part), "{shown:?} lacks {part}: {}", ended.text);
        }
    }
}

#[test]
fn a_request_names_exactly_one_host() {
    let server = TestServer::start_empty();
    for hosts in [
        "",
        "Host: a\r\nHost: b\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: \r\n",
        "Host: a b\r\n",
        "Host: x@a\r\n",
    ] {
        let ended = exchange(&server, format!("GET /healthz HTTP/1.1\r\n{hosts}\r\n"));
        assert!(ended.text.starts_with("HTTP/1.1 400 "), "{hosts:?}: {}", ended.text);
        assert!(ended.text.contains("\"code\":\"bad_host\""), "{hosts:?}: {}", ended.text);
    }
    let old = exchange(&server, "GET /healthz HTTP/1.0\r\n\r\n");
    assert!(old.text.contains(" 200 "), "HTTP/1.0 knows no Host: {}", old.text);
}

#[test]
fn two_lengths_of_one_body_are_refused_in_any_order() {
    let server = TestServer::start();
    let head = post_head(&server, 5);
    let (head, _) = head.split_once("Content-Length").unwrap();
    let cases = [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\ncontent-length: 5\r\nX: y\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\n{\"a\":1}",
        "Content-Length: 5, 6\r\n\r\n{\"a\":1}",
        "Content-Length: +5\r\n\r\n{\"a\":1}",
        "Content-Length: -5\r\n\r\n{\"a\":1}",
        "Content-Length: 99999999999999999999\r\n\r\n{\"a\":1}",
        "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    ];
    for tail in cases {
        // A second request after it must not be answered: where it begins depends on whom one believes.
        let ended = exchange(&server, format!("{head}{tail}{HEALTH}"));
        assert!(ended.text.starts_with("HTTP/1.1 400 "), "{tail:?}: {}", ended.text);
        assert!(!ended.text.contains("HTTP/1.1 200"), "{tail:?}: {}", ended.text);
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let server = TestServer::start();
    let head = post_head(&server, 99_000_000).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    let ended = exchange(&server, head);
    assert!(ended.text.starts_with("HTTP/1.1 413 "), "{}", ended.text);
    assert!(ended.text.contains("\"code\":\"body_too_large\""), "{}", ended.text);
    let accepted = post_head(&server, 2).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    let mut raw = Raw::connect(&server);
    raw.send(accepted).unwrap();
    assert!(raw.answer().starts_with("HTTP/1.1 100 Continue"));
}

#[test]
fn a_large_body_that_nobody_reads_does_not_hide_the_answer() {
    let server = TestServer::start();
    let body = vec![b'x'; 1 << 20];
    let mut client = Client::connect(&server);
    let answer = client.request("POST", "/nowhere", &[], &body).expect("the answer arrives");
    assert_eq!(answer.status, 404);
    let mut raw = Raw::connect(&server);
    raw.send(post_head(&server, 1 << 20)).unwrap();
    let _ = raw.send(&body);
    let ended = raw.until_the_end();
    assert!(ended.text.starts_with("HTTP/1.1 413 "), "{}", ended.text);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let server = TestServer::start_empty();
    let ended = exchange(
        &server,
        "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n\
         GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    let statuses: Vec<&str> =
        ended.text.match_indices("HTTP/1.1 ").map(|(at, mark)| &ended.text[at + mark.len()..][..3]).collect();
    assert_eq!(statuses, ["200", "404", "200"]);
}

#[test]
fn unknown_addresses_and_methods_are_problems_with_ids() {
    let server = TestServer::start_empty();
    let mut client = Client::connect(&server);
    for (method, path, status, code) in [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("GET", "/%ff%00/../..", 404, "not_found"),
        ("OPTIONS", "*", 404, "not_found"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
        ("BREW", "/healthz", 405, "method_not_allowed"),
        ("GET", "/api/webhooks/orders", 405, "method_not_allowed"),
        ("POST", "/widgets/embed.js", 405, "method_not_allowed"),
    ] {
        let answer = client.request(method, path, &[("X-Request-Id", "mine")], b"").expect("an answer");
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{method} {path}");
        assert_eq!(answer.json["code"], code, "{method} {path}");
        assert_eq!(answer.json["success"], false);
        let id = answer.header("x-request-id").expect("an id");
        assert_eq!(answer.json["requestId"], id);
        assert_ne!(id, "mine", "an id is one request, so it is ours");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{method} {path}");
    }
    let allowed = client.request("DELETE", "/healthz", &[], b"").unwrap();
    assert_eq!(allowed.header("allow"), Some("GET,HEAD"));
    let head = client.request("HEAD", "/healthz", &[], b"").unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn the_log_has_a_line_a_request_and_no_secrets() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    client.get("/api/v1/stores/store_x/summary?from=needle-in-query");
    client
        .request("POST", "/needle-in-path", &[("X-Request-Id", "callers-own")], b"needle-in-body")
        .expect("an answer");
    let id = client.get("/healthz").header("x-request-id").expect("an id").to_owned();
    let log = server.log();
    let line = log.lines().find(|line| line.contains(&id)).expect("the request is logged");
    for part in ["\"route\":\"/healthz\"", "\"method\":\"GET\"", "\"status\":200", "\"ms\":"] {
        assert!(line.contains(part), "{part} is missing in {line}");
    }
    assert!(log.contains("\"caller_request_id\":\"callers-own\""), "{log}");
    for secret in ["needle", server.setup.api_key.as_str()] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
