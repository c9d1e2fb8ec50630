//! Whom we talk to: the peer, or what a trusted proxy says about it.
//!
//! Proxies append to `X-Forwarded-For`, so it is read from the right, and only as far as trusted proxies wrote it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{Extensions, HeaderMap};

use crate::app::App;

/// The client's address: the peer's, or the right-most one in `X-Forwarded-For` that is no trusted proxy, when the
/// peer is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What limits count: an IPv4 address, or an IPv6 network of 64 bits, since one client has a whole one.
    #[must_use]
    pub fn limit_key(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }

    /// The client's address from a request's parts.
    #[must_use]
    pub fn of(parts: &Parts, app: &App) -> Self {
        Self(client(peer(&parts.extensions), &parts.headers, &app.config.trusted_proxies))
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}

/// Whether the client's own connection is encrypted: decides `Secure` and `__Host-` of cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecureConnection(pub bool);

impl FromRequestParts<App> for SecureConnection {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(is_secure(&parts.extensions, &parts.headers, app)))
    }
}

/// See [`SecureConnection`]: a trusted proxy's `X-Forwarded-Proto` decides, else the scheme of the public address.
#[must_use]
pub fn is_secure(extensions: &Extensions, headers: &HeaderMap, app: &App) -> bool {
    let forwarded = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    match forwarded {
        Some(scheme) if app.config.trusted_proxies.contains(&peer(extensions)) => {
            scheme.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("https"))
        }
        _ => app.public_url.scheme() == "https",
    }
}

/// The socket's other end; without a socket (a handler called by a test) nobody in particular.
fn peer(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical())
}

fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut found = peer;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusted.contains(&found) {
            break;
        }
        match parse_hop(hop.trim()) {
            Some(address) => found = address,
            None => break,
        }
    }
    found
}

/// Some proxies write a port, and brackets around IPv6.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip())).ok()?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_stranger_is_not_believed("198.51.100.7", &["203.0.113.9"], "198.51.100.7")]
    #[case::the_proxy_is_believed("10.0.0.1", &["203.0.113.9"], "203.0.113.9")]
    #[case::only_what_proxies_wrote_counts("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9")]
    #[case::lines_are_one_list("10.0.0.1", &["203.0.113.9", "10.0.0.2"], "203.0.113.9")]
    #[case::ports_are_cut("10.0.0.1", &["[2001:db8::1]:443"], "2001:db8::1")]
    #[case::nonsense_ends_the_search("10.0.0.1", &["203.0.113.9, unknown"], "10.0.0.1")]
    #[case::nothing_forwarded("10.0.0.1", &[], "10.0.0.1")]
    fn the_client_is_found_behind_trusted_proxies_only(
        #[case] peer: &str,
        #[case] lines: &[&'static str],
        #[case] expected: &str,
    ) {
        let trusted = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", http::HeaderValue::from_static(line));
        }
        assert_eq!(client(peer.parse().unwrap(), &headers, &trusted), expected.parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_client_with_many_ipv6_addresses_is_counted_once() {
        let key = |text: &str| ClientAddress(text.parse().unwrap()).limit_key();
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
