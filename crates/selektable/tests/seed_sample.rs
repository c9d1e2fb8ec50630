//! The documentation's Node sample against the real server: `examples/node-shop` is that sample with host, key and ids
//! from the environment.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can not go on says where"
)]

mod support;

use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use support::{Client, TestServer};

/// The shop in Node; ended when dropped.
struct NodeShop {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
}

impl NodeShop {
    fn start(host: &str, server: &TestServer, key: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/node-shop/server.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .env("PORT", "0")
            .env("SELEKTABLE_HOST", host)
            .env("SELEKTABLE_API_KEY", key)
            .env("SELEKTABLE_STORE_ID", &server.setup.store_id)
            .env("SELEKTABLE_ORGANIZATION_ID", &server.setup.organization_id)
            .env("SELEKTABLE_WIDGET_ID", &server.setup.widget_id)
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is installed (scripts/setup brings it)");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = lines.next().expect("a line").expect("text");
        let address =
            line.strip_prefix("listening on http://").expect("an address").parse().expect("an address");
        Self { child, lines, address }
    }

    /// Submits the checkout form; gives the browser's answer's status and what the webhook was answered.
    fn buy(&mut self, visitor: &str) -> (u16, u16, Value) {
        let form = format!("visitorId={visitor}&sessionId=session-1");
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let redirect = Client::to(self.address, "")
            .request("POST", "/checkout/complete", &headers, form.as_bytes())
            .expect("the shop answers");
        let line = self.lines.next().expect("a line").expect("text");
        let (status, body) = line.split_once(' ').expect("status and body");
        (redirect.status, status.parse().expect("a status"), serde_json::from_str(body).expect("JSON"))
    }
}

impl Drop for NodeShop {
    fn drop(&mut self) {
        self.child.kill().expect("the shop can be ended");
        self.child.wait().expect("the shop ends");
    }
}

#[test]
fn the_documentations_sample_is_answered_with_success_and_its_order_is_attributed() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let seen = json!({
        "storeId": server.setup.store_id, "widgetId": server.setup.widget_id,
        "visitorId": "visitor-1", "sessionId": "session-1", "products": [{"productId": "chair-1"}],
    });
    assert!(client.post("/api/v1/visualizations", &seen).status < 300);

    let mut shop = NodeShop::start(&server.url(""), &server, &server.setup.api_key);
    let (browser, webhook, answer) = shop.buy("visitor-1");
    assert_eq!((browser, webhook), (303, 200));
    assert_eq!(answer["success"], json!(true));
    assert_eq!(answer["attribution"]["type"], json!("direct"), "{answer}");

    let path = format!("/api/v1/stores/{}/conversions", server.setup.store_id);
    let kept = client.get(&path).json;
    assert_eq!(kept["data"][0]["orderId"], answer["orderId"]);
    assert_eq!(kept["data"][0]["totalCents"], json!(12_900));
}

#[test]
fn the_documentations_sample_redirects_its_shopper_also_when_the_order_is_refused() {
    let server = TestServer::start();
    let mut shop = NodeShop::start(&server.url(""), &server, &server.setup.api_key);
    let (browser, webhook, answer) = shop.buy("");
    assert_eq!((browser, webhook), (303, 422));
    assert_eq!(answer["success"], json!(false));
    assert_eq!(answer["errors"][0]["code"], json!("empty_identifier"), "{answer}");

    let mut shop = NodeShop::start(&server.url(""), &server, "sel_your_api_key");
    let (browser, webhook, answer) = shop.buy("visitor-1");
    assert_eq!((browser, webhook, &answer["success"]), (303, 401, &json!(false)));
}
