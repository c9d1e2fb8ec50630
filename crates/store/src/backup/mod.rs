//! Copies of an embedded database: made while it is served, checked before they count, and put back in one step.
//!
//! A PostgreSQL database has its own tools for this (docs/backup.md); here it is refused in words.

mod aside;
mod contents;
mod fault;
mod part;
mod restore;
mod take;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use contents::{Contents, Judged};
pub use fault::BackupFault;
pub use restore::{Restored, restore};
pub use take::backup;

use crate::maintain::Progress;

/// What this module's functions answer.
pub type BackupResult<T> = Result<T, BackupFault>;

/// Who is told how far it is.
pub struct Watch {
    /// Bytes copied, of all.
    pub copying: Progress,
    /// Facts checked, of all.
    pub checking: Progress,
}

/// What SQLite keeps beside a database. None of it may ever stand beside another one of the same name.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Those of them that hold content.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// The file of an address.
fn file_of(address: &str) -> BackupResult<PathBuf> {
    match address.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => Ok(PathBuf::from(path)),
        Some(("postgres" | "postgresql", _)) => Err(BackupFault::Postgres),
        _ => Err(crate::StoreError::Address(address.to_owned()).into()),
    }
}

/// The path with something at its end.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Runs what blocks off the async threads.
async fn off_thread<T: Send + 'static>(
    run: impl FnOnce() -> BackupResult<T> + Send + 'static,
) -> BackupResult<T> {
    let running = tokio::task::spawn_blocking(run).await;
    running.unwrap_or_else(|fault| Err(crate::StoreError::Unavailable(fault.to_string()).into()))
}
