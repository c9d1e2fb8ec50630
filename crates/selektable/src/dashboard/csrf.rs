//! Whether a request that changes something was made by our own pages (SPEC section 13).
//!
//! Every browser in use sends `Sec-Fetch-Site`, which a page can't forge; where it is absent, `Origin` must be the
//! host that was asked. A token in every form was the rejected choice: it is one more secret to leak and adds nothing
//! to these two headers together with a `SameSite` cookie.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, header};

use super::error::PageError;

/// Lets reading requests through, and changing ones only from our own pages.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        tracing::warn!(path = request.uri().path(), "a form from another site was refused");
        PageError::ForeignForm.into_response()
    }
}

/// Whether the headers say "from the same origin".
#[must_use]
fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site.as_bytes() == b"same-origin";
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => {
            let own = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            !host.is_empty() && own.is_some_and(|own| own.eq_ignore_ascii_case(host))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[("sec-fetch-site", "same-origin")], true)]
    #[case(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], true)]
    #[case(&[("sec-fetch-site", "same-site")], false)]
    #[case(&[("sec-fetch-site", "cross-site"), ("origin", "https://a.example"), ("host", "a.example")], false)]
    #[case(&[("sec-fetch-site", "none")], false)]
    #[case(&[("origin", "https://a.example"), ("host", "a.example")], true)]
    #[case(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")], true)]
    #[case(&[("origin", "http://127.0.0.1:9090"), ("host", "127.0.0.1:8080")], false)]
    #[case(&[("origin", "https://a.example.evil"), ("host", "a.example")], false)]
    #[case(&[("origin", "null"), ("host", "a.example")], false)]
    #[case(&[("origin", "https://"), ("host", "")], false)]
    #[case(&[("host", "a.example")], false)]
    #[case(&[], false)]
    fn only_our_own_pages_may_change_anything(#[case] given: &[(&'static str, &str)], #[case] allowed: bool) {
        let headers: HeaderMap =
            given.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(is_same_origin(&headers), allowed, "{given:?}");
    }
}
