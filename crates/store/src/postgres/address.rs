//! Which server, and how to talk to it: `postgres://user:password@host:port/database?…`.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use crate::{StoreError, StoreResult};

/// How long a connection may take to be made.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A connection on which nothing is heard for so long is asked whether it is still there, three times.
const SILENT_FOR: Duration = Duration::from_secs(5);

/// A server's address, with what its URL says of us alone.
#[derive(Clone)]
pub(crate) struct Server {
    config: Config,
    /// `pgbouncer=true`: no statement stays prepared from one transaction to the next.
    pub pooled: bool,
    /// Where reports are read; the server itself when there is no replica.
    pub replica: Option<Arc<Server>>,
    /// Whether a server that forgets acknowledged writes is taken all the same.
    pub unsafe_durability: bool,
}

impl Server {
    /// Reads an address. Options of ours are `pgbouncer`, `replica` (another address, percent-encoded) and
    /// `unsafe_durability`; all others are the driver's (`sslmode`, `connect_timeout`, `options`, …).
    pub(crate) fn parse(address: &str) -> StoreResult<Self> {
        let wrong = || StoreError::Address(without_password(address));
        let mut url = Url::parse(address).map_err(|_| wrong())?;
        let mut server =
            Self { config: Config::new(), pooled: false, replica: None, unsafe_durability: false };
        let mut theirs = Vec::new();
        for (name, value) in url.query_pairs() {
            let flag = || value.parse::<bool>().map_err(|_| wrong());
            match name.as_ref() {
                "pgbouncer" => server.pooled = flag()?,
                "unsafe_durability" => server.unsafe_durability = flag()?,
                "replica" => server.replica = Some(Arc::new(Self::parse(&value)?)),
                _ => theirs.push((name.into_owned(), value.into_owned())),
            }
        }
        url.set_query(None);
        if !theirs.is_empty() {
            url.query_pairs_mut().extend_pairs(theirs);
        }
        server.config = Config::from_str(url.as_str()).map_err(|_| wrong())?;
        if server.config.get_connect_timeout().is_none() {
            server.config.connect_timeout(CONNECT_WITHIN);
        }
        server
            .config
            .application_name("selektable")
            .keepalives_idle(SILENT_FOR)
            .keepalives_interval(Duration::from_secs(2))
            .keepalives_retries(3)
            .tcp_user_timeout(SILENT_FOR * 2);
        Ok(server)
    }

    /// For the driver.
    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    /// How connections are encrypted, where the address asks for it: the server's certificate has to be signed by a
    /// public authority for the host that the address names.
    pub(super) fn encryption(&self) -> StoreResult<Option<MakeRustlsConnect>> {
        if self.config.get_ssl_mode() == SslMode::Disable {
            return Ok(None);
        }
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|fault| StoreError::Unavailable(format!("TLS can't be set up: {fault}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(config)))
    }
}

/// An address that may be shown.
pub(crate) fn without_password(address: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) if url.password().is_some() => {
            // It has a host, or it could have no password.
            let _ = url.set_password(Some("…"));
            url.to_string()
        }
        _ => address.to_owned(),
    }
}
