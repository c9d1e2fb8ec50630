//! Answers to what is no request: hyper's refusals and our own time-out, as problems with a request id.

use bytes::Bytes;
use http::{StatusCode, header};

use super::metrics;
use super::problem::{Problem, ProblemBody};
use super::request_id::{HEADER, RequestId};

/// A head that did not arrive in time.
pub(super) const HEAD_TIMEOUT: StatusCode = StatusCode::REQUEST_TIMEOUT;

/// The status of an answer's first line, as hyper writes it.
pub(super) fn status_of(first: &[u8]) -> StatusCode {
    let code = first.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
    code.and_then(|code| StatusCode::from_bytes(code).ok()).unwrap_or(StatusCode::BAD_REQUEST)
}

/// A whole answer, after which the connection ends.
pub(super) fn answer(status: StatusCode) -> Bytes {
    let (code, detail) = match status {
        StatusCode::REQUEST_TIMEOUT => ("head_timeout", "The request's head did not arrive in time."),
        StatusCode::URI_TOO_LONG => ("uri_too_long", "The request's address is too long."),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            ("headers_too_large", "The request's head has more than 16 KiB or 100 lines.")
        }
        _ => ("bad_request", "This is no well-formed HTTP/1.1 request."),
    };
    let id = RequestId::generate();
    metrics::refusal(code);
    tracing::info!(status = status.as_u16(), code, request_id = id.0, "unreadable request");
    let ProblemBody(mut body) = Problem::new(status, code, detail).body();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("requestId".to_owned(), id.0.clone().into());
    }
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\n{}: application/problem+json\r\n{}: {}\r\n{HEADER}: {}\r\n{}: close\r\n\r\n",
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        body.len(),
        id.0,
        header::CONNECTION,
    );
    Bytes::from(head + &body)
}
