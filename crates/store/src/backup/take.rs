//! A copy of a database, also while it is being served.
//!
//! All pages come from one snapshot: a read transaction is held from the first page to the last. So a busy writer
//! neither waits nor makes the copy begin again, as it would if each step took a snapshot of its own; its log grows
//! meanwhile. *Rejected:* `VACUUM INTO`, which is a snapshot too but builds every index anew, several times as slow,
//! and hides a damaged page that no index leads to.

use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::contents::{self, Contents};
use super::part::Part;
use super::{BackupFault, BackupResult, Watch, file_of, off_thread};
use crate::maintain::Progress;
use crate::{StoreError, sqlite};

/// Pages of one step, 4 KiB each: progress is told in between.
const STEP_PAGES: i32 = 2_048;
/// SQLite's own page size, which this engine leaves as it is; only progress is counted with it.
const PAGE_BYTES: u64 = 4_096;

/// Writes a copy of the database to `target`, which must not exist, and checks it; `target` appears only when the copy
/// is complete, whole and on disk. Everything acknowledged before the call is in it.
///
/// A database of an older schema is copied too, as it is: before a new program first serves it is the best time.
pub async fn backup(address: &str, target: &Path, watch: Watch) -> BackupResult<Contents> {
    let source = file_of(address)?;
    let wanted = target.to_owned();
    let Watch { copying, checking } = watch;
    let part = off_thread(move || {
        if wanted.symlink_metadata().is_ok() {
            return Err(BackupFault::Exists(wanted));
        }
        if !source.exists() {
            return Err(BackupFault::NoDatabase(source));
        }
        let part = Part::beside(&wanted)?;
        copy(&source, part.path(), &copying)?;
        contents::make_single(part.path())?;
        part.flush()?;
        Ok(part)
    })
    .await?;
    let found = contents::check(part.path(), checking).await.map_err(|fault| found_in(fault, target))?;
    let wanted: PathBuf = target.to_owned();
    off_thread(move || part.name_it(&wanted)).await?;
    Ok(found)
}

fn copy(source: &Path, target: &Path, progress: &Progress) -> BackupResult<()> {
    let from = sqlite::reading(source)?;
    let of_copy = BackupFault::of_copy(target);
    let mut to = Connection::open_with_flags(
        target,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(&of_copy)?;
    // A copy that is torn is thrown away, so it needs no journal; it is flushed once, at the end.
    to.pragma_update(None, "journal_mode", "OFF").map_err(&of_copy)?;
    to.pragma_update(None, "synchronous", "OFF").map_err(&of_copy)?;
    let snapshot = from.unchecked_transaction().map_err(StoreError::from)?;
    // A transaction begins with its first read.
    contents::identify(&snapshot, source)?;
    let backup = Backup::new(&from, &mut to).map_err(&of_copy)?;
    loop {
        let step = backup.step(STEP_PAGES).map_err(&of_copy)?;
        let pages = backup.progress();
        let [all, left] = [pages.pagecount, pages.remaining].map(|pages| u64::try_from(pages).unwrap_or(0));
        progress((all - left) * PAGE_BYTES, all * PAGE_BYTES);
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(StoreError::Busy.into()),
        }
    }
}

/// What is wrong with a fresh copy is wrong with what was copied.
fn found_in(fault: BackupFault, target: &Path) -> BackupFault {
    match fault {
        BackupFault::Damaged { faults, .. } => BackupFault::Damaged { path: target.to_owned(), faults },
        other => other,
    }
}
