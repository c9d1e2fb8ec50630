//! HTTP around the body: media types, lengths, encodings, methods.

use crate::Case;
use crate::request::{self, Expect};
use crate::support::TestServer;

pub fn cases(server: &TestServer) -> Vec<Case> {
    let key = format!("Authorization: Bearer {}", server.setup.api_key);
    let body = request::order(server).to_string();
    let typed = |name: &str, media_type: &str, status, code| Case {
        name: format!("framing: {name}"),
        request: request::raw(&[&key, media_type], body.as_bytes()),
        expect: Expect::status(status, code),
    };
    let mut cases = vec![
        typed("no media type", "X-Nothing: 1", 415, "unsupported_media_type"),
        typed("text", "Content-Type: text/plain", 415, "unsupported_media_type"),
        typed("a form", "Content-Type: application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        typed("XML", "Content-Type: application/xml", 415, "unsupported_media_type"),
        typed("other JSON", "Content-Type: application/jsonp", 415, "unsupported_media_type"),
        typed(
            "another character set",
            "Content-Type: application/json; charset=utf-16",
            415,
            "unsupported_media_type",
        ),
        typed("Latin 1", "Content-Type: application/json; charset=iso-8859-1", 415, "unsupported_media_type"),
        typed(
            "gzip",
            "Content-Type: application/json\r\nContent-Encoding: gzip",
            415,
            "unsupported_media_type",
        ),
    ];
    cases.extend(raw_cases(server, &key, &body));
    cases
}

#[expect(clippy::too_many_lines, reason = "a table: one row a case")]
fn raw_cases(server: &TestServer, key: &str, body: &str) -> Vec<Case> {
    let json = "Content-Type: application/json";
    let line = "POST /api/webhooks/orders HTTP/1.1\r\n";
    let host = "Host: 127.0.0.1\r\nConnection: close\r\n";
    let length = body.len();
    let case = |name: &str, request: String, status, code| Case {
        name: format!("framing: {name}"),
        request: request.into_bytes(),
        expect: Expect::status(status, code),
    };
    let large = "x".repeat(256 * 1024 + 1);
    let chunk = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    vec![
        case(
            "no Host",
            format!("{line}Connection: close\r\n{key}\r\n{json}\r\nContent-Length: {length}\r\n\r\n{body}"),
            400,
            "bad_host",
        ),
        case(
            "two Hosts",
            format!("{line}{host}Host: other\r\n{key}\r\n{json}\r\nContent-Length: {length}\r\n\r\n{body}"),
            400,
            "bad_host",
        ),
        case(
            "length is no number",
            format!("{line}{host}{key}\r\n{json}\r\nContent-Length: many\r\n\r\n{body}"),
            400,
            "",
        ),
        case(
            "two lengths",
            format!(
                "{line}{host}{key}\r\n{json}\r\nContent-Length: {length}\r\nContent-Length: 1\r\n\r\n{body}"
            ),
            400,
            "",
        ),
        case(
            "length and chunks",
            format!(
                "{line}{host}{key}\r\n{json}\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            400,
            "",
        ),
        case("no HTTP", "hello\r\n\r\n".to_owned(), 400, ""),
        case(
            "a space in a header's name",
            format!("{line}{host}{key}\r\n{json}\r\nA b: c\r\nContent-Length: {length}\r\n\r\n{body}"),
            400,
            "",
        ),
        case(
            "a body said to be too large",
            format!(
                "{line}{host}{key}\r\n{json}\r\nContent-Length: 99000000\r\nExpect: 100-continue\r\n\r\n"
            ),
            413,
            "body_too_large",
        ),
        case(
            "a body that is too large",
            format!("{line}{host}{key}\r\n{json}\r\nContent-Length: {}\r\n\r\n{large}", large.len()),
            413,
            "body_too_large",
        ),
        case(
            "chunks that are too large",
            format!("{line}{host}{key}\r\n{json}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"),
            413,
            "body_too_large",
        ),
        case(
            "GET",
            format!("GET /api/webhooks/orders HTTP/1.1\r\n{host}{key}\r\n\r\n"),
            405,
            "method_not_allowed",
        ),
        case(
            "PUT",
            format!(
                "PUT /api/webhooks/orders HTTP/1.1\r\n{host}{key}\r\n{json}\r\nContent-Length: {length}\r\n\r\n{body}"
            ),
            405,
            "method_not_allowed",
        ),
        case(
            "another path",
            format!(
                "POST /api/webhooks/order HTTP/1.1\r\n{host}{key}\r\n{json}\r\nContent-Length: {length}\r\n\r\n{body}"
            ),
            404,
            "not_found",
        ),
        case(
            "a slash more",
            format!(
                "POST /api/webhooks/orders/ HTTP/1.1\r\n{host}{key}\r\n{json}\r\nContent-Length: {length}\r\n\r\n{body}"
            ),
            404,
            "not_found",
        ),
        case("no body", format!("{line}{host}{key}\r\n{json}\r\n\r\n"), 400, "empty_body"),
        Case {
            name: "framing: an empty body".to_owned(),
            request: request::post_bytes(server, b""),
            expect: Expect::status(400, "empty_body"),
        },
    ]
}
