//! Which spans have no sheet, or one that is out of date.

use std::collections::BTreeSet;

use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::collect;
use super::super::super::work::Work;
use super::{OF_NO_RULES, QUARTER, begin};
use crate::StoreResult;
use crate::db::params;

/// In the place of a span's length and beginning: every quarter of the generation.
pub(super) const EVERYTHING: i64 = 0;

/// Has a sheet made, or made anew.
pub(super) fn want(
    work: &Work<'_>,
    (store, generation): (i64, i64),
    (span, at): (i64, i64),
) -> StoreResult<()> {
    let sql = "INSERT INTO sheets_wanted (store, generation, span_ms, at, times) VALUES (?1, ?2, ?3, ?4, 1) \
               ON CONFLICT (store, generation, span_ms, at) DO UPDATE SET times = sheets_wanted.times + 1";
    work.connection.prepare_cached(sql)?.execute([store, generation, span, at])?;
    Ok(())
}

/// Has every sheet of a generation made anew; 0: those of what no rules decide.
pub(in super::super::super) fn want_everything(
    work: &Work<'_>,
    store: i64,
    generation: i64,
) -> StoreResult<()> {
    want(work, (store, generation), (EVERYTHING, EVERYTHING))
}

/// Has sheets made anew of the quarters of which changes are taken out to be folded.
pub(in super::super) fn want_changed(
    work: &Work<'_>,
    store: i64,
    quarters: impl Iterator<Item = (i64, Timestamp)>,
) -> StoreResult<()> {
    let quarters: BTreeSet<(i64, Timestamp)> = quarters.collect();
    quarters
        .into_iter()
        .try_for_each(|(generation, at)| want(work, (store, generation), (QUARTER, at.as_millis())))
}

/// Has sheets made anew of the quarters in a range of which changes wait, which are going to be thrown away.
pub(in super::super) fn want_changes_of(work: &Work<'_>, store: i64, range: Range) -> StoreResult<()> {
    let sql = "SELECT DISTINCT generation, at FROM rollup_changes WHERE store = ?1 AND at >= ?2 AND at < ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let key = [store, range.from.as_millis(), range.to.as_millis()];
    let changed: Vec<(i64, i64)> = collect(statement.query(key)?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    want_changed(
        work,
        store,
        changed.into_iter().map(|(generation, at)| (generation, Timestamp::from_millis(at))),
    )
}

/// Forgets all sheets of all stores and has them made anew.
pub(in super::super::super) fn forget_all(work: &Work<'_>) -> StoreResult<()> {
    work.connection.execute("DELETE FROM sheets", ())?;
    work.connection.execute("DELETE FROM sheets_wanted", ())?;
    let mut statement = work.connection.prepare_cached("SELECT number FROM stores")?;
    let stores: Vec<i64> = collect(statement.query(())?, |row| Ok(row.get(0)?))?;
    for store in stores {
        want_everything(work, store, OF_NO_RULES)?;
        let rules = work.store_rules(store)?;
        for known in [Some(&rules.live), rules.building.as_ref()].into_iter().flatten() {
            want_everything(work, store, known.number)?;
        }
    }
    Ok(())
}

/// Deletes some of what there is of a generation: store, generation, how many rows. What is wanted goes first, so that no
/// sheet is written behind.
pub(in super::super::super) const fn forget_generation_sql() -> [&'static str; 2] {
    [
        "DELETE FROM sheets_wanted WHERE (store, generation, span_ms, at) IN (SELECT store, generation, span_ms, at \
         FROM sheets_wanted WHERE store = ?1 AND generation = ?2 LIMIT ?3)",
        "DELETE FROM sheets WHERE (store, generation, report, span_ms, at) IN (SELECT store, generation, report, \
         span_ms, at FROM sheets WHERE store = ?1 AND generation = ?2 LIMIT ?3)",
    ]
}

/// Quarters of a range whose sheets are not up to date.
pub(super) struct Unsheeted {
    /// None is.
    pub everything: bool,
    quarters: BTreeSet<i64>,
}

impl Unsheeted {
    /// Of a generation's: those whose changes wait, and those that are wanted since.
    pub(super) fn of(work: &Work<'_>, (store, generation): (i64, i64), range: Range) -> StoreResult<Self> {
        let from = begin(QUARTER, range.from).as_millis();
        let key = [store, generation, from, range.to.as_millis()];
        let sql = "SELECT DISTINCT at FROM rollup_changes \
                   WHERE store = ?1 AND generation = ?2 AND at >= ?3 AND at < ?4";
        let mut statement = work.connection.prepare_cached(sql)?;
        let waiting: Vec<i64> = collect(statement.query(key)?, |row| Ok(row.get(0)?))?;
        let sql = "SELECT at FROM sheets_wanted WHERE store = ?1 AND generation = ?2 AND span_ms = 900000 \
                   AND at >= ?3 AND at < ?4";
        let mut statement = work.connection.prepare_cached(sql)?;
        let wanted: Vec<i64> = collect(statement.query(key)?, |row| Ok(row.get(0)?))?;
        let sql = "SELECT EXISTS (SELECT 1 FROM sheets_wanted \
                   WHERE store = ?1 AND generation = ?2 AND span_ms = 0)";
        let mut statement = work.connection.prepare_cached(sql)?;
        let everything = statement.query_row(params![store, generation], |row| row.get(0))?;
        Ok(Self { everything, quarters: waiting.into_iter().chain(wanted).collect() })
    }

    /// Whether any lies in a span.
    pub(super) fn any_in(&self, span: i64, at: i64) -> bool {
        self.everything || self.quarters.range(at..at.saturating_add(span)).next().is_some()
    }

    /// Those in a range that begins and ends with a quarter, neighbours joined.
    pub(super) fn runs(&self, range: Range) -> Vec<Range> {
        let mut runs: Vec<Range> = Vec::new();
        for at in self.quarters.range(range.from.as_millis()..range.to.as_millis()) {
            let from = Timestamp::from_millis(*at);
            let to = from.plus_millis(QUARTER);
            match runs.last_mut() {
                Some(last) if last.to == from => last.to = to,
                _ => runs.push(Range { from, to }),
            }
        }
        runs
    }
}
