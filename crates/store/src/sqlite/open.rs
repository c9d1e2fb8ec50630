//! Opening the file: what holds on every connection, and who may write.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::migrate;
use crate::{StoreError, StoreResult, db};

/// How long a write waits for one of another process.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of the writer, KiB; a reader has a quarter.
const CACHE_KIB: i64 = 8_192;
/// Page cache of a connection that reads everything, KiB.
const SCAN_CACHE_KIB: i64 = 65_536;
/// Statements kept prepared on one connection: more than there are in this engine.
const STATEMENTS: usize = 256;
/// Pages in the write-ahead log before they are written back, 4 KiB each.
const CHECKPOINT_PAGES: i64 = 2_000;

/// Held by the one process that serves; the operating system lets go of it when the process ends, however it ends.
pub(crate) struct FileLock {
    _file: File,
}

/// Whether a serving process has the file.
pub(crate) fn is_served(path: &Path) -> StoreResult<bool> {
    match lock(path) {
        Ok(_free) => Ok(false),
        Err(StoreError::Locked(_)) => Ok(true),
        Err(fault) => Err(fault),
    }
}

/// Takes the lock beside the file, or says who is in the way.
pub(crate) fn lock(path: &Path) -> StoreResult<FileLock> {
    make_folder(path)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let unavailable = |fault: std::io::Error| StoreError::Unavailable(format!("{}: {fault}", name.display()));
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(&name).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(FileLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(path.display().to_string())),
        Err(TryLockError::Error(fault)) => Err(unavailable(fault)),
    }
}

fn make_folder(path: &Path) -> StoreResult<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), std::fs::create_dir_all).map_err(|fault| {
        StoreError::Unavailable(format!("the folder of {} can't be made: {fault}", path.display()))
    })
}

/// A connection that writes, on the newest schema. Only who holds the lock changes the schema: no server may run on
/// the old one meanwhile.
pub(crate) fn writing(path: &Path, locked: bool) -> StoreResult<db::Connection> {
    make_folder(path)?;
    make_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = connect(path, flags, CACHE_KIB)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // What is deleted inside a page is overwritten at no cost; erasing a person overwrites free pages, too.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    let found = migrate::version(&connection)?;
    let connection = db::Connection::Sqlite(Box::new(connection));
    if found != migrate::NEWEST {
        let _lock = if locked { None } else { Some(lock(path)?) };
        migrate::migrate(&connection)?;
    }
    Ok(connection)
}

/// The file holds key hashes, webhook secrets and shoppers' pictures: only its owner may read it.
fn make_private(path: &Path) -> StoreResult<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(|_| ())
        .map_err(|fault| StoreError::Unavailable(format!("{}: {fault}", path.display())))
}

/// A connection that only reads.
pub(crate) fn reading(path: &Path) -> StoreResult<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, CACHE_KIB / 4)
}

/// A connection for one long reading of everything: with room for the inner pages of the indexes it looks into.
pub(crate) fn scanning(path: &Path) -> StoreResult<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, SCAN_CACHE_KIB)
}

/// What holds on every connection.
fn connect(path: &Path, flags: OpenFlags, cache_kib: i64) -> StoreResult<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|fault| StoreError::Unavailable(format!("{}: {fault}", path.display())))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Plans don't depend on bound values. Otherwise SQLite plans a cached statement again on every use, once its
    // values were taken out: with this engine's small statements that costs more than running them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Asks for the newest schema where nothing may be changed.
pub(crate) fn newest_schema(connection: &Connection) -> StoreResult<()> {
    let found = migrate::version(connection)?;
    migrate::refuse_newer(found)?;
    if found < migrate::NEWEST {
        return Err(StoreError::Unavailable(format!(
            "the database has schema version {found}, reading it needs {}: start `selektable serve` once",
            migrate::NEWEST
        )));
    }
    Ok(())
}
