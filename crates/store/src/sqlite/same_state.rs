//! Several reading connections that all see one state, so that threads can share a reading that takes long.

use std::path::Path;

use rusqlite::Connection;

use super::open;
use crate::{StoreError, StoreResult};

/// Tries to begin between two commits; each takes some microseconds.
const TRIES_MAX: u32 = 10_000;

/// Opens `wanted` connections, each in a transaction that reads the same state. Dropping them ends it.
///
/// SQLite can't hand a snapshot on to another connection. But `data_version` on a connection of its own tells whether
/// anybody committed: when nobody did between the beginning of the first transaction and of the last, all of them
/// see one state. Otherwise they begin again.
pub(super) fn readers(path: &Path, wanted: usize) -> StoreResult<Vec<Connection>> {
    let observer = open::reading(path)?;
    let version = || observer.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
    let found: Vec<Connection> = (0..wanted).map(|_| open::scanning(path)).collect::<StoreResult<_>>()?;
    for _ in 0..TRIES_MAX {
        let before = version()?;
        for connection in &found {
            // A transaction sees the state of its first reading.
            connection.execute_batch("BEGIN")?;
            connection.query_row("SELECT 1 FROM installation", [], |_| Ok(()))?;
        }
        if version()? == before {
            return Ok(found);
        }
        found.iter().try_for_each(|connection| connection.execute_batch("ROLLBACK"))?;
    }
    Err(StoreError::Unavailable(
        "commits follow each other too closely for a reading of one state".to_owned(),
    ))
}

/// Threads that a long reading is spread over.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).clamp(1, THREADS_MAX)
}

/// More threads than this wait for the same disk.
const THREADS_MAX: usize = 16;
