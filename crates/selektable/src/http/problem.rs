//! The answer when something is wrong: RFC 9457 `application/problem+json` with a stable code (SPEC section 12).

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use selektable_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// One thing wrong with the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) to the place.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// A sentence the caller can act on.
    pub detail: String,
}

impl Fault {
    /// 422 with every fault a parser found.
    #[must_use]
    pub fn all(faults: Vec<selektable_domain::fault::Fault>) -> Problem {
        Problem::content(faults.into_iter().map(Self::from).collect())
    }
}

impl From<selektable_domain::fault::Fault> for Fault {
    fn from(fault: selektable_domain::fault::Fault) -> Self {
        Self { pointer: fault.pointer, code: fault.code.to_owned(), detail: fault.detail }
    }
}

/// An error as the caller sees it. `requestId` and `instance` are added by the request-id layer.
#[derive(Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code.
    pub code: &'static str,
    /// A sentence the caller can act on.
    pub detail: String,
    /// For 422: every fault.
    pub faults: Vec<Fault>,
    /// Such as `Retry-After`, `Allow`, `WWW-Authenticate`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem without faults or headers.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), faults: Vec::new(), headers: Vec::new() }
    }

    /// 422 with every fault.
    #[must_use]
    pub fn content(faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [only] => {
                format!("{}: {}", if only.pointer.is_empty() { "/" } else { &only.pointer }, only.detail)
            }
            several => {
                format!("{} things are wrong with the content; `errors` lists them all", several.len())
            }
        };
        Self { faults, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_content", detail) }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "the storage refused a request");
        let retry = |seconds| HeaderValue::from_static(seconds);
        match error {
            StoreError::Taken(what) => {
                Self::new(StatusCode::CONFLICT, "taken", format!("{what} exists already"))
            }
            StoreError::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", error.to_string())
                .with_header(header::RETRY_AFTER, retry("1")),
            StoreError::Full => Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage_full", error.to_string())
                .with_header(header::RETRY_AFTER, retry("30")),
            // Details of the storage are for the log, not for the caller.
            StoreError::Unavailable(_)
            | StoreError::Closed
            | StoreError::Locked(_)
            | StoreError::TooNew { .. }
            | StoreError::Address(_)
            | StoreError::Inconsistent { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "storage_unavailable",
                "The storage can't take or give data right now. Nothing was stored; send it again later.",
            )
            .with_header(header::RETRY_AFTER, retry("5")),
        }
    }
}

/// The body of every error (RFC 9457), as the API's document describes it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "exists for its schema; `Body` is what is written")]
pub struct ProblemDocument {
    /// `urn:selektable:problem:` and the code.
    #[schema(example = "urn:selektable:problem:invalid_content")]
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// A sentence to act on.
    detail: String,
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// Stable code.
    #[schema(example = "invalid_content")]
    code: String,
    /// The request, as in `X-Request-Id`.
    request_id: String,
    /// For 422: every fault.
    errors: Option<Vec<Fault>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    success: bool,
    code: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Fault],
}

/// Left on a response so that the request-id layer can finish its body.
#[derive(Clone, Debug)]
pub struct ProblemBody(pub serde_json::Value);

impl Problem {
    /// The answer's body, without the request's id.
    #[must_use]
    pub fn body(&self) -> ProblemBody {
        let body = Body {
            r#type: format!("urn:selektable:problem:{}", self.code),
            title: self.title(),
            status: self.status.as_u16(),
            detail: &self.detail,
            success: false,
            code: self.code,
            errors: &self.faults,
        };
        ProblemBody(serde_json::to_value(&body).unwrap_or_default())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body();
        let mut response = (self.status, body.0.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.headers);
        response.extensions_mut().insert(body);
        response
    }
}
