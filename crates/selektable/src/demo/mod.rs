//! `selektable demo`: a server and, on an origin of its own, a furniture shop, so that the whole loop can be walked in a
//! browser; with three weeks of made-up history, so that no chart is empty.

mod account;
mod fault;
pub mod history;
mod ports;
mod profile;
pub mod shop;
mod welcome;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use selektable_store::{Access, SharedStore, StoreError};
use tokio::net::TcpListener;
use url::Url;

pub use account::{EMAIL, PASSWORD};
pub use fault::DemoFault;

use crate::app::App;
use crate::config::Config;
use crate::http::server;
use crate::lifecycle::Lifecycle;
use crate::serving;
use profile::Folder;
use shop::Shop;
use welcome::Welcome;

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the server listens; the next free port when it is taken.
    pub listen: SocketAddr,
    /// Where the shop listens; the next free port when it is taken.
    pub shop_listen: SocketAddr,
    /// The folder of the demo's data.
    pub data_dir: PathBuf,
    /// Whether to begin anew.
    pub reset: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            shop_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            data_dir: PathBuf::from("./data/demo"),
            reset: false,
        }
    }
}

/// Runs the demo until the lifecycle drains. Writes addresses and login to `out` once both answer.
pub async fn run(options: Options, lifecycle: Lifecycle, out: &mut dyn Write) -> Result<(), DemoFault> {
    let folder = Folder(options.data_dir.clone());
    // The shop first: when the server has to give way, it must not take the shop's port.
    let shop_listener = ports::bind(options.shop_listen, "--shop-listen").await?;
    let listener = ports::bind(options.listen, "--listen").await?;
    let address = |listener: &TcpListener, flag| {
        ports::url(listener).map_err(|source| DemoFault::Listen { flag, address: options.listen, source })
    };
    let (dashboard, shop_url) = (address(&listener, "--listen")?, address(&shop_listener, "--shop-listen")?);

    let store = open(&folder, options.reset).await?;
    let origins = [shop_url.clone(), shop_url.replace("//127.0.0.1:", "//localhost:")];
    let profile = account::prepare(&store, &folder, &origins).await?;
    let shop = Shop {
        server: dashboard.clone(),
        webhooks: dashboard.clone(),
        organization: profile.organization,
        store: profile.store,
        widget: profile.widget,
        key: profile.key,
    };
    let welcome = Welcome {
        shop: &shop_url,
        dashboard: &dashboard,
        data: &folder.0,
        open_to_others: !(options.listen.ip().is_loopback() && options.shop_listen.ip().is_loopback()),
    };
    // A closed pipe is the reader's choice; the demo goes on.
    let _ = out.write_all(welcome.text().as_bytes()).and_then(|()| out.flush());
    serve(store, listener, shop_listener, shop, &folder, lifecycle).await
}

async fn open(folder: &Folder, reset: bool) -> Result<SharedStore, DemoFault> {
    std::fs::create_dir_all(&folder.0)
        .map_err(|source| DemoFault::File { path: folder.0.clone(), source })?;
    let database = format!("sqlite:{}", folder.database().display());
    if reset && folder.database().exists() {
        // Opening tells whether another process has it; a database that can't be opened for another reason may go.
        match selektable_store::open(&database, Access::Serve) {
            Err(locked @ StoreError::Locked(_)) => return Err(locked.into()),
            Err(_) => {}
            Ok(store) => store.close().await?,
        }
        folder.clear()?;
    }
    folder.profile()?;
    Ok(selektable_store::open(&database, Access::Serve)?)
}

async fn serve(
    store: SharedStore,
    listener: TcpListener,
    shop_listener: TcpListener,
    shop: Shop,
    folder: &Folder,
    lifecycle: Lifecycle,
) -> Result<(), DemoFault> {
    let config = Config {
        listen: listener.local_addr().unwrap_or_else(|_| SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        database: format!("sqlite:{}", folder.database().display()),
        data_dir: folder.0.clone(),
        ..Config::default()
    };
    let limits = config.limits;
    let public_url = Url::parse(&shop.server)
        .map_err(|fault| DemoFault::Profile { path: folder.0.clone(), detail: fault.to_string() })?;
    let app = App { lifecycle: lifecycle.clone(), ..App::new(store, config, public_url) };
    let shop = server::serve(shop::router(shop), shop_listener, limits, lifecycle);
    let (served, _) = tokio::join!(serving::run(app, listener), shop);
    Ok(served?)
}

#[cfg(test)]
mod tests;
