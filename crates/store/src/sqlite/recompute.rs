//! Derived tables, made again from the facts: to replace the stored ones, or to compare with them.

use super::compare::compare;
use super::replay::{DERIVED, Derived, Replayed, drop_tables, replay};
use super::work::Work;
use crate::StoreResult;
use crate::maintain::{CheckReport, Progress};

/// Replaces every derived table inside the caller's transaction, and says what differed.
pub(super) fn rebuild(work: &Work<'_>, progress: &Progress) -> StoreResult<CheckReport> {
    let report = replay_and_compare(work, progress)?;
    for Derived { table, .. } in DERIVED {
        let sql = format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM temp.{table}");
        work.connection.execute_batch(&sql)?;
    }
    drop_tables(work)?;
    work.connection.execute("DELETE FROM redecisions", [])?;
    work.change_settings()?;
    Ok(report)
}

/// Compares from the caller's snapshot. The fresh tables go with the connection.
pub(super) fn check(work: &Work<'_>, progress: &Progress) -> StoreResult<CheckReport> {
    replay_and_compare(work, progress)
}

fn replay_and_compare(work: &Work<'_>, progress: &Progress) -> StoreResult<CheckReport> {
    let Replayed { facts, conversions } = replay(work, progress)?;
    let mut report = CheckReport { facts, conversions, ..CheckReport::default() };
    compare(work, &mut report)?;
    Ok(report)
}
