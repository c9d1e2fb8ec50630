//! The session cookie: a random token whose hash is kept, and how it is written and read (SPEC section 13).

use http::{HeaderMap, HeaderValue, header};
use selektable_store::account::SecretHash;

use crate::ambient;
use crate::secret::hash_secret;

/// How long a login lasts.
pub(crate) const SESSION_DAYS: i64 = 14;

/// A session's secret, in clear; lives in one browser's cookie.
pub(crate) struct SessionToken(String);

impl SessionToken {
    /// 32 random bytes, as base64 for addresses.
    #[must_use]
    pub(crate) fn generate() -> Self {
        use base64::Engine as _;
        Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(ambient::random_bytes::<32>()))
    }

    /// What is stored instead of the token.
    #[must_use]
    pub(crate) fn hash(&self) -> SecretHash {
        hash_secret(&self.0)
    }

    /// The header that hands the token to the browser.
    #[must_use]
    pub(crate) fn set(&self, secure: bool) -> Option<HeaderValue> {
        write(&self.0, SESSION_DAYS * 86_400, secure)
    }
}

/// The header that takes the token away.
#[must_use]
pub(crate) fn clear(secure: bool) -> Option<HeaderValue> {
    write("", 0, secure)
}

/// `__Host-` makes the browser refuse the cookie unless it came over TLS, for this host alone.
const fn name(secure: bool) -> &'static str {
    if secure { "__Host-selektable" } else { "selektable" }
}

fn write(value: &str, max_age_s: i64, secure: bool) -> Option<HeaderValue> {
    let name = name(secure);
    let tls = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{tls}").parse().ok()
}

/// The hash of the token a request carries.
#[must_use]
pub(crate) fn read(headers: &HeaderMap, secure: bool) -> Option<SecretHash> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(found, value)| *found == name(secure) && !value.is_empty())
        .map(|(_, value)| hash_secret(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())])
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let token = SessionToken::generate();
        let secure = token.set(true).unwrap();
        let text = secure.to_str().unwrap();
        assert!(text.starts_with("__Host-selektable="));
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=1209600"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("Domain"));
        assert!(!token.set(false).unwrap().to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn a_token_is_found_by_its_hash_among_other_cookies_and_never_under_the_other_name() {
        let token = SessionToken::generate();
        let headers = request(&format!("a=b; selektable={}; c", token.0));
        assert_eq!(read(&headers, false), Some(token.hash()));
        assert_eq!(read(&headers, true), None, "a cookie set without TLS opens nothing over TLS");
        assert_eq!(read(&request("selektable="), false), None);
        assert_eq!(read(&HeaderMap::new(), false), None);
    }

    #[test]
    fn tokens_have_32_bytes_and_differ() {
        let (one, other) = (SessionToken::generate(), SessionToken::generate());
        assert_eq!(one.0.len(), 43);
        assert_ne!(one.0, other.0);
    }
}
