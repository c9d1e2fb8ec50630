//! Which stores answer to a host name.

use crate::db::params;
use selektable_domain::id::StoreId;

use super::super::rows::{Reading, collect};
use super::super::work::Work;
use crate::StoreResult;
use crate::settings::{Platform, StoreSettings, host_of};

/// Most stores of one host.
const STORES_MAX: u32 = 50;

/// Stands for stores whose own name on their platform is not set; no header can claim it.
const NONE: &str = "";

/// Writes a store's host names anew.
pub(in super::super) fn index(work: &Work<'_>, store: i64, settings: &StoreSettings) -> StoreResult<()> {
    work.connection.prepare_cached("DELETE FROM store_hosts WHERE store = ?1")?.execute([store])?;
    let sql = "INSERT INTO store_hosts (host, store) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let none = settings.shop_host.is_none().then_some(NONE);
    for host in settings.hosts().iter().map(String::as_str).chain(none) {
        work.connection.prepare_cached(sql)?.execute(params![host, store])?;
    }
    Ok(())
}

/// Writes those of every store, after a migration.
pub(in super::super) fn index_all(work: &Work<'_>) -> StoreResult<()> {
    let sql = "SELECT s.number, o.origin FROM stores s LEFT JOIN store_origins o ON o.store = s.number";
    let mut statement = work.connection.prepare(sql)?;
    let origins: Vec<(i64, Option<String>)> =
        collect(statement.query(())?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = "INSERT INTO store_hosts (host, store) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    for (store, origin) in origins {
        let host = origin
            .as_deref()
            .and_then(|origin| host_of(origin.split_once("://").map_or(origin, |(_, rest)| rest)));
        work.connection.prepare_cached(sql)?.execute(params![host.as_deref().unwrap_or(NONE), store])?;
    }
    Ok(())
}

/// Stores of a platform that answer to a host name, oldest first; with `None` those whose own name on
/// the platform is not set.
pub(in super::super) fn stores(
    work: &Work<'_>,
    platform: Platform,
    host: Option<&str>,
) -> StoreResult<Vec<StoreId>> {
    if host == Some(NONE) {
        return Ok(Vec::new());
    }
    let sql = "SELECT s.number, s.id FROM store_hosts h JOIN stores s ON s.number = h.store \
               WHERE h.host = ?1 AND s.platform = ?2 ORDER BY s.number LIMIT ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![host.unwrap_or(NONE), platform.code(), STORES_MAX])?, |row| {
        Reading::new(row, "stores", 0).id(1)
    })
}
