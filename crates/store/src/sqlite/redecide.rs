//! Deciding again: what a late fact touched, and every conversion of a store whose rules changed.

use rusqlite::params;

use super::decisions;
use super::rows::{Reading, collect, first};
use super::work::{Touched, Work};
use crate::StoreResult;

/// Most conversions decided again in one transaction after a change of rules, so that ingest never waits for long.
const REDECIDED_PER_TRANSACTION_MAX: i64 = 500;

/// Decides the given conversions again; says how many decisions changed.
pub(super) fn all(work: &Work<'_>, numbers: impl IntoIterator<Item = i64>) -> StoreResult<u64> {
    let mut changed = 0;
    for number in numbers {
        changed += u64::from(decisions::redecide(work, number)?);
    }
    Ok(changed)
}

/// Decides what a fact touched.
pub(super) fn touched(work: &Work<'_>, touched: Touched) -> StoreResult<u64> {
    all(work, touched.into_numbers())
}

/// Whether some store's conversions still have to be decided under its newest rules.
pub(super) fn is_pending(work: &Work<'_>) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM stores WHERE redecide_after IS NOT NULL)";
    Ok(work.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Decides the next conversions of a store whose rules changed. Goes by order id from the place that is kept in the
/// store's row, so it goes on after a restart; orders that arrive meanwhile are decided under the new rules anyway.
pub(super) fn next_chunk(work: &Work<'_>) -> StoreResult<()> {
    let sql = "SELECT number, redecide_after FROM stores WHERE redecide_after IS NOT NULL LIMIT 1";
    let next = first(work.connection.prepare_cached(sql)?.query([])?, |row| {
        let row = Reading::new(row, "stores", 0);
        Ok((row.get::<i64>(0)?, row.get::<String>(1)?))
    })?;
    let Some((store, after)) = next else { return Ok(()) };
    let chunk = chunk(work, store, &after)?;
    all(work, chunk.iter().map(|(number, _)| *number))?;
    let place = chunk.last().map(|(_, order)| order.as_str());
    let sql = "UPDATE stores SET redecide_after = ?2 WHERE number = ?1";
    work.connection.prepare_cached(sql)?.execute(params![store, place])?;
    if place.is_none() {
        work.change_settings()?;
    }
    Ok(())
}

fn chunk(work: &Work<'_>, store: i64, after: &str) -> StoreResult<Vec<(i64, String)>> {
    let sql = "SELECT number, order_id FROM conversions WHERE store = ?1 AND order_id > ?2 \
               ORDER BY order_id LIMIT ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, after, REDECIDED_PER_TRANSACTION_MAX])?, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}
