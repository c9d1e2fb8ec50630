//! What the processes that serve one database agree on.

pub(super) mod dry_runs;
pub(super) mod leases;
pub(super) mod tries;

use std::time::Duration;

use super::work::Work;
use crate::StoreResult;

/// Lets go what is over: of leases, tries and dry runs.
pub(super) fn forget_expired(work: &Work<'_>) -> StoreResult<()> {
    let now = work.connection.clock();
    for (table, until) in [("leases", "until"), ("tries", "spent_until"), ("dry_runs", "until")] {
        let sql = format!("DELETE FROM {table} WHERE {until} <= {now}");
        work.connection.prepare_cached(&sql)?.execute(())?;
    }
    Ok(())
}

/// What another process left when it died, of which a file has only one that serves.
pub(super) fn forget_all(connection: &crate::db::Connection) -> StoreResult<()> {
    for table in ["leases", "dry_runs"] {
        connection.execute(&format!("DELETE FROM {table}"), ())?;
    }
    Ok(())
}

/// As the database counts time.
fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
