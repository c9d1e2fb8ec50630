//! Sums made anew, some at a time, between other writes. Until a store's are complete its reports count rows.
//!
//! Figures go from the beginning of time on, visitors through their ids; how far they are stands in `rollup_builds`, so
//! it goes on after a restart. What is written meanwhile before that place is folded as always; what is written behind
//! it is thrown away, because the rows have it when the building comes there.

use crate::db::params;
use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::{Reading, collect, first};
use super::super::super::work::Work;
use super::super::sheets;
use super::spans::Span;
use super::visits::OfStore;
use super::{recount, stored};
use crate::StoreResult;

/// Has a store's figures made anew; its sums are gone.
fn begin_figures(work: &Work<'_>, store: i64) -> StoreResult<()> {
    let sql = "INSERT INTO rollup_builds (store, figures_from) VALUES (?1, ?2) \
               ON CONFLICT (store) DO UPDATE SET figures_from = excluded.figures_from";
    work.connection.prepare_cached(sql)?.execute([store, i64::MIN])?;
    Ok(())
}

/// Has the days of a store's visitors made anew.
pub(in super::super::super) fn begin_visitors(work: &Work<'_>, store: i64) -> StoreResult<()> {
    let sql = "INSERT INTO rollup_builds (store, visitors_after) VALUES (?1, '') \
               ON CONFLICT (store) DO UPDATE SET visitors_after = excluded.visitors_after";
    work.connection.prepare_cached(sql)?.execute([store])?;
    Ok(())
}

/// Forgets all sums of all stores and has them made anew.
pub(in super::super::super) fn forget_all(work: &Work<'_>) -> StoreResult<()> {
    drop(work.take_changes());
    for table in ["rollups", "rollup_changes", "visitor_days", "visitor_returns", "unnoted_visits"] {
        work.connection.execute(&format!("DELETE FROM {table}"), ())?;
    }
    let mut statement = work.connection.prepare_cached("SELECT number FROM stores")?;
    let stores: Vec<i64> = collect(statement.query(())?, |row| Ok(row.get(0)?))?;
    for store in stores {
        begin_figures(work, store)?;
        begin_visitors(work, store)?;
    }
    sheets::forget_all(work)
}

/// While days of visitors are made anew: they are right up to this visitor.
pub(super) fn visitors_after(work: &Work<'_>, store: i64) -> StoreResult<Option<String>> {
    let sql = "SELECT visitors_after FROM rollup_builds WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(first(statement.query([store])?, |row| Ok(row.get(0)?))?.flatten())
}

/// While figures are made anew: they are right before this instant.
pub(super) fn figures_from(work: &Work<'_>, store: i64) -> StoreResult<Option<Timestamp>> {
    let sql = "SELECT figures_from FROM rollup_builds WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let found: Option<Option<i64>> = first(statement.query([store])?, |row| Ok(row.get(0)?))?;
    Ok(found.flatten().map(Timestamp::from_millis))
}

/// Builds some more of a store's; `false` when there is nothing to build.
pub(super) fn build_some(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    let sql = "SELECT figures_from, visitors_after FROM rollup_builds WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let begun = first(statement.query([store])?, |row| {
        let row = Reading::new(row, "rollup_builds", 0);
        Ok((row.time_if(0)?, row.get::<Option<String>>(1)?))
    })?;
    match begun {
        None => return Ok(false),
        Some((Some(from), _)) => build_figures(work, store, from)?,
        Some((None, Some(after))) => build_visitors(work, store, &after)?,
        Some((None, None)) => {
            work.connection.prepare_cached("DELETE FROM rollup_builds WHERE store = ?1")?.execute([store])?;
        }
    }
    Ok(true)
}

/// The next hour in which anything happened.
fn build_figures(work: &Work<'_>, store: i64, from: Timestamp) -> StoreResult<()> {
    let next = recount::next_at(work, store, from)?.map(|at| Span::Hour.begin(at));
    let end = next.map_or(Range::ALL.to, |begin| begin.plus_millis(Span::Hour.millis()));
    sheets::want_changes_of(work, store, Range { from, to: end })?;
    let sql = "DELETE FROM rollup_changes WHERE store = ?1 AND at >= ?2 AND at < ?3";
    let key = [store, from.as_millis(), end.as_millis()];
    work.connection.prepare_cached(sql)?.execute(key)?;
    if let Some(begin) = next {
        let widgets = recount::widgets(work, store)?;
        let mut sums = stored::Sums::new();
        for (key, sum) in recount::quarters(work, store, &widgets, Range { from: begin, to: end })? {
            stored::add_everywhere(&mut sums, key, &sum);
        }
        stored::add(work, sums)?;
    }
    let sql = "UPDATE rollup_builds SET figures_from = ?2 WHERE store = ?1";
    let left = next.map(|_| end.as_millis());
    work.connection.prepare_cached(sql)?.execute(params![store, left])?;
    Ok(())
}

/// The next visitors; their number stands in the text of the query.
fn build_visitors(work: &Work<'_>, store: i64, after: &str) -> StoreResult<()> {
    let sql = "SELECT visitor FROM visitors WHERE store = ?1 AND visitor > ?2 ORDER BY visitor LIMIT 100";
    let mut statement = work.connection.prepare_cached(sql)?;
    let visitors: Vec<String> = collect(statement.query(params![store, after])?, |row| Ok(row.get(0)?))?;
    let mut known = OfStore::new(work, store)?;
    visitors.iter().try_for_each(|visitor| known.settle(work, visitor))?;
    known.write(work)?;
    let sql = "UPDATE rollup_builds SET visitors_after = ?2 WHERE store = ?1";
    work.connection.prepare_cached(sql)?.execute(params![store, visitors.last()])?;
    Ok(())
}
