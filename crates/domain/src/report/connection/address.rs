//! Whether a platform can and will send to this server's address.
//!
//! `WordPress` delivers webhooks with `wp_safe_remote_request`: http or https, ports 80, 443 and 8080, no private,
//! loopback or link-local network. Shopify wants https with a valid certificate. Only what stands in the address is
//! judged; a name that leads to a private network is not looked up here.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Platform;

/// Ports that `WordPress` delivers to (filter `http_allowed_safe_ports`).
const WORDPRESS_PORTS: [u16; 3] = [80, 443, 8080];
/// Ends of names that lead nowhere outside of a house.
const PRIVATE_ENDS: [&str; 6] = [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test"];

/// Where this server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    /// Whether over https.
    pub is_https: bool,
    /// The host name or address, an IPv6 address with or without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a platform does not send to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressFault {
    /// It is of a private network or of one machine.
    Private,
    /// `WordPress` sends to ports 80, 443 and 8080 only.
    Port,
    /// Shopify sends over https only.
    NotHttps,
}

impl AddressFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Private => "private_address",
            Self::Port => "refused_port",
            Self::NotHttps => "not_https",
        }
    }
}

impl ServerAddress {
    /// What keeps a platform from sending here, if the address itself says so.
    #[must_use]
    pub fn fault(&self, platform: Platform) -> Option<AddressFault> {
        if self.is_private() {
            return Some(AddressFault::Private);
        }
        match platform {
            Platform::Shopify if !self.is_https => Some(AddressFault::NotHttps),
            Platform::WooCommerce if !WORDPRESS_PORTS.contains(&self.port) => Some(AddressFault::Port),
            _ => None,
        }
    }

    fn is_private(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => is_private_v4(address),
            Ok(IpAddr::V6(address)) => is_private_v6(address),
            // A name of one word is known to one network only.
            Err(_) => !host.contains('.') || PRIVATE_ENDS.iter().any(|end| host.ends_with(end)),
        }
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || (first == 100 && second & 0xc0 == 64)
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    if let Some(carried) = address.to_ipv4_mapped() {
        return is_private_v4(carried);
    }
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast()
}
