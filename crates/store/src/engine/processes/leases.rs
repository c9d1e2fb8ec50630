//! Leases: one row each, taken by whoever comes first after the last holder's time is over.

use std::time::Duration;

use super::super::work::Work;
use super::millis;
use crate::StoreResult;
use crate::db::params;

/// Takes a lease or holds on to it; `false` while somebody else has it.
pub(in super::super) fn hold(
    work: &Work<'_>,
    name: &str,
    holder: &str,
    length: Duration,
) -> StoreResult<bool> {
    let now = work.connection.clock();
    let sql = format!(
        "INSERT INTO leases (name, holder, until) VALUES (?1, ?2, {now} + ?3) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
         WHERE leases.holder = excluded.holder OR leases.until <= excluded.until - ?3"
    );
    let written = work.connection.prepare_cached(&sql)?.execute(params![name, holder, millis(length)])?;
    Ok(written > 0)
}

/// Gives a lease back, if it is still the holder's.
pub(in super::super) fn release(work: &Work<'_>, name: &str, holder: &str) -> StoreResult<()> {
    let sql = "DELETE FROM leases WHERE name = ?1 AND holder = ?2";
    work.connection.prepare_cached(sql)?.execute(params![name, holder])?;
    Ok(())
}

/// Whether anybody holds it.
pub(in super::super) fn is_held(work: &Work<'_>, name: &str) -> StoreResult<bool> {
    let now = work.connection.clock();
    let sql = format!("SELECT EXISTS (SELECT 1 FROM leases WHERE name = ?1 AND until > {now})");
    Ok(work.connection.prepare_cached(&sql)?.query_row(params![name], |row| row.get(0))?)
}
