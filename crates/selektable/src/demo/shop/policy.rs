//! The shop's security headers: a policy as strict as the embed script's documentation says a shop may be.

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

use super::pages::SEED_SCRIPT;

/// The headers of every answer. `server` is Selektable's origin.
///
/// The inline script of the appointment page is let in by its hash, so no page may run any other.
pub(super) fn headers(server: &str) -> HeaderMap {
    let seed = STANDARD.encode(Sha256::digest(SEED_SCRIPT.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'self' {server} 'sha256-{seed}'; style-src 'self'; \
         img-src 'self' data: blob:; connect-src 'self' {server}; frame-src {server}; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: Result<HeaderValue, http::header::InvalidHeaderValue>| {
        if let Ok(value) = value {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy));
    set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::try_from("nosniff"));
    set(header::REFERRER_POLICY, HeaderValue::try_from("strict-origin-when-cross-origin"));
    headers
}

/// Adds the headers to an answer.
pub(super) fn apply(headers: &HeaderMap, mut response: Response) -> Response {
    response.headers_mut().extend(headers.clone());
    response
}
