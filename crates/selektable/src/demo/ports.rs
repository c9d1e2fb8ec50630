//! Two ports, wherever they are free: a newcomer whose 8080 is taken wants to see the demo, not to look for a flag.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::fault::DemoFault;

/// So many ports after the one asked for are tried.
const TRIES: u16 = 20;

/// Listens on `wanted`, or the next free port after it. Port 0 takes any.
pub(super) async fn bind(wanted: SocketAddr, flag: &'static str) -> Result<TcpListener, DemoFault> {
    let mut address = wanted;
    for _ in 0..TRIES {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(fault) if fault.kind() == io::ErrorKind::AddrInUse && address.port() < u16::MAX => {
                address.set_port(address.port() + 1);
            }
            Err(source) => return Err(DemoFault::Listen { flag, address: wanted, source }),
        }
    }
    Err(DemoFault::Listen { flag, address: wanted, source: io::ErrorKind::AddrInUse.into() })
}

/// The address a browser on this machine uses for a listener, without a trailing slash.
pub(super) fn url(listener: &TcpListener) -> io::Result<String> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        let loopback: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(loopback);
    }
    Ok(format!("http://{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_gives_the_next_free_one() {
        let first = bind("127.0.0.1:0".parse().unwrap(), "--listen").await.unwrap();
        let taken = first.local_addr().unwrap();
        let second = bind(taken, "--listen").await.unwrap();
        assert!(second.local_addr().unwrap().port() > taken.port());
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_a_fault_that_names_the_flag() {
        let fault = bind("203.0.113.7:80".parse().unwrap(), "--shop-listen").await.unwrap_err();
        assert!(fault.to_string().contains("--shop-listen"), "{fault}");
    }

    #[tokio::test]
    async fn an_address_for_everybody_is_reached_on_this_machine() {
        let listener = bind("0.0.0.0:0".parse().unwrap(), "--listen").await.unwrap();
        assert!(url(&listener).unwrap().starts_with("http://127.0.0.1:"));
    }
}
