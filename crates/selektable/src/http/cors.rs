//! Which pages of other origins may call the public routes (SPEC section 3).
//!
//! The caller's own origin is echoed, never `*`, and credentials are never allowed: there is nothing to read here
//! with a cookie. A refused origin gets no header, so its browser hides the answer from it.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::app::App;

/// Seconds a browser may remember a preflight's answer: two hours, the most that browsers keep to.
const PREFLIGHT_SECONDS: &str = "7200";

/// What a request's `Origin` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It has none: no page of another origin sent it.
    None,
    /// It may call; [`Origin::decorate`] the answer.
    Allowed(HeaderValue),
    /// It may not: answer 403 without CORS headers.
    Refused,
}

impl Origin {
    /// Judges a request for a store by the store's origins: each may call, and any while there is none. Our own
    /// pages (the widget's frame) always may.
    #[must_use]
    pub fn judge(headers: &HeaderMap, store_origins: &[String], app: &App) -> Self {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Self::None;
        };
        // Our own is written out last: every event is judged here twice, and most come from the store's pages.
        let allowed = store_origins.is_empty()
            || store_origins.iter().any(|known| origin.as_bytes() == known.as_bytes())
            || origin.as_bytes() == app.public_url.origin().ascii_serialization().as_bytes();
        if allowed { Self::Allowed(origin.clone()) } else { Self::Refused }
    }

    /// Whether the request may go on.
    #[must_use]
    pub fn may_call(&self) -> bool {
        !matches!(self, Self::Refused)
    }

    /// Adds the CORS headers to an answer, also to one that says no for other reasons.
    #[must_use]
    pub fn decorate(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Self::Allowed(origin) = self {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let exposed = HeaderValue::from_static("X-Request-Id, Retry-After");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
        response
    }
}

/// The answer to a preflight. Where the store is named in the body (`/api/events`) the preflight can't know it:
/// give it no origins, and judge the request itself.
#[must_use]
pub fn preflight(origin: &Origin, method: &Method) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let (Origin::Allowed(_), Ok(method)) = (origin, HeaderValue::from_str(method.as_str())) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    }
    origin.decorate(response)
}

/// The origin a store's domain stands for: `shop.example` is `https://shop.example`; an address keeps its scheme and
/// port. `None` when it is neither.
#[must_use]
pub fn origin_of_domain(text: &str) -> Option<String> {
    let text = text.trim();
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if url.host_str()?.contains('*') {
        return None;
    }
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (bare && url.password().is_none() && url.has_host()).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("shop.example", Some("https://shop.example"))]
    #[case(" Shop.Example ", Some("https://shop.example"))]
    #[case("shop.example:8443", Some("https://shop.example:8443"))]
    #[case("https://shop.example/", Some("https://shop.example"))]
    #[case("https://shop.example:443", Some("https://shop.example"))]
    #[case("http://127.0.0.1:4100", Some("http://127.0.0.1:4100"))]
    #[case("http://[::1]:4100", Some("http://[::1]:4100"))]
    #[case("bücher.example", Some("https://xn--bcher-kva.example"))]
    #[case("https://shop.example/path", None)]
    #[case("ftp://shop.example", None)]
    #[case("user@shop.example", None)]
    #[case("*.shop.example", None)]
    #[case("", None)]
    #[case("a b", None)]
    fn a_domain_is_kept_as_an_origin(#[case] text: &str, #[case] origin: Option<&str>) {
        assert_eq!(origin_of_domain(text).as_deref(), origin);
    }
}
