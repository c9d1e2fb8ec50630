//! Old content must not stay readable in the file: what is deleted is overwritten, and so are the pages that were
//! freed before. The write-ahead log is emptied by the writer after the commit.

use super::super::work::Work;
use crate::StoreResult;

/// Free pages that are overwritten in one erasure: 256 MiB of them. What is free beyond that is overwritten when it
/// is used again; making it all anew would hold up ingest for minutes.
const FREE_PAGES_MAX: i64 = 65_536;
/// Most pages in one row of zeroes, so that its length stays far below SQLite's limit.
const PAGES_A_ROW: i64 = 8_192;

/// Runs a part of a transaction in which SQLite overwrites what it deletes, also pages that become free.
pub(in super::super) fn overwriting<T>(
    work: &Work<'_>,
    run: impl FnOnce() -> StoreResult<T>,
) -> StoreResult<T> {
    // A server overwrites what it frees when it vacuums; pages of its files are not ours to look after.
    let Some(file) = work.connection.sqlite() else { return run() };
    let set = |how: &str| file.pragma_update(None, "secure_delete", how);
    set("ON")?;
    let end = run();
    set("FAST")?;
    end
}

/// Takes every free page into rows of zeroes and gives it back. The rows never leave the transaction.
pub(in super::super) fn free_pages(work: &Work<'_>) -> StoreResult<()> {
    let Some(file) = work.connection.sqlite() else { return Ok(()) };
    let pragma = |name: &str| file.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (mut left, page_bytes) = (pragma("freelist_count")?.min(FREE_PAGES_MAX), pragma("page_size")?);
    let sql = "INSERT INTO pictures (token, visualization, media_type, bytes, expires_at) \
               VALUES ('zeroes-' || ?1, -?1, '', zeroblob(?2), 0)";
    while left > 0 {
        let pages = left.min(PAGES_A_ROW);
        work.connection.prepare_cached(sql)?.execute([left, pages * page_bytes])?;
        left -= pages;
    }
    work.connection.prepare_cached("DELETE FROM pictures WHERE visualization < 0")?.execute(())?;
    Ok(())
}
