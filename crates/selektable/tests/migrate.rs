//! Moving a database with a history to PostgreSQL, and back into a file.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can not go on says where"
)]

mod support;

use std::process::Output;

use serde_json::json;
use support::{Client, Shop, TestServer, address_of, program};

fn migrate(from: &str, to: &str) -> Output {
    program().args(["migrate", "--from", from, "--to", to]).output().expect("the program starts")
}

fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a command says of a database.
fn of(address: &str, command: &[&str]) -> String {
    done(&program().args(command).args(["--database", address]).output().expect("the program starts"))
}

fn dump(address: &str) -> String {
    of(address, &["dump", "--canonical"])
}

fn is_whole(address: &str) {
    for command in [["verify"].as_slice(), &["recompute", "--check"]] {
        of(address, command);
    }
}

/// A shop's history, no longer served.
fn stopped_shop() -> (Shop, String) {
    let mut shop = Shop::open();
    let refund = json!({
        "orderId": "a-2", "visitorId": "ann", "sessionId": "ann", "totalCents": 20_000, "refundedCents": 5_000,
        "status": "refunded", "orderCreatedAt": "2026-01-13T10:00:00Z", "orderUpdatedAt": "2026-01-15T10:00:00Z",
    });
    shop.order(&refund);
    assert_eq!(shop.server.stop(), Some(0));
    let address = address_of(shop.server.data());
    (shop, address)
}

#[test]
fn a_shop_moves_to_postgresql_and_what_comes_late_is_decided_there_as_it_would_have_been() {
    let (shop, from) = stopped_shop();
    let (before, database) = (dump(&from), selektable_testbed::database());
    let to = database.address();
    let said = done(&migrate(&from, &to));
    assert!(said.contains("facts and 4 conversions among them"), "{said}");
    assert_eq!(dump(&from), before, "the source is as it was");
    assert_eq!(dump(&to), before);
    is_whole(&to);

    let server = TestServer::join(&to, &shop.server.setup, &[]);
    let client = Client::connect(&server);
    let mut moved = Shop { server, client };
    assert_eq!(moved.decision("e-1")["type"], "none", "{}", moved.decision("e-1"));
    moved.visualize("late", "eve", "sofa", "2026-01-14T11:00:00Z");
    assert_eq!(moved.decision("e-1")["type"], "direct");
    moved.order(&json!({ "orderId": "a-1", "visitorId": "ann", "sessionId": "ann", "totalCents": 80_000,
        "status": "refunded", "refundedCents": 80_000, "orderCreatedAt": "2026-01-12T10:00:00Z",
        "orderUpdatedAt": "2026-01-16T10:00:00Z",
        "items": [{ "productId": "sofa", "quantity": 1, "priceCents": 80_000, "totalCents": 80_000 }] }));
    let order = moved.get("conversions/a-1").json;
    assert_eq!(order["refundedCents"], 80_000, "{order}");
    moved.order(&json!({ "orderId": "new", "visitorId": "ann", "sessionId": "ann", "orderCreatedAt": "2026-01-16T11:00:00Z" }));
    assert_eq!(moved.server.stop(), Some(0));
    is_whole(&to);
}

#[test]
fn what_moved_to_postgresql_moves_back_into_a_file() {
    let (_shop, from) = stopped_shop();
    let (database, folder) = (selektable_testbed::database(), tempfile::tempdir().unwrap());
    let file = format!("sqlite:{}", folder.path().join("back.db").display());
    done(&migrate(&from, &database.address()));
    done(&migrate(&database.address(), &file));
    assert_eq!(dump(&file), dump(&from));
    is_whole(&file);
}

#[test]
fn a_database_that_is_served_is_not_moved_so_that_nothing_acknowledged_is_left_behind() {
    let shop = Shop::open();
    let database = selektable_testbed::database();
    let from = address_of(shop.server.data());
    let said = refused(&migrate(&from, &database.address()));
    assert!(said.contains("is being served"), "{said}");
    assert_eq!(shop.server.stop(), Some(0));
    done(&migrate(&from, &database.address()));
}

#[test]
fn a_database_with_content_is_not_moved_into() {
    let (_shop, from) = stopped_shop();
    let database = selektable_testbed::database();
    done(&migrate(&from, &database.address()));
    let before = dump(&database.address());
    let said = refused(&migrate(&from, &database.address()));
    assert!(said.contains("content in"), "{said}");
    assert_eq!(dump(&database.address()), before);
    assert!(refused(&migrate(&from, &from)).contains("same database"));
}
