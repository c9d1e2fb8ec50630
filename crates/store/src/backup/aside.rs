//! The database that a restored one takes the place of: found unused, and kept under another name.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::part::{first_free, flush_folder};
use super::{BackupFault, BackupResult, COMPANIONS, LOGS, with_suffix};

/// Whether there is anything of a database.
pub(super) fn is_anything(database: &Path) -> bool {
    LOGS.iter().chain(&[""]).any(|suffix| with_suffix(database, suffix).exists())
}

/// Makes sure that no process has the database open, and writes its log back, so that it is one file. A database that
/// is too damaged for that stays as it is, with its log: it is the reason why another one is restored.
pub(super) fn settle(database: &Path) -> BackupResult<()> {
    if !database.exists() {
        return Ok(());
    }
    match write_back(database) {
        Err(fault) if is_in_use(&fault) => Err(BackupFault::InUse(database.to_owned())),
        Err(fault) => {
            tracing::warn!(%fault, "the old database can't be opened; it is kept as it is, with its log");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// *Rejected:* leaving write-ahead mode. Killed in the middle it leaves a journal that only a writer can take away.
fn write_back(database: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    // Otherwise a connection that fails takes the log away when it is closed.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Whoever else has it open, if only to read, is noticed here.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.close().map_err(|(_, fault)| fault)
}

fn is_in_use(fault: &rusqlite::Error) -> bool {
    matches!(fault.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Keeps the database under another name as well, and takes its log away; its own name stays until the restored one
/// takes it, so that there is a database whenever the power goes.
pub(super) fn keep(database: &Path) -> BackupResult<Option<PathBuf>> {
    if !is_anything(database) {
        return Ok(None);
    }
    let kept = first_free(database, "replaced", |name| {
        if database.exists() {
            second_name(database, name)
        } else {
            std::fs::File::create_new(name).map(drop)
        }
    })?;
    let companions = || {
        let both = COMPANIONS.map(|suffix| (with_suffix(database, suffix), with_suffix(&kept, suffix)));
        both.into_iter().filter(|(from, _)| from.exists())
    };
    for (from, to) in companions() {
        second_name(&from, &to).map_err(BackupFault::file(&to))?;
    }
    flush_folder(database)?;
    for (from, _) in companions() {
        std::fs::remove_file(&from).map_err(BackupFault::file(&from))?;
    }
    flush_folder(database)?;
    Ok(Some(kept))
}

/// A link, or a copy where the file system has none.
fn second_name(of: &Path, name: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(of, name) {
        Err(fault) if fault.kind() != std::io::ErrorKind::AlreadyExists => {
            std::fs::copy(of, name)?;
            std::fs::File::open(name)?.sync_all()
        }
        end => end,
    }
}
