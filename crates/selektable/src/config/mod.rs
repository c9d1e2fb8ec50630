//! What the operator sets, judged as a whole before anything starts.

pub mod settings;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::http::fetch::platform::Reach;
use crate::pulls::upkeep;

/// A server's configuration after flags, environment and file were joined and judged.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes any.
    pub listen: SocketAddr,
    /// Where metrics are served, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// The database's address, such as `sqlite:data/selektable.db` or `postgres://selektable@db.example/selektable`.
    pub database: String,
    /// Where the embedded database and its lock live.
    pub data_dir: PathBuf,
    /// The address under which shoppers and merchants reach this server; by default what it listens on.
    pub public_url: Option<Url>,
    /// Addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where shops may be whose orders are looked up.
    pub platform_reach: Reach,
    /// Time between two look-ups of a store's orders at its platform; zero looks them up only when somebody asks.
    pub pull_interval: Duration,
    /// How long and how many.
    pub limits: ConnectionLimits,
    /// How the log looks.
    pub log: LogOptions,
}

/// How the log looks; it goes to standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// Text for people, JSON for collectors; by default text on a terminal, else JSON.
    pub format: Option<LogFormat>,
    /// What is logged, such as `info` or `selektable=debug,info`.
    pub filter: String,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self { format: None, filter: "info".to_owned() }
    }
}

/// See [`LogOptions::format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// The database's address without the password that it may hold.
    #[must_use]
    pub fn shown_database(&self) -> String {
        let hidden =
            Url::parse(&self.database).ok().filter(|url| url.password().is_some()).and_then(|mut url| {
                url.set_password(Some("hidden")).ok()?;
                Some(url.to_string())
            });
        hidden.unwrap_or_else(|| self.database.clone())
    }
}

/// How long a client may take, and how many may be here (SPEC section 12, DESIGN section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// From a connection's begin, or a request's first byte, to the end of the request's head.
    pub head: Duration,
    /// From a request's head to the end of its body.
    pub body: Duration,
    /// Between two requests of one connection.
    pub idle: Duration,
    /// Without a byte of an answer being taken.
    pub write_stall: Duration,
    /// Between being asked to stop and taking no new connections.
    pub drain_delay: Duration,
    /// For requests in flight, once the server stops.
    pub drain: Duration,
    /// Connections at one time; more wait in the system's queue.
    pub connections_max: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            write_stall: Duration::from_secs(30),
            drain_delay: Duration::ZERO,
            drain: Duration::from_secs(25),
            connections_max: 10_000,
        }
    }
}

/// What `serve` does without any flag.
impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            metrics_listen: None,
            database: "sqlite:./data/selektable.db".to_owned(),
            data_dir: PathBuf::from("./data"),
            public_url: None,
            trusted_proxies: Vec::new(),
            platform_reach: Reach::Public,
            pull_interval: upkeep::INTERVAL,
            limits: ConnectionLimits::default(),
            log: LogOptions::default(),
        }
    }
}
