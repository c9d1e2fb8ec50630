//! The outermost layer: gives every answer its `X-Request-Id`, finishes problem bodies with it, and writes the one
//! log line of a request.
//!
//! The line holds method, matched route, status, time and id. It never holds the path itself, query strings,
//! headers or bodies: those may carry keys and personal data.

use std::convert::Infallible;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tracing::Instrument;

use super::metrics;
use super::problem::{Problem, ProblemBody};
use crate::secret::random_base62;

/// The header that names a request.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// 16 base-62 digits are 95 bits: no two requests of a server's life meet.
const ID_LENGTH: usize = 16;
const FOREIGN_ID_BYTES_MAX: usize = 64;

/// The id of the request being answered: always ours, never the caller's, so that one id is one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// A new id.
    #[must_use]
    pub fn generate() -> Self {
        Self(random_base62(ID_LENGTH))
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(of(parts))
    }
}

/// The id of a request by its parts; a new one where the layer does not run (a handler called by a test).
pub(super) fn of(parts: &Parts) -> RequestId {
    parts.extensions.get::<RequestId>().cloned().unwrap_or_else(RequestId::generate)
}

/// The layer; see the module.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::generate();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let caller_request_id = foreign_id(request.headers());
    request.extensions_mut().insert(id.clone());
    // At the level of errors, so that no log filter leaves an error without its request.
    let span = tracing::error_span!("request", request_id = id.0);
    let response = as_problem(next.run(request).instrument(span).await);
    let code = problem_code(&response);
    let took = started.elapsed();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let status = response.status().as_u16();
    metrics::request(&method, route, status, took);
    if let Some(code) = &code {
        metrics::refusal(code);
    }
    let ms = took.as_secs_f64() * 1_000.0;
    tracing::info!(%method, route, status, ms, code, request_id = id.0, caller_request_id, "request");
    finish(response, &id)
}

fn problem_code(response: &Response) -> Option<String> {
    let ProblemBody(value) = response.extensions().get()?;
    value.get("code")?.as_str().map(str::to_owned)
}

/// The caller's own id, if it is harmless to log.
fn foreign_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(HEADER)?.to_str().ok()?;
    let sane = !text.is_empty()
        && text.len() <= FOREIGN_ID_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    sane.then(|| text.to_owned())
}

/// Sets the header and completes a problem's body; also for answers made outside the router.
#[must_use]
pub fn finish(mut response: Response, id: &RequestId) -> Response {
    if let Some(ProblemBody(mut value)) = response.extensions_mut().remove::<ProblemBody>() {
        if let Some(fields) = value.as_object_mut() {
            fields.insert("requestId".to_owned(), id.0.clone().into());
        }
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(value.to_string());
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The router's own 405 has an `Allow` and no body: this gives it one.
fn as_problem(response: Response) -> Response {
    let bare = response.status() == StatusCode::METHOD_NOT_ALLOWED
        && !response.headers().contains_key(header::CONTENT_TYPE);
    if !bare {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not take that method; `Allow` names those it takes.",
    );
    allow
        .into_iter()
        .fold(problem, |problem, allow| problem.with_header(header::ALLOW, allow))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::to_bytes;
    use axum::routing::get;
    use rstest::rstest;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    #[tokio::test]
    async fn a_handler_that_panics_is_a_problem_that_tells_nothing_but_the_requests_id() {
        async fn broken() -> &'static str {
            panic!("a secret detail")
        }
        let router = Router::new()
            .route("/broken", get(broken))
            .layer(CatchPanicLayer::custom(super::super::answer_panic))
            .layer(axum::middleware::from_fn(layer));
        let request = Request::get("/broken").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let id = response.headers()[HEADER].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (body["code"].as_str(), body["requestId"].as_str()),
            (Some("internal"), Some(id.as_str()))
        );
        assert!(!body.to_string().contains("secret"));
    }

    #[rstest]
    #[case("0a1b-2c:3.d_e", true)]
    #[case("", false)]
    #[case("with space", false)]
    #[case("line\tbreak", false)]
    #[case("{\"json\":1}", false)]
    #[case(&"x".repeat(65), false)]
    fn a_callers_own_id_is_logged_only_when_it_is_harmless(#[case] text: &str, #[case] logged: bool) {
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_str(text).unwrap())]);
        assert_eq!(foreign_id(&headers).is_some(), logged);
    }
}
