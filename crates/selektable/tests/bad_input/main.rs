//! What the order webhook does with input that is wrong: the status, the code, the place, and that nothing was stored.
//!
//! The tables are split by what is wrong; each row is one request on a connection of its own, written byte by byte, so
//! that no client library mends it on the way.
#![allow(clippy::expect_used, clippy::unwrap_used, unreachable_pub, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod content;
mod framing;
mod json;
mod keys;
mod request;

use request::Expect;
use support::TestServer;

/// One wrong request and what must come back.
struct Case {
    name: String,
    request: Vec<u8>,
    expect: Expect,
}

#[test]
fn every_wrong_request_gets_its_answer_and_stores_nothing() {
    let server = TestServer::start();
    let cases: Vec<Case> =
        [keys::cases(&server), framing::cases(&server), json::cases(&server), content::cases(&server)]
            .into_iter()
            .flatten()
            .collect();
    assert!(cases.len() >= 150, "only {} cases", cases.len());

    let mut wrong = Vec::new();
    for case in &cases {
        let answer = request::send(server.address, &case.request);
        wrong.extend(case.expect.faults(&case.name, &answer));
        if request::conversions(&server) != 0 {
            wrong.push(format!("{}: something was stored", case.name));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases went wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    println!("{} wrong requests, each with its answer", cases.len());

    let good = request::post(&server, &request::order(&server));
    assert!(
        request::send(server.address, &good).starts_with("HTTP/1.1 200"),
        "a right request still gets through"
    );
    assert_eq!(request::conversions(&server), 1);
}
