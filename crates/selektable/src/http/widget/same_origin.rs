//! The widget's routes answer our own frame, and programs that are no browser. A page of another origin must go
//! through the frame, where the shopper sees what happens.

use http::{HeaderMap, HeaderName, StatusCode, header};
use url::Url;

use crate::app::App;
use crate::http::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// 403 unless the request has no `Origin`, or our own.
pub fn require(headers: &HeaderMap, app: &App) -> Result<(), Problem> {
    if is_own(headers, &app.public_url) {
        return Ok(());
    }
    let detail = "Pictures are made in the widget's own frame; pages of other origins can't ask for them.";
    Err(Problem::new(StatusCode::FORBIDDEN, "origin_refused", detail))
}

/// The frame is same-origin with this server under whatever name the shopper's browser reached it, so the public
/// address, the browser's own word (`Sec-Fetch-Site`, which no page can set) and the request's `Host` all count.
fn is_own(headers: &HeaderMap, public_url: &Url) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin == public_url.origin().ascii_serialization()
        || origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case(&[], true)]
    #[case(&[("origin", "https://app.example")], true)]
    #[case(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true)]
    #[case(&[("origin", "https://shop.example"), ("host", "app.example")], false)]
    #[case(&[("origin", "null"), ("host", "app.example")], false)]
    #[case(&[("origin", "https://app.example"), ("sec-fetch-site", "cross-site")], false)]
    #[case(&[("origin", "https://other.name"), ("sec-fetch-site", "same-origin")], true)]
    fn only_our_own_pages_may_ask(#[case] sent: &[(&'static str, &'static str)], #[case] own: bool) {
        let headers =
            sent.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let public_url = Url::parse("https://app.example/").unwrap();
        assert_eq!(is_own(&headers.collect(), &public_url), own);
    }
}
