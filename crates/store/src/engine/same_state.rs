//! Several reading connections that all see one state, so that threads can share a reading that takes long.

use std::path::Path;

use crate::db::Connection;

use super::database::Database;
use crate::db::Begin;
use crate::sqlite::open;
use crate::{StoreError, StoreResult};

/// Tries to begin between two commits; each takes some microseconds.
const TRIES_MAX: u32 = 10_000;

/// Opens `wanted` connections, each in a transaction that reads the same state. Dropping them ends it.
pub(super) fn readers(database: &Database, wanted: usize) -> StoreResult<Vec<Connection>> {
    let found: Vec<Connection> = (0..wanted).map(|_| database.scanning()).collect::<StoreResult<_>>()?;
    match database.file() {
        Some(file) => of_file(file, &found)?,
        None => of_server(&found)?,
    }
    Ok(found)
}

/// SQLite can't hand a snapshot on to another connection. But `data_version` on a connection of its own tells whether
/// anybody committed: when nobody did between the beginning of the first transaction and of the last, all of them
/// see one state. Otherwise they begin again.
fn of_file(file: &Path, found: &[Connection]) -> StoreResult<()> {
    let observer = open::reading(file)?;
    let version = || observer.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
    for _ in 0..TRIES_MAX {
        let before = version()?;
        for connection in found {
            // A transaction sees the state of its first reading.
            connection.begin(Begin::Snapshot)?;
            connection.query_row("SELECT 1 FROM installation", (), |_| Ok(()))?;
        }
        if version()? == before {
            return Ok(());
        }
        found.iter().for_each(Connection::roll_back);
    }
    Err(StoreError::Unavailable(
        "commits follow each other too closely for a reading of one state".to_owned(),
    ))
}

/// PostgreSQL hands a snapshot on by its name, as long as the transaction lasts that gave it.
fn of_server(found: &[Connection]) -> StoreResult<()> {
    let Some((first, others)) = found.split_first() else { return Ok(()) };
    first.begin_whole()?;
    others.iter().try_for_each(|connection| connection.begin(Begin::Snapshot))?;
    let name: String = first.query_row("SELECT pg_export_snapshot()", (), |row| row.get(0))?;
    for connection in others {
        connection.execute_batch(&format!("SET TRANSACTION SNAPSHOT '{name}'"))?;
    }
    Ok(())
}

/// Threads that a long reading is spread over.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).clamp(1, THREADS_MAX)
}

/// More threads than this wait for the same disk.
const THREADS_MAX: usize = 16;
