//! One server, from an opened database to a closed one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use selektable_store::{Access, SharedStore, StoreError};
use tokio::net::TcpListener;
use url::Url;

use crate::app::App;
use crate::config::Config;
use crate::file_handles;
use crate::http::{self, metrics_listener, server};
use crate::jobs;
use crate::pulls::upkeep;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The folder of the data can't be made.
    #[error("the data folder {0} can't be made: {1}")]
    Folder(String, #[source] std::io::Error),
    /// The database can't be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address can't be listened on.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The metrics can't be collected.
    #[error("metrics can't be collected: {0}")]
    Metrics(String),
}

/// A server whose database is open and whose addresses are bound.
pub struct Server {
    app: App,
    address: SocketAddr,
    listener: TcpListener,
    metrics: Option<metrics_listener::MetricsListener>,
}

impl Server {
    /// Opens the database (as the one process that serves it) and binds the addresses.
    pub async fn start(mut config: Config) -> Result<Self, StartFault> {
        config.limits.connections_max = file_handles::make_room(config.limits.connections_max);
        let store = open_store(&config, Access::Serve).await?;
        let bind = async |address| {
            let listener = TcpListener::bind(address).await;
            listener.map_err(|error| StartFault::Listen(address, error))
        };
        let listener = bind(config.listen).await?;
        let address = listener.local_addr().map_err(|error| StartFault::Listen(config.listen, error))?;
        let metrics = match config.metrics_listen {
            Some(address) => Some(metrics_listener::MetricsListener::new(bind(address).await?)?),
            None => None,
        };
        let public_url = config.public_url.clone().map_or_else(|| url_of(address), Ok)?;
        Ok(Self { app: App::new(store, config, public_url), address, listener, metrics })
    }

    /// What is listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What every handler shares; its lifecycle ends [`Server::run`].
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Serves until the lifecycle drains, finishes what has begun, closes the database.
    pub async fn run(self) -> Result<(), StoreError> {
        let Self { app, listener, metrics, .. } = self;
        let metrics = metrics.map(|metrics| metrics.serve(app.clone()));
        let beside = async {
            if let Some(metrics) = metrics {
                metrics.await;
            }
        };
        tokio::join!(beside, run(app, listener)).1
    }
}

/// Serves an app on a listener, with all that works in the background, until its lifecycle drains; then finishes what
/// has begun and closes the database.
pub async fn run(app: App, listener: TcpListener) -> Result<(), StoreError> {
    let uses = app.key_uses.keep_writing(&app.store, &app.lifecycle);
    let pictures = jobs::delete_what_is_over(app.clone());
    let events = jobs::roll_off_events(app.clone());
    let pulls = upkeep::keep_pulling(app.clone());
    let limits = app.config.limits;
    let router = http::router(app.clone());
    // A task of its own for the accept loop: it must not wait for the others' polls.
    let served = tokio::spawn(server::serve(router, listener, limits, app.lifecycle.clone()));
    let (served, (), (), (), ()) = tokio::join!(served, uses, pictures, events, pulls);
    match served {
        Ok(0) => {}
        Ok(cut) => tracing::warn!(connections = cut, "connections were cut: they did not end in time"),
        Err(error) => tracing::error!(%error, "the accept loop failed"),
    }
    app.key_uses.flush(&app.store).await;
    app.store.close().await
}

/// Opens the configured database; makes its folder first unless it is only inspected.
pub async fn open_store(config: &Config, access: Access) -> Result<SharedStore, StartFault> {
    if access != Access::Inspect {
        make_folder(&config.data_dir)
            .map_err(|error| StartFault::Folder(config.data_dir.display().to_string(), error))?;
    }
    let address = config.database.clone();
    let opened = tokio::task::spawn_blocking(move || selektable_store::open(&address, access)).await;
    Ok(opened.map_err(|error| StoreError::Unavailable(error.to_string()))??)
}

/// Only the operator's own account may look into it: orders are nobody else's business.
pub(crate) fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// An address to open in a browser on this machine.
fn url_of(address: SocketAddr) -> Result<Url, StartFault> {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let local = SocketAddr::new(ip, address.port());
    Url::parse(&format!("http://{local}"))
        .map_err(|error| StartFault::Listen(address, std::io::Error::other(error)))
}
