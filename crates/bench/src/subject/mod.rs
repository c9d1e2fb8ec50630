//! What is measured: the real server program on a database of this run, with a history in it if one is asked for.

mod cluster;
mod memory_disk;
pub(crate) mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use selektable_domain::time::{DAY_MS, Timestamp};
use selektable_store::Access;
use serde::{Deserialize, Serialize};

use crate::options::{Common, Engine, Place};
use crate::process;
use crate::requests::Shop;
use crate::requests::deliveries::{SECRET, Sender};
use crate::requests::events::PROXY;
use crate::requests::shoppers::Shoppers;
use crate::seed::fill::{self, Filled};
use crate::seed::history::History;
use cluster::Cluster;
use server::{Server, program, set_up};

/// The database that a throw-away cluster has for the server.
const DATABASE: &str = "bench";

/// A database, and what is needed to reach it.
pub(crate) struct Database {
    /// As `--database` takes it.
    pub(crate) address: String,
    /// The file of the embedded engine.
    pub(crate) file: Option<PathBuf>,
    folder: PathBuf,
    cluster: Option<Cluster>,
}

impl Database {
    /// Opens the database of a folder, or makes an empty one.
    pub(crate) async fn open(place: &Place, folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = folder.to_owned();
        if place.engine == Engine::Sqlite {
            let file = folder.join("selektable.db");
            let address = format!("sqlite:{}", file.display());
            return Ok(Self { address, file: Some(file), folder, cluster: None });
        }
        if let Some(address) = &place.database {
            return Ok(Self { address: address.clone(), file: None, folder, cluster: None });
        }
        let home = folder.join("cluster");
        let known = home.exists();
        if !known {
            Cluster::make(&home).await?;
        }
        let cluster = Cluster::start(&home).await?;
        let address =
            if known { cluster.address(DATABASE) } else { cluster.create_database(DATABASE).await? };
        Ok(Self { address, file: None, folder, cluster: Some(cluster) })
    }

    /// Options that tell a program which database is meant.
    fn arguments(&self) -> Vec<String> {
        let folder = self.folder.to_string_lossy().into_owned();
        vec!["--data-dir".to_owned(), folder, "--database".to_owned(), self.address.clone()]
    }

    /// The process of this run's own cluster.
    pub(crate) fn process(&self) -> Option<u32> {
        self.cluster.as_ref().map(|cluster| cluster.pid)
    }

    /// Bytes that a server and its database sent to the disk; of a database that is not of this run only the server's.
    pub(crate) fn written_bytes(&self, server: &Server) -> anyhow::Result<u64> {
        let cluster = self.process().map(process::written_by_family).transpose()?.unwrap_or(0);
        Ok(cluster + process::written_bytes(server.pid)?)
    }

    /// Whether all writes can be counted: not those of a database that somebody else started.
    pub(crate) fn counts_writes(&self) -> bool {
        self.file.is_some() || self.cluster.is_some()
    }

    /// Ends what this run started.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        match self.cluster {
            Some(cluster) => cluster.stop().await,
            None => Ok(()),
        }
    }
}

/// The history that was there before the load.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seeded {
    pub(crate) visualizations: u64,
    pub(crate) conversions: u64,
    pub(crate) days: u64,
    /// Absent when it was kept from an earlier run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) made: Option<Filled>,
}

/// What a kept folder holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    shop: Shop,
    visualizations: u64,
    conversions: u64,
    days: u64,
    begin: i64,
}

impl Kept {
    /// The end of the history: when the load's orders are placed.
    fn now(&self) -> anyhow::Result<Timestamp> {
        Ok(Timestamp::from_millis(self.begin).plus_millis(i64::try_from(self.days)? * DAY_MS))
    }
}

/// A server under measurement, not started yet.
pub(crate) struct Subject {
    pub(crate) database: Database,
    pub(crate) shop: Shop,
    pub(crate) shoppers: Shoppers,
    pub(crate) seeded: Option<Seeded>,
    /// When the load's orders are placed: the end of the history.
    pub(crate) now: Timestamp,
    _temporary: Option<tempfile::TempDir>,
}

