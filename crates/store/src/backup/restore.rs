//! Putting a backup back: checked as a copy first, then in place in one step.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::contents::{self, Contents};
use super::part::Part;
use super::{BackupFault, BackupResult, LOGS, Watch, aside, file_of, off_thread, with_suffix};
use crate::maintain::Progress;
use crate::{StoreError, sqlite};

/// What the backup is copied in.
const CHUNK_BYTES: usize = 1 << 20;

/// What a restoration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What is in the database now.
    pub contents: Contents,
    /// Where it is.
    pub database: PathBuf,
    /// Where the database is that was there before.
    pub replaced: Option<PathBuf>,
}

/// Makes `backup` the database of the address. Nothing that is there is touched before a copy of the backup lies beside
/// it, whole and on disk; then one rename puts it in place, so a crash leaves the old database or the new one.
///
/// Refused while a process has the database open, and, unless `replace`, when there is one. The one that was there
/// keeps its content under another name. A backup of an older schema is brought to today's by the next
/// [`Serve`](crate::Access::Serve).
pub async fn restore(address: &str, backup: &Path, replace: bool, watch: Watch) -> BackupResult<Restored> {
    let named = file_of(address)?;
    let Watch { copying, checking } = watch;
    let from = backup.to_owned();
    let (lock, database, part) = off_thread(move || {
        is_finished(&from)?;
        let lock = sqlite::lock(&named)?;
        // The file itself, also behind a symbolic link: its log stands beside it, not beside the link.
        let database = std::fs::canonicalize(&named).unwrap_or(named);
        if aside::is_anything(&database) && !replace {
            return Err(BackupFault::Occupied(database));
        }
        let part = Part::beside(&database)?;
        copy(&from, part.path(), &copying)?;
        contents::make_single(part.path()).map_err(|fault| found_in(fault, &from))?;
        part.flush()?;
        Ok((lock, database, part))
    })
    .await?;
    let contents = contents::check(part.path(), checking).await.map_err(|fault| found_in(fault, backup))?;
    off_thread(move || {
        aside::settle(&database)?;
        let replaced = aside::keep(&database)?;
        part.replace(&database)?;
        drop(lock);
        Ok(Restored { contents, database, replaced })
    })
    .await
}

/// Refuses what was copied by hand with a log beside it: without the log it would be old, or torn.
fn is_finished(backup: &Path) -> BackupResult<()> {
    if !backup.is_file() {
        return Err(BackupFault::NoBackup(backup.to_owned()));
    }
    let beside = LOGS.map(|suffix| with_suffix(backup, suffix));
    let unfinished = beside.into_iter().find(|path| path.metadata().is_ok_and(|found| found.len() > 0));
    unfinished.map_or(Ok(()), |path| Err(BackupFault::Unfinished(path)))
}

fn copy(from: &Path, to: &Path, progress: &Progress) -> BackupResult<()> {
    let (reading, writing) = (BackupFault::file(from), BackupFault::file(to));
    let mut source = File::open(from).map_err(&reading)?;
    let all = source.metadata().map_err(&reading)?.len();
    let mut target = OpenOptions::new().write(true).open(to).map_err(&writing)?;
    let (mut done, mut chunk) = (0, vec![0; CHUNK_BYTES]);
    loop {
        let read = source.read(&mut chunk).map_err(&reading)?;
        if read == 0 {
            return Ok(());
        }
        target.write_all(&chunk[..read]).map_err(&writing)?;
        done += read as u64;
        progress(done, all);
    }
}

/// What is wrong with the copy is wrong with the backup.
fn found_in(fault: BackupFault, backup: &Path) -> BackupFault {
    let backup = backup.to_owned();
    match fault {
        BackupFault::Damaged { faults, .. } => BackupFault::Damaged { path: backup, faults },
        BackupFault::Foreign(_) => BackupFault::Foreign(backup),
        BackupFault::Store(fault @ StoreError::Unavailable(_)) => {
            BackupFault::Damaged { path: backup, faults: vec![fault.to_string()] }
        }
        other => other,
    }
}
