//! What the server does with a browser's wish not to be followed (SPEC section 14).

use http::{HeaderMap, HeaderName};

const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// Why nothing of this shopper may be kept: `consent` when they said no, `gpc` when their browser says so for them
/// and they did not say yes.
#[must_use]
pub fn ignored(headers: &HeaderMap, consent: Option<bool>) -> Option<&'static str> {
    let opted_out = headers.get(SEC_GPC).is_some_and(|value| value.as_bytes().trim_ascii() == b"1");
    match consent {
        Some(true) => None,
        Some(false) => Some("consent"),
        None => opted_out.then_some("gpc"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_spoken_yes_or_no_counts_more_than_the_browsers_signal() {
        let silent = HeaderMap::new();
        let gpc = HeaderMap::from_iter([(SEC_GPC, HeaderValue::from_static("1"))]);
        assert_eq!([ignored(&silent, None), ignored(&gpc, None)], [None, Some("gpc")]);
        assert_eq!([ignored(&silent, Some(false)), ignored(&gpc, Some(false))], [Some("consent"); 2]);
        assert_eq!([ignored(&silent, Some(true)), ignored(&gpc, Some(true))], [None; 2]);
    }
}