impl Subject {
    /// Makes the shop and the history, or finds them in the folder that is kept.
    pub(crate) async fn prepare(common: &Common, sender: Sender) -> anyhow::Result<Self> {
        common.check()?;
        let temporary = if common.place.keep.is_none() { Some(tempfile::tempdir()?) } else { None };
        let folder = temporary.as_ref().map(|made| made.path().to_owned()).or(common.place.keep.clone());
        let folder = folder.context("no folder for the data")?;
        let label = folder.join("bench.json");
        let (database, kept, made) = if label.exists() {
            let kept: Kept = serde_json::from_str(&std::fs::read_to_string(&label)?)?;
            let same = (kept.visualizations, kept.conversions) == (common.visualizations, common.conversions);
            ensure!(same, "{} holds a history of another size", folder.display());
            (Database::open(&common.place, &folder).await?, kept, None)
        } else {
            let made = make(common, sender, &folder).await?;
            std::fs::write(&label, serde_json::to_string(&made.1)?)?;
            made
        };
        let now = kept.now()?;
        let history = history(&database, &kept).await?;
        let seeded = history.map(|history| Seeded {
            visualizations: history.visualizations,
            conversions: history.conversions,
            days: history.days,
            made,
        });
        let shoppers = Shoppers::new(history, now);
        Ok(Self { database, shop: kept.shop, shoppers, seeded, now, _temporary: temporary })
    }

    /// Starts the server.
    pub(crate) async fn start(&self) -> anyhow::Result<Server> {
        let mut arguments: Vec<String> =
            ["serve", "--listen", "127.0.0.1:0", "--trusted-proxies", PROXY].map(str::to_owned).into();
        arguments.extend(self.database.arguments());
        Server::start(&program()?, &arguments).await
    }
}

/// Makes shop and history: in memory if that has room, then copied to where they belong.
async fn make(
    common: &Common,
    sender: Sender,
    folder: &Path,
) -> anyhow::Result<(Database, Kept, Option<Filled>)> {
    std::fs::create_dir_all(folder)?;
    ensure!(std::fs::read_dir(folder)?.next().is_none(), "{} holds something else", folder.display());
    let own = common.place.database.is_none();
    let in_memory = (own && common.visualizations > 0)
        .then(|| memory_disk::folder_for(common.visualizations, common.conversions))
        .flatten();
    let place = in_memory.as_ref().map_or(folder, tempfile::TempDir::path);
    let database = Database::open(&common.place, place).await?;
    let secret = (sender != Sender::Custom).then_some(SECRET);
    let shop = set_up(&database.arguments(), sender.platform(), secret).await?;
    let now = selektable::ambient::now();
    let [visualizations, conversions, days] = common.history();
    let begin = now.plus_millis(-i64::try_from(days)? * DAY_MS).as_millis();
    let kept = Kept { shop, visualizations, conversions, days, begin };
    let made = seed(&database, &kept).await?;
    if in_memory.is_none() {
        return Ok((database, kept, made));
    }
    let from = place.to_owned();
    database.close().await?;
    memory_disk::copy(&from, folder).await?;
    drop(in_memory);
    Ok((Database::open(&common.place, folder).await?, kept, made))
}

/// The history of a database; none of an empty one.
async fn history(database: &Database, kept: &Kept) -> anyhow::Result<Option<History>> {
    if kept.visualizations == 0 {
        return Ok(None);
    }
    let store = selektable_store::open(&database.address, Access::Administer)?;
    let history = history_in(&store, kept).await;
    store.close().await?;
    history.map(Some)
}

async fn history_in(store: &selektable_store::SharedStore, kept: &Kept) -> anyhow::Result<History> {
    let Shop { organization_id, store_id, widget_id, .. } = &kept.shop;
    let (organization, store_id) = (organization_id.parse()?, store_id.parse()?);
    Ok(History {
        tenant: store.tenant(organization, store_id).await?.context("the store is not there")?,
        widget: widget_id.parse()?,
        begin: kept.begin,
        days: kept.days,
        visualizations: kept.visualizations,
        conversions: kept.conversions,
    })
}

async fn seed(database: &Database, kept: &Kept) -> anyhow::Result<Option<Filled>> {
    if kept.visualizations == 0 {
        return Ok(None);
    }
    let store = selektable_store::open(&database.address, Access::Serve)?;
    let history = history_in(&store, kept).await?;
    let filled = fill::fill(&store, history).await;
    store.close().await?;
    // As a server that ran since would have them.
    let address = database.address.clone();
    tokio::task::spawn_blocking(move || selektable_store::make_sheets(&address, None)).await??;
    filled.map(Some)
}

/// The same shop and program with storage switched off: the limit.
pub(crate) struct NoStorage {
    /// The running limit.
    pub(crate) server: Server,
    /// Its shop.
    pub(crate) shop: Shop,
    _folder: tempfile::TempDir,
}

impl NoStorage {
    /// Starts it.
    pub(crate) async fn start(sender: Sender) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().to_string_lossy().into_owned();
        let secret = (sender != Sender::Custom).then_some(SECRET);
        let shop = set_up(&["--data-dir".to_owned(), data.clone()], sender.platform(), secret).await?;
        let own = std::env::current_exe()?;
        let server = Server::start(&own, &["no-storage-server".to_owned(), data]).await?;
        Ok(Self { server, shop, _folder: folder })
    }
}

/// The load before a measured one, so that every server is measured warm.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);
