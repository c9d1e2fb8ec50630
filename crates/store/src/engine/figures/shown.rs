//! Visualizations of a range, counted.

use crate::db::params;
use selektable_domain::report::Lens;
use selektable_domain::time::{Range, Timestamp};

use super::super::work::Work;
use crate::{StoreResult, Tenant};

/// How many distinct visitors made them.
pub(super) fn count_visitors(work: &Work<'_>, tenant: Tenant, range: Range, lens: Lens) -> StoreResult<u64> {
    let sql = select("count(DISTINCT visitor)", lens);
    let count: i64 = with_parameters(tenant, range, lens, |parameters| {
        let mut statement = work.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(parameters, |row| row.get(0))?)
    })?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The time of each.
pub(super) fn for_each_time(
    work: &Work<'_>,
    tenant: Tenant,
    range: Range,
    lens: Lens,
    mut each: impl FnMut(Timestamp),
) -> StoreResult<()> {
    let sql = select("at", lens);
    with_parameters(tenant, range, lens, |parameters| {
        let mut statement = work.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()?.as_ref() {
            each(Timestamp::from_millis(row.get(0)?));
        }
        Ok(())
    })
}

/// Only what the lens asks for is compared, so that an index alone can answer where it has everything.
fn select(columns: &str, lens: Lens) -> String {
    let widget = if lens.widget.is_some() { "widget = ?4" } else { "CAST(?4 AS TEXT) IS NULL" };
    let known = if lens.as_of.is_some() { "received_at <= ?5" } else { "CAST(?5 AS BIGINT) IS NULL" };
    format!(
        "SELECT {columns} FROM visualizations \
         WHERE store = ?1 AND at >= ?2 AND at < ?3 AND {widget} AND {known}"
    )
}

fn with_parameters<T>(
    tenant: Tenant,
    range: Range,
    lens: Lens,
    run: impl FnOnce(&[&dyn crate::db::ToSql]) -> StoreResult<T>,
) -> StoreResult<T> {
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let widget = lens.widget.as_ref().map(|id| id.as_bytes().as_slice());
    run(params![tenant.store_number, from, to, widget, lens.as_of.map(Timestamp::as_millis)])
}
