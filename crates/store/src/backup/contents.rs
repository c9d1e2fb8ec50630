//! What a copy holds, and whether it is whole.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use selektable_domain::time::Timestamp;
use sha2::{Digest, Sha256};

use super::{BackupFault, BackupResult, off_thread};
use crate::maintain::Progress;
use crate::{Access, StoreError, sqlite};

/// What a file is read in.
const CHUNK_BYTES: usize = 1 << 20;
/// Most faults that are collected.
const FAULTS_MAX: usize = 100;

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Facts: orders, visualizations, events, as they came.
    pub facts: u64,
    /// Conversions that were made from them.
    pub conversions: u64,
    /// When the last fact was received.
    pub newest: Option<Timestamp>,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, as 64 hexadecimal digits.
    pub sha256: String,
    /// How much could be checked.
    pub judged: Judged,
}

/// How a copy was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// All that `selektable verify` checks.
    Whole,
    /// It has an older schema, so only what SQLite itself can check; the next `serve` brings it to today's.
    Older {
        /// Its schema's version.
        schema: u32,
        /// Today's.
        newest: u32,
    },
}

/// A schema's version.
pub(super) struct Schema(u32);

/// Which schema a file of ours has; another program's file, and one of a newer program, is refused.
pub(super) fn identify(connection: &Connection, path: &Path) -> BackupResult<Schema> {
    let of_copy = BackupFault::of_copy(path);
    let ours = "SELECT count(*) FROM sqlite_schema WHERE name IN ('installation', 'facts', 'conversions')";
    if connection.query_row(ours, [], |row| row.get::<_, i64>(0)).map_err(&of_copy)? != 3 {
        return Err(BackupFault::Foreign(path.to_owned()));
    }
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(&of_copy)?;
    if version > sqlite::NEWEST_SCHEMA {
        return Err(StoreError::TooNew { found: version, known: sqlite::NEWEST_SCHEMA }.into());
    }
    Ok(Schema(version))
}

/// Turns a copy that still says that it has a log into one file that needs nothing beside it.
pub(super) fn make_single(path: &Path) -> BackupResult<()> {
    let of_copy = BackupFault::of_copy(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(&of_copy)?;
    connection.pragma_update(None, "journal_mode", "DELETE").map_err(&of_copy)?;
    connection.close().map_err(|(_, fault)| of_copy(fault))
}

/// Looks at everything in a copy.
pub(super) async fn check(path: &Path, progress: Progress) -> BackupResult<Contents> {
    let file = path.to_owned();
    let contents = off_thread(move || look(&file)).await?;
    let faults = match contents.judged {
        Judged::Whole => {
            let store = crate::open(&format!("sqlite:{}", path.display()), Access::Inspect)?;
            let report = store.verify(progress).await;
            store.close().await?;
            report.map_or_else(|fault| vec![fault.to_string()], |report| report.faults)
        }
        Judged::Older { .. } => {
            let file = path.to_owned();
            off_thread(move || sqlites_own(&file).map_err(BackupFault::of_copy(&file))).await?
        }
    };
    if faults.is_empty() { Ok(contents) } else { Err(BackupFault::Damaged { path: path.to_owned(), faults }) }
}

fn look(path: &Path) -> BackupResult<Contents> {
    let of_copy = BackupFault::of_copy(path);
    let connection = sqlite::reading(path)?;
    let found = identify(&connection, path)?;
    let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(&of_copy);
    // Schemas before the seventh have no table of their own for events.
    let apart = "SELECT count(*) FROM sqlite_schema WHERE name = 'seen_facts'";
    let seen = if count(apart)? == 0 { 0 } else { count("SELECT count(*) FROM seen_facts")? };
    let facts = count("SELECT count(*) FROM facts")? + seen;
    let conversions = count("SELECT count(*) FROM conversions")?;
    let newest = "SELECT received_at FROM facts ORDER BY seq DESC LIMIT 1";
    let newest = connection.query_row(newest, [], |row| row.get(0)).optional().map_err(&of_copy)?;
    let (bytes, sha256) = digest(path)?;
    Ok(Contents {
        facts: u64::try_from(facts).unwrap_or(0),
        conversions: u64::try_from(conversions).unwrap_or(0),
        newest: newest.map(Timestamp::from_millis),
        bytes,
        sha256,
        judged: match found {
            Schema(sqlite::NEWEST_SCHEMA) => Judged::Whole,
            Schema(schema) => Judged::Older { schema, newest: sqlite::NEWEST_SCHEMA },
        },
    })
}

fn sqlites_own(path: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({FAULTS_MAX})"))?;
    let words = statement.query_map([], |row| row.get::<_, String>(0))?;
    words.filter(|words| words.as_ref().map_or(true, |words| words != "ok")).collect()
}

fn digest(path: &Path) -> BackupResult<(u64, String)> {
    let fault = BackupFault::file(path);
    let mut file = File::open(path).map_err(&fault)?;
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK_BYTES]);
    loop {
        let read = file.read(&mut chunk).map_err(&fault)?;
        if read == 0 {
            return Ok((bytes, crate::engine::hex(&hash.finalize())));
        }
        hash.update(&chunk[..read]);
        bytes += read as u64;
    }
}
