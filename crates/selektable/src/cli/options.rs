//! Flags and environment variables of the settings; what they mean is judged in [`crate::config::settings`].

use std::path::PathBuf;

use clap::Args;

use crate::config::settings::Settings;

/// Arguments that fit their flags but not each other or the data; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Misuse(pub(super) String);

/// For every command.
#[derive(Debug, Args)]
pub(super) struct CommonOptions {
    /// A TOML file with any of the settings, named as the flags are
    #[arg(long, global = true, env = "SELEKTABLE_CONFIG", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The folder of the embedded database [default: ./data]
    #[arg(long, global = true, env = "SELEKTABLE_DATA_DIR", value_name = "FOLDER")]
    data_dir: Option<String>,
    /// The database's address: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE` [default: sqlite:selektable.db
    /// in the data folder]
    #[arg(long, global = true, env = "SELEKTABLE_DATABASE", value_name = "ADDRESS")]
    database: Option<String>,
    /// `text` or `json` [default: text on a terminal, else json]
    #[arg(long, global = true, env = "SELEKTABLE_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<String>,
    /// What is logged to standard error, such as `warn` or `selektable=debug,info` [default: info]
    #[arg(long, global = true, env = "SELEKTABLE_LOG_FILTER", value_name = "FILTER")]
    log_filter: Option<String>,
}

impl CommonOptions {
    pub(super) fn hand_to(&self, settings: &mut Settings) {
        settings.take_from_command("data-dir", self.data_dir.as_ref());
        settings.take_from_command("database", self.database.as_ref());
        settings.take_from_command("log-format", self.log_format.as_ref());
        settings.take_from_command("log-filter", self.log_filter.as_ref());
    }
}

/// For `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeOptions {
    /// Where to listen; port 0 takes any [default: 127.0.0.1:8080]
    #[arg(long, env = "SELEKTABLE_LISTEN", value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where Prometheus may read metrics [default: nowhere]
    #[arg(long, env = "SELEKTABLE_METRICS_LISTEN", value_name = "ADDRESS")]
    metrics_listen: Option<String>,
    /// The address under which shoppers and merchants reach this server [default: what it listens on]
    #[arg(long, env = "SELEKTABLE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas
    #[arg(long, env = "SELEKTABLE_TRUSTED_PROXIES", value_name = "ADDRESSES")]
    trusted_proxies: Option<String>,
    /// Time between two look-ups of a store's orders at its platform; 0 looks up only when asked [default: 3600]
    #[arg(long, env = "SELEKTABLE_PULL_INTERVAL_S", value_name = "SECONDS")]
    pull_interval_s: Option<String>,
    #[command(flatten)]
    pub(super) platforms: PlatformOptions,
    #[command(flatten)]
    limits: LimitOptions,
}

/// For whatever asks platforms.
#[derive(Debug, Args)]
pub(super) struct PlatformOptions {
    /// Look orders up also at shops on this server's own network, and over http. Members of every organization can
    /// then make this server talk to machines next to it
    #[arg(
        long,
        env = "SELEKTABLE_ALLOW_PRIVATE_PLATFORMS",
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    allow_private_platforms: Option<String>,
}

impl PlatformOptions {
    pub(super) fn hand_to(&self, settings: &mut Settings) {
        settings.take_from_command("allow-private-platforms", self.allow_private_platforms.as_ref());
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
struct LimitOptions {
    /// For a request's head to arrive [default: 10000]
    #[arg(long, env = "SELEKTABLE_HEAD_TIMEOUT_MS", value_name = "MS")]
    head_timeout_ms: Option<String>,
    /// For a request's body to arrive [default: 30000]
    #[arg(long, env = "SELEKTABLE_BODY_TIMEOUT_MS", value_name = "MS")]
    body_timeout_ms: Option<String>,
    /// Between two requests of a connection [default: 60000]
    #[arg(long, env = "SELEKTABLE_IDLE_TIMEOUT_MS", value_name = "MS")]
    idle_timeout_ms: Option<String>,
    /// Without a byte of an answer being taken [default: 30000]
    #[arg(long, env = "SELEKTABLE_WRITE_TIMEOUT_MS", value_name = "MS")]
    write_timeout_ms: Option<String>,
    /// Between being asked to stop, from when on `/readyz` says 503, and closing the door: behind a proxy a little more
    /// than the time between its probes [default: 0]
    #[arg(long, env = "SELEKTABLE_DRAIN_DELAY_MS", value_name = "MS")]
    drain_delay_ms: Option<String>,
    /// For requests in flight when the server stops [default: 25000]
    #[arg(long, env = "SELEKTABLE_DRAIN_TIMEOUT_MS", value_name = "MS")]
    drain_timeout_ms: Option<String>,
    /// Connections at one time; more wait [default: 10000]
    #[arg(long, env = "SELEKTABLE_CONNECTIONS_MAX", value_name = "NUMBER")]
    connections_max: Option<String>,
}

impl ServeOptions {
    pub(super) fn hand_to(&self, settings: &mut Settings) {
        settings.take_from_command("listen", self.listen.as_ref());
        settings.take_from_command("metrics-listen", self.metrics_listen.as_ref());
        settings.take_from_command("public-url", self.public_url.as_ref());
        settings.take_from_command("trusted-proxies", self.trusted_proxies.as_ref());
        settings.take_from_command("pull-interval-s", self.pull_interval_s.as_ref());
        self.platforms.hand_to(settings);
        settings.take_from_command("head-timeout-ms", self.limits.head_timeout_ms.as_ref());
        settings.take_from_command("body-timeout-ms", self.limits.body_timeout_ms.as_ref());
        settings.take_from_command("idle-timeout-ms", self.limits.idle_timeout_ms.as_ref());
        settings.take_from_command("write-timeout-ms", self.limits.write_timeout_ms.as_ref());
        settings.take_from_command("drain-delay-ms", self.limits.drain_delay_ms.as_ref());
        settings.take_from_command("drain-timeout-ms", self.limits.drain_timeout_ms.as_ref());
        settings.take_from_command("connections-max", self.limits.connections_max.as_ref());
    }
}
