//! The two databases of a move, each held so that nobody else writes it.

use std::time::{Duration, Instant};

use super::TransferFault;
use super::tables::ALWAYS_THERE;
use crate::db::{Begin, Connection};
use crate::engine::database::{Database, Serving};
use crate::postgres::{Client, locks, without_password};
use crate::sqlite::open;
use crate::tables::moving;
use crate::{Access, StoreError, StoreResult};

/// How long the connections of a process that has ended may still be there.
const LINGER: Duration = Duration::from_secs(2);

/// Where everything comes from.
pub(super) struct Source {
    /// In a transaction that reads one state.
    pub connection: Connection,
    /// Whatever keeps writers away.
    _held: (Option<Connection>, Option<open::FileLock>),
}

impl Source {
    /// Takes a database that nobody serves, on the newest schema; it is never written.
    pub(super) fn hold(database: &Database, address: &str) -> Result<Self, TransferFault> {
        database.inspect()?;
        let Some(path) = database.file() else { return Self::server(database, address) };
        let lock = match open::lock(path) {
            Ok(lock) => lock,
            Err(StoreError::Locked(path)) => return Err(TransferFault::Served(path)),
            Err(fault) => return Err(fault.into()),
        };
        // Keeps away what is written beside a server, such as a new key.
        let guard = database.writing_again()?;
        guard.begin(Begin::Write)?;
        let connection = database.scanning()?;
        connection.begin_whole()?;
        Ok(Self { connection, _held: (Some(guard), Some(lock)) })
    }

    fn server(database: &Database, address: &str) -> Result<Self, TransferFault> {
        let connection = database.reading()?;
        if connection.postgres().map(is_served).transpose()?.unwrap_or(false) {
            return Err(TransferFault::Served(without_password(address)));
        }
        connection.begin(Begin::Snapshot)?;
        // Before the first query, whose state everything is read from.
        locks::take(&connection, [locks::Scope::Everything])?;
        Ok(Self { connection, _held: (None, None) })
    }
}

/// Whether there are other connections of ours, also after a moment: a server that was just stopped may have left some
/// that are about to end.
fn is_served(client: &Client) -> StoreResult<bool> {
    let until = Instant::now() + LINGER;
    while others(client)? > 0 {
        if Instant::now() >= until {
            return Ok(true);
        }
        std::thread::sleep(LINGER / 20);
    }
    Ok(false)
}

fn others(client: &Client) -> StoreResult<i64> {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND application_name = 'selektable' AND pid <> pg_backend_pid()";
    let rows = client.fetch(sql)?;
    let count: Option<i64> =
        rows.first().map(|row| row.try_get(0)).transpose().map_err(crate::db::DbError::from)?;
    Ok(count.unwrap_or(0))
}

/// Where everything goes.
pub(super) struct Target {
    /// In a transaction that writes.
    pub connection: Connection,
    _held: Option<Serving>,
}

impl Target {
    /// Takes an empty database, or makes it.
    pub(super) fn hold(database: &Database, address: &str) -> Result<Self, TransferFault> {
        let (connection, held) = database.writing(Access::Serve)?;
        connection.begin(Begin::Bulk)?;
        locks::take(&connection, [locks::Scope::Everything])?;
        for table in moving().filter(|table| *table != ALWAYS_THERE) {
            let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1) AS found");
            if connection.query_row(&sql, (), |row| row.get::<i64>(0))? > 0 {
                return Err(TransferFault::NotEmpty { database: without_password(address), table });
            }
        }
        connection.execute(&format!("DELETE FROM {ALWAYS_THERE}"), ())?;
        Ok(Self { connection, _held: held })
    }
}
