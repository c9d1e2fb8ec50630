//! Why a copy was not made or not put back.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::StoreError;

/// Most faults of a damaged copy that its message lists.
const LISTED_MAX: usize = 10;

/// Why a backup or a restoration did not happen. Whatever it says, the database and every file that was there before
/// are as they were.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// Not an embedded database.
    #[error(
        "a postgres:// database is not backed up or restored by this command: use pg_dump and pg_restore, or \
         point-in-time recovery (docs/backup.md, \"PostgreSQL\")"
    )]
    Postgres,
    /// Nothing to copy.
    #[error("there is no database at {}: does --data-dir or --database name another place?", .0.display())]
    NoDatabase(PathBuf),
    /// Nothing to restore from.
    #[error("there is no backup at {}", .0.display())]
    NoBackup(PathBuf),
    /// The backup's name is taken.
    #[error("{} exists already and was left as it is: choose another name", .0.display())]
    Exists(PathBuf),
    /// The database's name is taken.
    #[error(
        "there is a database at {} already, and nothing was changed: --replace keeps it under another name beside it",
        .0.display()
    )]
    Occupied(PathBuf),
    /// A process has the database open without serving it.
    #[error("another process has {} open: let it end first; nothing was changed", .0.display())]
    InUse(PathBuf),
    /// The disk of the copy is full.
    #[error("the disk is full: {} was not written, and nothing else was changed", .0.display())]
    Full(PathBuf),
    /// A file can't be read or written.
    #[error("{}: {fault}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        fault: io::Error,
    },
    /// The copy is not whole.
    #[error("{} is damaged and is not used:{}", .path.display(), list(.faults))]
    Damaged {
        /// The file that was looked at.
        path: PathBuf,
        /// Everything that is wrong, in words.
        faults: Vec<String>,
    },
    /// Some other database.
    #[error("{} is a database, but not one of selektable", .0.display())]
    Foreign(PathBuf),
    /// Copied by hand without its log, or while it was written.
    #[error(
        "{} lies beside it, so it is no finished backup: make one with `selektable backup`, or let SQLite write the \
         log back first",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// What the storage says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupFault {
    /// What the system says about a file.
    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> Self {
        |fault| match fault.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full(path.to_owned())
            }
            _ => Self::File { path: path.to_owned(), fault },
        }
    }

    /// What SQLite says about a copy that is being written or looked at.
    pub(super) fn of_copy(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        |fault| match fault.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(path.to_owned()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path: path.to_owned(), faults: vec![fault.to_string()] }
            }
            _ => match StoreError::from(fault) {
                StoreError::Unavailable(why) => {
                    StoreError::Unavailable(format!("{}: {why}", path.display())).into()
                }
                other => other.into(),
            },
        }
    }
}

fn list(faults: &[String]) -> String {
    let more = faults.len().saturating_sub(LISTED_MAX);
    let lines = faults.iter().take(LISTED_MAX).map(|fault| format!("\n  {fault}"));
    lines.chain((more > 0).then(|| format!("\n  and {more} more"))).collect()
}
