//! A URL that may be asked for: judged before anything is resolved or opened, for the first address and every
//! redirect alike.

use std::net::IpAddr;

use url::{Host, Url};

use super::{FetchFault, Policy};

/// Longest URL, in bytes.
pub(super) const URL_BYTES_MAX: usize = 2_048;

/// A URL whose scheme, credentials, port and literal address were judged. A host name is judged when it is resolved
/// (see `resolver`), because a name means nothing before that.
#[derive(Clone, Debug)]
pub(super) struct Target(Url);

impl Target {
    pub(super) fn parse(text: &str, policy: &Policy) -> Result<Self, FetchFault> {
        if text.len() > URL_BYTES_MAX {
            return Err(FetchFault::InvalidUrl);
        }
        Self::judge(Url::parse(text).map_err(|_| FetchFault::InvalidUrl)?, policy)
    }

    /// Where a redirect's `Location` leads from here.
    pub(super) fn redirected(&self, location: &str, policy: &Policy) -> Result<Self, FetchFault> {
        if location.len() > URL_BYTES_MAX {
            return Err(FetchFault::InvalidRedirect);
        }
        Self::judge(self.0.join(location).map_err(|_| FetchFault::InvalidRedirect)?, policy)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    fn judge(mut url: Url, policy: &Policy) -> Result<Self, FetchFault> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchFault::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchFault::Credentials);
        }
        if !url.port_or_known_default().is_some_and(policy.may_use_port) {
            return Err(FetchFault::Port);
        }
        // The client connects to a literal address without asking the resolver, so it is judged here.
        let literal = match url.host() {
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            None => return Err(FetchFault::InvalidUrl),
        };
        if literal.is_some_and(|address| !(policy.may_connect)(address)) {
            return Err(FetchFault::NotPublic);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn judged(text: &str) -> Result<String, FetchFault> {
        Target::parse(text, &Policy::public()).map(|target| target.url().to_string())
    }

    #[rstest]
    #[case("https://shop.example/a.png#top", "https://shop.example/a.png")]
    #[case("HTTP://Shop.Example:8080/a?b=c", "http://shop.example:8080/a?b=c")]
    #[case("http://93.184.216.34/a.png", "http://93.184.216.34/a.png")]
    fn a_public_web_address_is_taken(#[case] text: &str, #[case] url: &str) {
        assert_eq!(judged(text), Ok(url.to_owned()));
    }

    #[rstest]
    #[case("", FetchFault::InvalidUrl)]
    #[case("/a.png", FetchFault::InvalidUrl)]
    #[case("http://", FetchFault::InvalidUrl)]
    #[case("file:///etc/passwd", FetchFault::Scheme)]
    #[case("ftp://shop.example/a.png", FetchFault::Scheme)]
    #[case("data:image/png;base64,AAAA", FetchFault::Scheme)]
    #[case("gopher://shop.example:80/", FetchFault::Scheme)]
    #[case("https://user@shop.example/", FetchFault::Credentials)]
    #[case("https://:pass@shop.example/", FetchFault::Credentials)]
    #[case("https://shop.example:22/", FetchFault::Port)]
    #[case("http://shop.example:6379/", FetchFault::Port)]
    #[case("http://127.0.0.1/", FetchFault::NotPublic)]
    #[case("http://127.1/", FetchFault::NotPublic)]
    #[case("http://2130706433/", FetchFault::NotPublic)]
    #[case("http://0x7f.0.0.1/", FetchFault::NotPublic)]
    #[case("http://0177.0.0.1/", FetchFault::NotPublic)]
    #[case("http://[::1]/", FetchFault::NotPublic)]
    #[case("http://[::ffff:10.0.0.1]/", FetchFault::NotPublic)]
    #[case("http://169.254.169.254/latest/meta-data", FetchFault::NotPublic)]
    #[case("http://１２７.0.0.1/", FetchFault::NotPublic)]
    fn anything_else_is_refused_before_a_connection(#[case] text: &str, #[case] fault: FetchFault) {
        assert_eq!(judged(text), Err(fault));
    }

    #[test]
    fn a_redirect_is_judged_like_a_first_address() {
        let policy = Policy::public();
        let start = Target::parse("https://shop.example/a/b.png", &policy).unwrap();
        let to = |location: &str| start.redirected(location, &policy).map(|target| target.url().to_string());
        assert_eq!(to("../c.png"), Ok("https://shop.example/c.png".to_owned()));
        assert_eq!(to("//10.0.0.1/c.png"), Err(FetchFault::NotPublic));
        assert_eq!(to("file:///etc/passwd"), Err(FetchFault::Scheme));
        assert_eq!(to("https://u:p@shop.example/"), Err(FetchFault::Credentials));
    }

    #[test]
    fn a_url_has_a_longest_length() {
        let long = format!("https://shop.example/{}", "a".repeat(URL_BYTES_MAX));
        assert_eq!(judged(&long), Err(FetchFault::InvalidUrl));
    }
}
