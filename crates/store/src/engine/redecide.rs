//! Deciding again what a late fact touched: at once what is little, later, between other writes, what is much.

use crate::db::params;
use selektable_domain::ledger::LedgerCause;
use selektable_domain::time::Timestamp;

use super::conversions::{self, Head};
use super::decisions::{self, Decided, Place};
use super::figures::rollups;
use super::generations;
use super::ledger::{self, Told};
use super::rows::{collect, first};
use super::work::{Touched, Work};
use crate::StoreResult;

/// Most conversions decided again in the transaction of the fact that touched them, so that ingest never waits for
/// long. Of those that wait as many are taken at a time: the number stands in the text of that query.
const AT_ONCE_MAX: usize = 500;

/// What deciding again came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Redecided {
    /// Conversions whose decision changed.
    pub changed: u64,
    /// Conversions that wait.
    pub queued: u64,
}

/// Decides what a fact touched that reached us at `known_at`.
pub(super) fn touched(
    work: &Work<'_>,
    store: i64,
    touched: Touched,
    known_at: Timestamp,
) -> StoreResult<Redecided> {
    let numbers = touched.into_numbers();
    let mut done = Redecided::default();
    for (nth, number) in numbers.into_iter().enumerate() {
        if nth < AT_ONCE_MAX {
            done.changed += u64::from(one(work, store, number, known_at)?);
        } else {
            let sql = "INSERT INTO redecisions (store, conversion, known_at) \
                       SELECT store, number, ?2 FROM conversions WHERE number = ?1 AND +store = ?3 ON CONFLICT DO NOTHING";
            let row = params![number, known_at.as_millis(), store];
            done.queued += work.connection.prepare_cached(sql)?.execute(row)? as u64;
            mark(work, store, number)?;
        }
    }
    if done.queued > 0 {
        // So that the writer looks for what waits, and pages say that something does.
        work.change_settings()?;
    }
    Ok(done)
}

/// Reports see at once what a conversion that waits is going to be decided from.
fn mark(work: &Work<'_>, store: i64, number: i64) -> StoreResult<()> {
    let sql = "SELECT occurred_at FROM conversions WHERE number = ?1 AND +store = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let at = first(statement.query([number, store])?, |row| Ok(Timestamp::from_millis(row.get(0)?)))?;
    at.map_or(Ok(()), |at| rollups::mark_conversion(work, store, at))
}

/// Decides one conversion again; says whether anything of its decision changed.
fn one(work: &Work<'_>, store: i64, number: i64, known_at: Timestamp) -> StoreResult<bool> {
    let Some(head) = conversions::by_number(work, store, number)? else { return Ok(false) };
    let told = Told { cause: LedgerCause::Evidence, at: head.occurred_at, known_at };
    rollups::mark_conversion(work, store, head.occurred_at)?;
    let decided = decisions::decide_order(work, store, &head)?;
    let changed = write(work, store, &head, head.occurred_at, &decided)?;
    if changed {
        ledger::append(work, store, number, &decided.row, told)?;
    }
    generations::tell_of_building(work, store, number, head.occurred_at, known_at)?;
    Ok(changed)
}

/// Writes a decision in every generation; `decided` is the shown one's, over one that is of `was_at`. Says whether
/// the shown one changed.
pub(super) fn write(
    work: &Work<'_>,
    store: i64,
    head: &Head,
    was_at: Timestamp,
    decided: &Decided,
) -> StoreResult<bool> {
    let rules = work.store_rules(store)?;
    let place = |generation: i64| Place { store, generation, conversion: head.number };
    if let Some(building) = &rules.building {
        let under = building.schedule.rules_at(head.occurred_at);
        let other = decisions::decide_under(work, store, head, under)?;
        decisions::replace(work, place(building.number), was_at, &other.row)?;
    }
    decisions::replace(work, place(rules.live.number), was_at, &decided.row)
}

/// Adds the decision on a new conversion in every generation.
pub(super) fn insert(work: &Work<'_>, store: i64, head: &Head, decided: &Decided) -> StoreResult<()> {
    let rules = work.store_rules(store)?;
    let place = |generation: i64| Place { store, generation, conversion: head.number };
    if let Some(building) = &rules.building {
        let under = building.schedule.rules_at(head.occurred_at);
        let other = decisions::decide_under(work, store, head, under)?;
        decisions::insert(work, place(building.number), &other.row)?;
    }
    decisions::insert(work, place(rules.live.number), &decided.row)
}

/// A store of which conversions wait to be decided again.
pub(super) fn pending(work: &Work<'_>) -> StoreResult<Option<i64>> {
    let mut statement = work.connection.prepare_cached("SELECT store FROM redecisions LIMIT 1")?;
    first(statement.query(())?, |row| Ok(row.get(0)?))
}

/// Decides a store's next conversions that wait. They stand in their table, so it goes on after a restart.
pub(super) fn next_chunk(work: &Work<'_>, store: i64) -> StoreResult<()> {
    let sql = "SELECT conversion, known_at FROM redecisions WHERE store = ?1 ORDER BY conversion LIMIT 500";
    let mut statement = work.connection.prepare_cached(sql)?;
    let waiting: Vec<(i64, i64)> = collect(statement.query([store])?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (conversion, known_at) in &waiting {
        one(work, store, *conversion, Timestamp::from_millis(*known_at))?;
        let sql = "DELETE FROM redecisions WHERE store = ?1 AND conversion = ?2";
        work.connection.prepare_cached(sql)?.execute(params![store, conversion])?;
    }
    // Pages stop saying that something waits.
    if pending(work)?.is_some() { Ok(()) } else { work.change_settings() }
}
