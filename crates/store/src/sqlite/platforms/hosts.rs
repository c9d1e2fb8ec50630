//! Which stores answer to a host name.

use rusqlite::params;
use selektable_domain::id::StoreId;

use super::super::rows::{Reading, collect};
use super::super::work::Work;
use crate::StoreResult;
use crate::settings::{Platform, host_of};

/// Most stores of one host.
const STORES_MAX: u32 = 50;

/// Writes a store's host names anew.
pub(in super::super) fn index(work: &Work<'_>, store: i64, hosts: &[String]) -> StoreResult<()> {
    work.connection.prepare_cached("DELETE FROM store_hosts WHERE store = ?1")?.execute([store])?;
    let sql = "INSERT INTO store_hosts (host, store) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    for host in hosts {
        work.connection.prepare_cached(sql)?.execute(params![host, store])?;
    }
    Ok(())
}

/// Writes those of every store, after a migration.
pub(in super::super) fn index_all(work: &Work<'_>) -> StoreResult<()> {
    let sql = "SELECT store, origin FROM store_origins";
    let mut statement = work.connection.prepare(sql)?;
    let origins: Vec<(i64, String)> = collect(statement.query([])?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = "INSERT INTO store_hosts (host, store) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    for (store, origin) in origins {
        let authority = origin.split_once("://").map_or(origin.as_str(), |(_, rest)| rest);
        if let Some(host) = host_of(authority) {
            work.connection.prepare_cached(sql)?.execute(params![host, store])?;
        }
    }
    Ok(())
}

/// Stores of a platform that answer to a host name, oldest first.
pub(in super::super) fn stores(work: &Work<'_>, platform: Platform, host: &str) -> StoreResult<Vec<StoreId>> {
    let sql = "SELECT s.number, s.id FROM store_hosts h JOIN stores s ON s.number = h.store \
               WHERE h.host = ?1 AND s.platform = ?2 ORDER BY s.number LIMIT ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![host, platform.code(), STORES_MAX])?, |row| {
        Reading::new(row, "stores", 0).id(1)
    })
}
