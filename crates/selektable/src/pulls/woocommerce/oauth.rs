//! Signed requests for shops without TLS: `WooCommerce` takes keys over plain http only in this form, in which the
//! secret does not travel (OAuth 1.0a without a token, RFC 5849, with HMAC-SHA256).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name and its value, before any escape.
pub(super) type Pair = (&'static str, String);

/// What makes a signed request another one each time.
pub(super) struct Once {
    /// Seconds since 1970; the shop's clock may differ by 15 minutes.
    pub(super) seconds: i64,
    /// Random text.
    pub(super) nonce: String,
}

/// A query's text.
pub(super) fn query(pairs: &[Pair]) -> String {
    let written: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    written.join("&")
}

/// The pairs with those that sign them. `address` is the URL without its query.
pub(super) fn signed(address: &str, mut pairs: Vec<Pair>, key: &str, secret: &str, once: Once) -> Vec<Pair> {
    pairs.extend([
        ("oauth_consumer_key", key.to_owned()),
        ("oauth_nonce", once.nonce),
        ("oauth_signature_method", "HMAC-SHA256".to_owned()),
        ("oauth_timestamp", once.seconds.to_string()),
    ]);
    let mut sorted: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    sorted.sort();
    let text = format!("GET&{}&{}", escape(address), escape(&sorted.join("&")));
    pairs.push(("oauth_signature", signature(&text, secret)));
    pairs
}

fn signature(text: &str, secret: &str) -> String {
    let key = format!("{}&", escape(secret));
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value was computed apart from this program, with Python's `hmac` and `urllib.parse.quote`.
    #[test]
    fn a_request_is_signed_as_the_standard_says() {
        let once = Once { seconds: 1_795_428_900, nonce: "n0nce".to_owned() };
        let pairs = vec![("status", "any".to_owned()), ("modified_after", "2026-11-01T00:00:00".to_owned())];
        let signed = signed("http://shop.test:8000/wp-json/wc/v3/orders", pairs, "ck_a", "cs_b", once);
        let (name, value) = signed.last().unwrap();
        assert_eq!(
            (*name, value.as_str()),
            ("oauth_signature", "sVIs1U9OEB9ICGeNnrkC5Qr7RSToHRhHcnwAOKScL5I=")
        );
        assert!(
            query(&signed)
                .starts_with("status=any&modified_after=2026-11-01T00%3A00%3A00&oauth_consumer_key=ck_a&")
        );
    }
}
