//! `selektable import`: files taken in by the real program, alone and beside a running server.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]
#![allow(clippy::format_collect, reason = "clearer here, and not on a hot path")]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use support::{Client, TestServer, program_on, set_up, stands_in};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn file(server: &TestServer, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = server.data().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn import(server: &TestServer, what: &str, file: &Path, more: &[&str]) -> Output {
    server.run(&[&["import", what, file.to_str().unwrap()], more].concat())
}

/// The last line of standard output.
fn counts(output: &Output) -> String {
    text(&output.stdout).lines().last().unwrap_or_default().to_owned()
}

fn get(server: &TestServer, rest: &str) -> Value {
    let answer = Client::connect(server).get(&format!("/api/v1/stores/{}/{rest}", server.setup.store_id));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

const OWN: &str =
    "orderId,totalCents,currency,status,orderCreatedAt,visitorId,productId,quantity,priceCents\n";

#[test]
fn our_own_columns_come_in_once_however_often_they_are_imported() {
    let server = TestServer::start();
    let rows = "o-1,300,EUR,completed,2026-11-01T10:00:00Z,v-1,sofa,1,100\no-1,,,,,,chair,2,100\n\
                o-2,5000,EUR,processing,2026-11-02T10:00:00+01:00,,,,\n";
    let path = file(&server, "orders.csv", format!("{OWN}{rows}"));
    let first = import(&server, "orders", &path, &[]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert_eq!(counts(&first), "created 2, updated 0, unchanged 0, stale 0, refused 0");
    let order = get(&server, "conversions/o-1");
    assert_eq!((&order["source"], &order["totalCents"]), (&json!("import"), &json!(300)));
    assert_eq!(order["items"].as_array().unwrap().len(), 2);
    let again = import(&server, "orders", &path, &[]);
    assert_eq!(counts(&again), "created 0, updated 0, unchanged 2, stale 0, refused 0");
    let changed = format!("{OWN}{}", rows.replace("processing", "refunded"));
    let third = import(&server, "orders", &file(&server, "orders.csv", changed), &["--json"]);
    let told: Value = serde_json::from_slice(&third.stdout).unwrap();
    assert_eq!((&told["updated"], &told["unchanged"]), (&json!(1), &json!(1)));
    assert_eq!(get(&server, "conversions/o-2")["status"], "refunded");
}

#[test]
fn files_as_spreadsheets_write_them_are_read() {
    let server = TestServer::start();
    let semicolons = "\u{feff}orderId;total;currency;orderCreatedAt;conversionType\r\n\
                      s-1;\"1299.50\";EUR;2026-11-01T10:00:00Z;\"lead; \"\"big\"\"\"\r\n";
    let output = import(&server, "orders", &file(&server, "excel.csv", semicolons), &[]);
    assert_eq!(
        counts(&output),
        "created 1, updated 0, unchanged 0, stale 0, refused 0",
        "{}",
        text(&output.stderr)
    );
    assert_eq!(get(&server, "conversions/s-1")["totalCents"], 129_950);
    let tabs = "orderId\ttotalCents\tcurrency\torderCreatedAt\nt-1\t7\tJPY\t2026-11-01T10:00:00Z";
    let output = import(&server, "orders", &file(&server, "tabs.csv", tabs), &["--format", "csv"]);
    assert_eq!(
        counts(&output),
        "created 1, updated 0, unchanged 0, stale 0, refused 0",
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_shopify_export_is_read_with_an_order_of_several_rows() {
    let server = TestServer::start();
    let export = "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,\
                  Lineitem price,Lineitem sku,Note Attributes,Cancelled at,Id,Refunded Amount\n\
                  #1001,jane@example.com,paid,2026-11-01 10:01:00 +0100,unfulfilled,EUR,150.00,2026-11-01 10:00:00 +0100,1,Sofa,100.00,\
                  SOFA,\"gift: yes\nselektable_visitor_id: v-77\",,9007199254740993,0.00\n\
                  #1001,jane@example.com,,,,,,,1,Chair,50.00,CHAIR,,,,\n\
                  #1002,,refunded,,unfulfilled,EUR,20.00,2026-11-02 10:00:00 +0100,1,Lamp,20.00,,,,9007199254740995,20.00\n";
    let output = import(&server, "orders", &file(&server, "shopify.csv", export), &[]);
    assert_eq!(
        counts(&output),
        "created 2, updated 0, unchanged 0, stale 0, refused 0",
        "{}",
        text(&output.stderr)
    );
    let order = get(&server, "conversions/9007199254740993");
    assert_eq!((&order["visitorId"], &order["totalCents"]), (&json!("v-77"), &json!(15_000)));
    assert_eq!(order["items"].as_array().unwrap().len(), 2);
    assert_eq!(get(&server, "conversions/9007199254740995")["netCents"], 0);
    assert!(stands_in(server.data(), "9007199254740993") && !stands_in(server.data(), "jane@"));
}

#[test]
fn every_kind_of_order_may_stand_in_a_file_of_json_lines() {
    let server = TestServer::start();
    let own = json!({
        "orderId": "j-1", "storeId": server.setup.store_id, "organizationId": server.setup.organization_id,
        "visitorId": "v-1", "sessionId": "s-1", "totalCents": 100, "currency": "EUR", "platform": "custom",
        "status": "completed", "orderCreatedAt": "2026-11-01T10:00:00Z", "items": [],
    });
    let woo = json!({
        "id": 727, "number": "727", "status": "processing", "currency": "USD", "total": "29.35", "created_via": "checkout",
        "date_created_gmt": "2026-11-01T10:00:00", "date_modified_gmt": "2026-11-01T10:05:00", "line_items": [],
        "meta_data": [{"id": 1, "key": "_selektable_visitor_id", "value": "v-2"}], "refunds": [],
    });
    let shopify = json!({
        "id": 9_007_199_254_740_993_u64, "admin_graphql_api_id": "gid://shopify/Order/9007199254740993", "name": "#1",
        "currency": "JPY", "total_price": "23600", "financial_status": "paid", "created_at": "2026-11-01T10:00:00+09:00",
        "updated_at": "2026-11-01T10:05:00+09:00", "line_items": [], "source_name": "web",
    });
    let mut elsewhere = own.clone();
    elsewhere["storeId"] = json!("store_01kaqx2v3e7m8r9s0t1v2w3x4y");
    let output = import(&server, "orders", &file(&server, "elsewhere.ndjson", elsewhere.to_string()), &[]);
    assert!(text(&output.stderr).contains("line 1, storeId: must be the store"), "{}", text(&output.stderr));
    let lines = format!("{own}\r\n\n{woo}\n{shopify}");
    let output = import(&server, "orders", &file(&server, "orders.ndjson", lines), &[]);
    assert_eq!(
        counts(&output),
        "created 3, updated 0, unchanged 0, stale 0, refused 0",
        "{}",
        text(&output.stderr)
    );
    assert_eq!(get(&server, "conversions/727")["totalCents"], 2_935);
    assert_eq!(get(&server, "conversions/9007199254740993")["totalCents"], 23_600);
    assert_eq!(get(&server, "conversions/727")["source"], "import");
}

#[test]
fn damaged_lines_are_told_with_line_and_column_and_hold_nothing_up() {
    let server = TestServer::start();
    let rows = "ok-1,1,EUR,completed,2026-11-01T10:00:00Z,,,,\n\
                bad-1,x,EUR,completed,yesterday,,,,\n\
                bad-2,1,EUR\n\
                ok-2,1,EUR,completed,2026-11-01T10:00:00Z,,,,\n\
                ok-1,1,USD,completed,2026-11-01T10:00:00Z,,,,\n";
    let mut content = format!("{OWN}{rows}").into_bytes();
    content.extend_from_slice(b"\xff,1,EUR,completed,2026-11-01T10:00:00Z,,,,\n");
    let output = import(&server, "orders", &file(&server, "damaged.csv", content), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(counts(&output), "created 2, updated 0, unchanged 0, stale 0, refused 4");
    let told = text(&output.stderr);
    for part in [
        "line 3, totalCents: ",
        "line 3, orderCreatedAt: ",
        "line 4, the line: has 3 values",
        "line 6, currency: ",
        "line 7, the line: is not UTF-8",
    ] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    let many: String =
        (0..40).map(|number| format!("m-{number},x,EUR,completed,2026-11-01T10:00:00Z,,,,\n")).collect();
    let output = import(&server, "orders", &file(&server, "many.csv", format!("{OWN}{many}")), &[]);
    let told = text(&output.stderr);
    assert_eq!(told.lines().filter(|line| line.starts_with("line ")).count(), 20, "{told}");
    assert!(told.contains("… and 20 more"), "{told}");
    let lines = "{\"orderId\":\"\"}\nnothing\n[1]\n{\"id\":7}\n";
    let output = import(&server, "orders", &file(&server, "damaged.ndjson", lines), &[]);
    assert_eq!(
        counts(&output),
        "created 0, updated 0, unchanged 0, stale 0, refused 4",
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_file_that_is_something_else_is_refused_before_anything_is_taken() {
    let server = TestServer::start();
    let misused = |name: &str, content: &[u8], part: &str| {
        let output = import(&server, "orders", &file(&server, name, content), &[]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {told}");
        assert!(told.contains(part), "{told}");
    };
    misused("array.json", b"[{\"id\":1}]", "one object a line");
    misused("other.csv", b"Order number,Customer\n1,Jane\n", "pull");
    misused("sheet.xlsx", b"PK\x03\x04\x00\x00", "UTF-8");
    let missing = server.run(&["import", "orders", "does-not-exist.csv"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("does-not-exist.csv can't be read"), "{}", text(&missing.stderr));
    assert_eq!(get(&server, "conversions")["data"], json!([]));
}

#[test]
fn many_orders_stream_from_standard_input_before_any_server_ran() {
    let folder = tempfile::tempdir().unwrap();
    let setup = set_up(folder.path(), "O", "a@example.com", &[]);
    let mut child = program_on(folder.path())
        .args(["import", "orders", "-", "--store", &setup.store_id])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(OWN.as_bytes()).unwrap();
    for number in 0..3_000 {
        writeln!(input, "o-{number},100,EUR,completed,2026-11-01T10:00:00Z,v-{number},,,").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(counts(&output), "created 3000, updated 0, unchanged 0, stale 0, refused 0");
}

#[test]
fn with_several_stores_the_import_asks_which() {
    let server = TestServer::start();
    let other = server.another_organization("Other");
    let path = file(&server, "orders.csv", format!("{OWN}o-1,1,EUR,completed,2026-11-01T10:00:00Z,,,,\n"));
    let output = import(&server, "orders", &path, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(&other.store_id), "{}", text(&output.stderr));
    let output = import(&server, "orders", &path, &["--store", &other.store_id]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(get(&server, "conversions")["data"], json!([]), "it is the other store's");
}

#[test]
fn visualizations_come_in_once_and_orders_that_waited_for_them_are_decided_again() {
    let server = TestServer::start();
    let orders = format!("{OWN}o-1,100,EUR,completed,2026-11-02T10:00:00Z,v-1,sofa,1,100\n");
    import(&server, "orders", &file(&server, "orders.csv", orders), &[]);
    assert_eq!(get(&server, "conversions/o-1")["attribution"]["type"], "none");
    let table = "visualizationId,visitorId,sessionId,productId,variantIds,createdAt\n\
                 p-1,v-1,s-1,couch,sofa|sofa-red,2026-11-01T10:00:00Z\n\
                 p-2,v-1,s-1,lamp,,\n";
    let path = file(&server, "visualizations.csv", table);
    let first = import(&server, "visualizations", &path, &[]);
    assert_eq!(counts(&first), "created 1, updated 0, unchanged 0, stale 0, refused 1");
    assert!(text(&first.stderr).contains("line 3, /createdAt: is required"), "{}", text(&first.stderr));
    assert_eq!(get(&server, "conversions/o-1")["attribution"]["type"], "direct");
    assert_eq!(
        counts(&import(&server, "visualizations", &path, &[])),
        "created 0, updated 0, unchanged 1, stale 0, refused 1"
    );
    let body = |id: &str, store: &str| {
        json!({"storeId": store, "widgetId": server.setup.widget_id, "visitorId": "v-2", "sessionId": "s-2",
            "products": [{"productId": 7}], "createdAt": "2026-11-01T10:00:00Z", "visualizationId": id})
    };
    let other = server.another_organization("Other");
    let lines = format!("{}\n{}\n{{}}\n", body("p-3", &server.setup.store_id), body("p-4", &other.store_id));
    let path = file(&server, "visualizations.ndjson", lines);
    let output = import(&server, "visualizations", &path, &["--store", &server.setup.store_id]);
    assert_eq!(
        counts(&output),
        "created 1, updated 0, unchanged 0, stale 0, refused 2",
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stderr).contains("line 2, /storeId: "), "{}", text(&output.stderr));
}
