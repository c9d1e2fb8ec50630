//! Events that are rolled off go: on a server whole partitions, where no store needs them, and else some thousand rows at
//! a time. Nobody writes an old month, so no store is locked for it.

use crate::db::params;
use crate::postgres::{Client, Removed};

use super::super::database::Database;
use super::super::interface::Engine;
use super::super::work::Work;
use super::super::{roll_offs, seen_facts};
use crate::StoreResult;
use crate::maintain::RolledOff;
use crate::postgres::locks::Scope;

/// Most rows of one transaction: some milliseconds, between which others write.
const ROWS_MAX: usize = 2_000;

/// Removes the next rows; behind the last of them the partitions, and makes those of the next months.
pub(super) async fn remove(engine: &Engine) -> StoreResult<RolledOff> {
    if let Some((store, month)) = engine.read(next).await? {
        let run = move |work: &Work<'_>| remove_rows(work, store, month);
        let events = engine.writer()?.write(Scope::Installation, usize::MAX, run).await?;
        return Ok(RolledOff { events, more: true, ..RolledOff::default() });
    }
    engine.write(make_ahead).await?;
    let months = engine.readers.run_alone(remove_partitions).await?;
    Ok(RolledOff { months, ..RolledOff::default() })
}

fn make_ahead(work: &Work<'_>) -> StoreResult<()> {
    let server = work.connection.postgres();
    Ok(server.map_or(Ok(()), Client::make_months_ahead)?)
}

/// A store and month with events that are rolled off, in a place that is not theirs alone.
fn next(work: &Work<'_>) -> StoreResult<Option<(i64, i64)>> {
    for store in seen_facts::stores(work)? {
        let first_kept = roll_offs::first_kept(work, store)?;
        if first_kept == 0 {
            continue;
        }
        for month in seen_facts::months(work, store)?.into_iter().filter(|month| *month < first_kept) {
            // A partition that nobody needs goes as a whole, as soon as nobody reads it.
            let goes_alone = match work.connection.postgres() {
                Some(client) => !client.month_is_needed(month)?,
                None => false,
            };
            if !goes_alone {
                return Ok(Some((store, month)));
            }
        }
    }
    Ok(None)
}

fn remove_rows(work: &Work<'_>, store: i64, month: i64) -> StoreResult<u64> {
    let sql = format!(
        "DELETE FROM seen_facts WHERE store = ?1 AND month = ?2 AND key IN (SELECT key FROM seen_facts \
         WHERE store = ?1 AND month = ?2 ORDER BY key LIMIT {ROWS_MAX})"
    );
    Ok(work.connection.prepare_cached(&sql)?.execute(params![store, month])? as u64)
}

/// Takes partitions away that hold nothing but what is rolled off, on a connection of its own: it may have to wait until
/// nobody reads them, and nobody waits for it. Says how many went.
fn remove_partitions(database: &Database) -> StoreResult<u64> {
    let connection = database.reading()?;
    let Some(client) = connection.postgres() else { return Ok(0) };
    let rows = client.fetch("SELECT coalesce(max(before), 0)::bigint FROM roll_offs")?;
    let first_kept: i64 =
        rows.first().map(|row| row.try_get(0)).transpose().map_err(crate::db::DbError::from)?.unwrap_or(0);
    let mut gone = 0;
    for month in client.months_there()?.into_iter().filter(|month| *month < first_kept) {
        if client.month_is_needed(month)? {
            continue;
        }
        match client.remove_month(month)? {
            Removed::Gone => {
                tracing::info!(month, "the events of a month are gone, with their partition");
                gone += 1;
            }
            Removed::Later => tracing::info!(month, "a month's events are being read; they go later"),
            Removed::Needed => {}
        }
    }
    Ok(gone)
}
