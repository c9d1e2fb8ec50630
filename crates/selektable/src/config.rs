//! What the operator sets, judged as a whole before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

/// A server's configuration after flags, environment and file were joined and judged.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes any.
    pub listen: SocketAddr,
    /// Where metrics are served, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// The database's address, such as `sqlite:data/selektable.db`.
    pub database: String,
    /// Where the embedded database and its lock live.
    pub data_dir: PathBuf,
    /// The address under which shoppers and merchants reach this server; by default what it listens on.
    pub public_url: Option<Url>,
    /// Addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}
