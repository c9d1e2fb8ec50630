//! The frame's language, from what the shopper's browser asks for.

use http::{HeaderMap, header};

/// Languages the frame speaks; the first is what everybody else gets.
const SPOKEN: [&str; 3] = ["en", "nl", "de"];

/// The best of [`SPOKEN`] for `Accept-Language`; a region (`nl-BE`) counts as its language.
pub(super) fn of(headers: &HeaderMap) -> &'static str {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut best = (SPOKEN[0], 0.0_f32);
    for range in wanted.split(',') {
        let (tag, weight) = weighted(range);
        if let Some(spoken) = SPOKEN.into_iter().find(|spoken| tag.eq_ignore_ascii_case(spoken))
            && weight > best.1
        {
            best = (spoken, weight);
        }
    }
    best.0
}

fn weighted(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or("").split('-').next().unwrap_or("");
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |text| text.parse().ok());
    (tag, weight.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case("nl", "nl")]
    #[case("NL-be, en;q=0.8", "nl")]
    #[case("fr, de;q=0.7, en;q=0.3", "de")]
    #[case("en;q=0.3, nl;q=0.9", "nl")]
    #[case("fr-FR, es", "en")]
    #[case("nl;q=0", "en")]
    #[case("nl;q=NaN", "en")]
    #[case("", "en")]
    #[case(";;,;q=", "en")]
    fn the_best_language_that_is_spoken_is_taken(#[case] wanted: &'static str, #[case] expected: &str) {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(wanted))]);
        assert_eq!(of(&headers), expected);
    }
}
