//! Distinct visitors of a range.

use std::collections::BTreeSet;

use crate::db::{ToSql, params};
use selektable_domain::time::Range;

use super::super::super::rows::{Reading, collect};
use super::super::super::work::Work;
use super::days::Days;
use super::stored::broken;
use super::{Whose, returns};
use crate::{StoreResult, Tenant};

/// How many visitors made the visualizations of a range. Its whole days are told by the days of visitors; those of the
/// hours around, and those that wait to be noted, are looked up one by one. `None` when there is no whole day: then
/// there is nothing better than to count.
pub(in super::super) fn distinct(
    work: &Work<'_>,
    tenant: Tenant,
    whose: Whose,
    range: Range,
) -> StoreResult<Option<u64>> {
    let store = tenant.store_number;
    let days = whole_days(work, store, whose, range)?;
    if days.from >= days.to {
        return Ok(None);
    }
    let around = [Range { to: days.from, ..range }, Range { from: days.to, ..range }];
    let mut others = waiting(work, store, whose, days)?;
    for hours in around.into_iter().filter(|hours| hours.from < hours.to) {
        others.extend(visitors_of(work, store, whose, hours)?);
    }
    let mut count = returns::of_days(work, store, whose, days)?;
    for visitor in others {
        count += i64::from(!was_there(work, store, whose, &visitor, days)?);
    }
    u64::try_from(count).map(Some).map_err(|_| broken(store, "it counts less than no visitors"))
}

/// The days of the store that the range holds whole. A day of which nothing lies outside the range is one, too: today
/// until now.
fn whole_days(work: &Work<'_>, store: i64, whose: Whose, range: Range) -> StoreResult<Range> {
    let days = Days::of_store(work, store)?;
    let (first, last) = (days.day(range.from), days.day(range.to));
    let before = Range { from: first.from, to: range.from };
    let after = Range { from: range.to, to: last.to };
    let from =
        if before.from >= before.to || is_empty(work, store, whose, before)? { first.from } else { first.to };
    let ends_with_day = last.from == range.to;
    let to = if !ends_with_day && is_empty(work, store, whose, after)? { last.to } else { last.from };
    Ok(Range { from, to })
}

fn is_empty(work: &Work<'_>, store: i64, whose: Whose, range: Range) -> StoreResult<bool> {
    let sql = of_whose(
        "SELECT at FROM visualizations WHERE store = ?1 AND at >= ?2 AND at < ?3 AND ",
        whose,
        "LIMIT 1",
    );
    let found: Vec<i64> = select(work, &sql, (store, range, whose), |row| row.get(0))?;
    Ok(found.is_empty())
}

fn visitors_of(work: &Work<'_>, store: i64, whose: Whose, range: Range) -> StoreResult<Vec<String>> {
    // Not DISTINCT: SQLite would read the visitors of all history, because their index has each of them once.
    let begin = "SELECT visitor FROM visualizations WHERE store = ?1 AND at >= ?2 AND at < ?3 \
                 AND visitor IS NOT NULL AND ";
    select(work, &of_whose(begin, whose, ""), (store, range, whose), |row| row.get(0))
}

/// Visitors of whole days whose visits are not noted yet.
fn waiting(work: &Work<'_>, store: i64, whose: Whose, days: Range) -> StoreResult<BTreeSet<String>> {
    // What waits leads (SQLite keeps the order of a cross join): it is little, the range may be all there is.
    let begin = "SELECT v.visitor FROM unnoted_visits u CROSS JOIN visualizations v ON v.store = u.store \
                 AND v.number = u.visualization WHERE u.store = ?1 AND v.at >= ?2 AND v.at < ?3 \
                 AND v.visitor IS NOT NULL AND ";
    let found = select(work, &of_whose(begin, whose, ""), (store, days, whose), |row| row.get(0))?;
    Ok(found.into_iter().collect())
}

/// Only what is asked for is compared, so that an index alone can answer where it has everything.
fn of_whose(begin: &str, whose: Whose, end: &str) -> String {
    let condition = if whose.is_some() { "widget = ?4" } else { "CAST(?4 AS TEXT) IS NULL" };
    format!("{begin}{condition} {end}")
}

fn select<T>(
    work: &Work<'_>,
    sql: &str,
    (store, range, whose): (i64, Range, Whose),
    read: impl Fn(Reading<'_>) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let widget = whose.as_ref().map(|widget| widget.as_bytes().as_slice());
    let key: &[&dyn ToSql] = params![store, from, to, widget];
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(key)?, |row| read(Reading::new(row, "visualizations", 0)))
}

fn was_there(work: &Work<'_>, store: i64, whose: Whose, visitor: &str, days: Range) -> StoreResult<bool> {
    let with = if whose.is_some() { "widget = ?5" } else { "CAST(?5 AS TEXT) IS NULL" };
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM visitor_days WHERE store = ?1 AND visitor = ?2 AND day >= ?3 AND day < ?4 \
         AND {with})"
    );
    let widget = whose.as_ref().map(|widget| widget.as_bytes().as_slice());
    let key = params![store, visitor, days.from.as_millis(), days.to.as_millis(), widget];
    Ok(work.connection.prepare_cached(&sql)?.query_row(key, |row| row.get(0))?)
}
