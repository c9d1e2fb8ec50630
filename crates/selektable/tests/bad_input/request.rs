//! Requests as bytes, and what is expected of their answers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::TestServer;

/// What an answer must say.
pub struct Expect {
    pub status: u16,
    pub code: &'static str,
    /// For 422: each pointer with its code, all of them and no others.
    pub faults: Vec<(String, &'static str)>,
}

impl Expect {
    pub fn status(status: u16, code: &'static str) -> Self {
        Self { status, code, faults: Vec::new() }
    }

    pub fn fault(pointer: &str, code: &'static str) -> Self {
        Self { status: 422, code: "invalid_content", faults: vec![(pointer.to_owned(), code)] }
    }

    /// What is wrong with an answer.
    pub fn faults(&self, name: &str, answer: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |what: &str, expected: String, found: String| {
            if expected != found {
                wrong.push(format!("{name}: {what} should be {expected}, is {found}"));
            }
        };
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
        check("status", self.status.to_string(), head.split(' ').nth(1).unwrap_or("nothing").to_owned());
        // Requests that are no HTTP are refused before there is anything that could write a problem.
        if self.code.is_empty() {
            return wrong;
        }
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        check("code", self.code.to_owned(), body["code"].as_str().unwrap_or("missing").to_owned());
        check("success", "false".to_owned(), body["success"].to_string());
        check("status in the body", self.status.to_string(), body["status"].to_string());
        let head = head.to_ascii_lowercase();
        check(
            "media type",
            "true".to_owned(),
            head.contains("content-type: application/problem+json").to_string(),
        );
        let id = body["requestId"].as_str().unwrap_or("missing").to_ascii_lowercase();
        check("request id", "true".to_owned(), head.contains(&format!("x-request-id: {id}")).to_string());
        check(
            "title and detail",
            "true".to_owned(),
            (body["title"].is_string() && body["detail"].is_string()).to_string(),
        );
        check(
            "challenge",
            (self.status == 401).to_string(),
            head.contains("www-authenticate: bearer").to_string(),
        );
        let mut expected = self.faults.clone();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or("missing").to_owned();
        let mut found: Vec<(String, String)> =
            errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect();
        expected.sort();
        found.sort();
        if !expected.is_empty() {
            check("errors", format!("{expected:?}"), format!("{found:?}"));
        }
        wrong
    }
}

/// A right order, to be broken.
pub fn order(server: &TestServer) -> Value {
    json!({
        "orderId": "order-1",
        "storeId": server.setup.store_id,
        "organizationId": server.setup.organization_id,
        "visitorId": "visitor-1",
        "sessionId": "session-1",
        "totalCents": 12_990,
        "currency": "EUR",
        "platform": "custom",
        "status": "completed",
        "orderCreatedAt": "2026-11-01T10:00:00Z",
        "items": [{"productId": "p-1", "quantity": 1, "priceCents": 12_990, "totalCents": 12_990}]
    })
}

/// A request head with any headers, and a body with its length.
pub fn raw(headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut request =
        b"POST /api/webhooks/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n".to_vec();
    for header in headers {
        request.extend_from_slice(header.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend_from_slice(body);
    request
}

/// A request with the right key and media type, and any body.
pub fn post_bytes(server: &TestServer, body: &[u8]) -> Vec<u8> {
    raw(&[&format!("Authorization: Bearer {}", server.setup.api_key), "Content-Type: application/json"], body)
}

/// A request with the right key and media type, and a JSON body.
pub fn post(server: &TestServer, body: &Value) -> Vec<u8> {
    post_bytes(server, body.to_string().as_bytes())
}

/// Sends bytes on a connection of their own and reads the answer to its end.
pub fn send(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out can be set");
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// How many conversions the store lists.
pub fn conversions(server: &TestServer) -> usize {
    let request = format!(
        "GET /api/v1/stores/{}/conversions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        server.setup.store_id, server.setup.api_key
    );
    let answer = send(server.address, request.as_bytes());
    let body: Value =
        serde_json::from_str(answer.split_once("\r\n\r\n").map_or("", |parts| parts.1)).unwrap_or_default();
    body["data"].as_array().unwrap_or_else(|| panic!("no list: {answer}")).len()
}
