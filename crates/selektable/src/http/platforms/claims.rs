//! What a delivery's headers claim. Nobody signed them: they choose which secrets are tried and how the body is read,
//! and decide nothing.

use http::{HeaderMap, HeaderName};
use selektable_store::settings::host_of;

use super::Sender;

/// Longest topic that is kept, in bytes.
pub(super) const TOPIC_BYTES_MAX: usize = 64;

/// The claims of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claims {
    /// The topic, as it came.
    pub(super) topic: Option<String>,
    /// The signature. Two that differ are one that is none.
    pub(super) signature: Option<String>,
    /// The shop's host name, lower case, without port.
    pub(super) host: Option<String>,
    /// Whether the delivery calls itself made up.
    pub(super) is_test: bool,
}

/// A header that stands at most once, in whichever of its names.
enum Claim {
    None,
    One(String),
    Many,
}

/// Shopify's newer deliveries leave the `X-` out; both families mean the same.
const fn names(sender: Sender) -> [&'static [&'static str]; 4] {
    match sender {
        Sender::Shopify => [
            &["x-shopify-topic", "shopify-topic"],
            &["x-shopify-hmac-sha256", "shopify-hmac-sha256"],
            &["x-shopify-shop-domain", "shopify-shop-domain"],
            &["x-shopify-test", "shopify-test"],
        ],
        Sender::WooCommerce => [
            &["x-wc-webhook-topic"],
            &["x-wc-webhook-signature"],
            &["x-wc-webhook-source"],
            // WooCommerce has no such header.
            &[],
        ],
    }
}

impl Claims {
    pub(super) fn read(sender: Sender, headers: &HeaderMap) -> Self {
        let [topic, signature, host, made_up] = names(sender).map(|names| claim(headers, names));
        Self {
            topic: topic.only().filter(|topic| !topic.is_empty()),
            signature: match signature {
                Claim::None => None,
                Claim::One(text) => Some(text),
                Claim::Many => Some(String::new()),
            },
            host: host.only().and_then(|text| host_of_address(&text)),
            is_test: made_up.only().is_some_and(|said| said.eq_ignore_ascii_case("true")),
        }
    }

    /// The topic as it is kept: at most [`TOPIC_BYTES_MAX`] printable bytes.
    pub(super) fn kept_topic(&self) -> Option<String> {
        let printable = self.topic.as_deref()?.chars().filter(char::is_ascii_graphic);
        Some(printable.take(TOPIC_BYTES_MAX).collect())
    }
}

impl Claim {
    fn only(self) -> Option<String> {
        match self {
            Self::One(text) => Some(text),
            Self::None | Self::Many => None,
        }
    }
}

fn claim(headers: &HeaderMap, names: &[&'static str]) -> Claim {
    let values = names.iter().flat_map(|name| headers.get_all(HeaderName::from_static(name)));
    let mut found: Option<&[u8]> = None;
    for value in values {
        match found {
            Some(known) if known != value.as_bytes() => return Claim::Many,
            _ => found = Some(value.as_bytes()),
        }
    }
    match found.map(std::str::from_utf8) {
        None => Claim::None,
        Some(Ok(text)) => Claim::One(text.trim().to_owned()),
        Some(Err(_)) => Claim::Many,
    }
}

/// The host of a bare domain or of a web address, however either is written.
fn host_of_address(text: &str) -> Option<String> {
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    host_of(authority)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use rstest::rstest;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn both_families_of_shopifys_headers_are_read_and_say_the_same() {
        let old = headers(&[
            ("x-shopify-topic", "orders/create"),
            ("x-shopify-hmac-sha256", "abc="),
            ("x-shopify-shop-domain", "Shop.MyShopify.com"),
            ("x-shopify-test", "true"),
        ]);
        let new = headers(&[
            ("shopify-topic", "orders/create"),
            ("shopify-hmac-sha256", " abc= "),
            ("shopify-shop-domain", "shop.myshopify.com"),
            ("shopify-test", "True"),
        ]);
        let read = Claims::read(Sender::Shopify, &old);
        assert_eq!(read, Claims::read(Sender::Shopify, &new));
        assert_eq!((read.host.as_deref(), read.is_test), (Some("shop.myshopify.com"), true));
    }

    #[test]
    fn a_header_that_says_two_things_says_nothing_and_the_same_twice_is_one() {
        let two = headers(&[
            ("x-shopify-hmac-sha256", "abc="),
            ("shopify-hmac-sha256", "def="),
            ("x-shopify-topic", "orders/create"),
            ("x-shopify-topic", "orders/delete"),
        ]);
        let read = Claims::read(Sender::Shopify, &two);
        assert_eq!((read.signature.as_deref(), read.topic), (Some(""), None));
        let same = headers(&[("x-shopify-hmac-sha256", "abc="), ("shopify-hmac-sha256", "abc=")]);
        assert_eq!(Claims::read(Sender::Shopify, &same).signature.as_deref(), Some("abc="));
    }

    #[rstest]
    #[case("https://shop.example/", Some("shop.example"))]
    #[case("HTTP://Shop.Example:8080/wordpress/", Some("shop.example"))]
    #[case("http://localhost/wordpress/", Some("localhost"))]
    #[case("shop.example.", Some("shop.example"))]
    #[case("http://[::1]:8080/", Some("::1"))]
    #[case("https://", None)]
    #[case("", None)]
    fn a_source_is_known_by_its_host_however_it_is_written(#[case] source: &str, #[case] host: Option<&str>) {
        let read = Claims::read(Sender::WooCommerce, &headers(&[("x-wc-webhook-source", source)]));
        assert_eq!(read.host.as_deref(), host);
    }

    #[test]
    fn a_topic_is_kept_short_and_printable() {
        let long = "a b\t".to_owned() + &"x".repeat(100);
        let read = Claims::read(Sender::WooCommerce, &headers(&[("x-wc-webhook-topic", &long)]));
        assert_eq!(read.kept_topic().unwrap(), "ab".to_owned() + &"x".repeat(62));
    }
}
