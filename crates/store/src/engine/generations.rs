//! Whole sets of decisions: one is shown, one may be built beside it.
//!
//! From the transaction on that begins a set, whoever writes a decision writes it in both. Conversions that were there
//! before are decided in the background (see [`super::builder`]), from snapshots that may be older than a write
//! meanwhile; so they only fill places that are still empty. When every place is filled, one transaction makes the
//! new set the shown one, and the old one is deleted little by little.
//!
//! The ledger goes with the set that is being built: a conversion that has its decision in it has it as its newest
//! entry, with a cause of its own, which readers of the ledger pass over until the set is shown.

use crate::db::params;
use selektable_domain::ledger::LedgerCause;
use selektable_domain::schedule::Schedule;
use selektable_domain::time::Timestamp;

use super::conversions;
use super::decisions::{self, DecisionRow, Place};
use super::figures::sheets;
use super::ledger::{self, Told};
use super::rows::{collect, first};
use super::work::Work;
use crate::StoreResult;

/// Most conversions decided in the very transaction that changes the rules.
const AT_ONCE_MAX: usize = 500;
/// Conversions in one piece of the background's work.
const PIECE: &str = "SELECT number FROM conversions WHERE store = ?1 AND number > ?2 AND number <= ?3 \
                     ORDER BY number LIMIT 1000";
/// Rows deleted of a retired set in one transaction.
const SWEPT_ROWS: i64 = 1_000;

/// A set that is being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Building {
    /// Whose.
    pub store: i64,
    /// Its number.
    pub generation: i64,
    /// Conversions up to this number are in it.
    pub built_to: i64,
    /// Conversions up to this number were there when it was begun.
    pub build_end: i64,
}

/// A decision for it, made from a snapshot.
pub(super) struct Built {
    /// The conversion.
    pub conversion: i64,
    /// The decision.
    pub row: DecisionRow,
    /// Whether it is another one than the shown set has.
    pub differs: bool,
}

/// A piece of the background's work: the conversions with numbers after `from` up to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Of which set.
    pub building: Building,
    /// Before the first.
    pub from: i64,
    /// The last.
    pub to: i64,
}

// ---- beginning -----------------------------------------------------------------------------------------------------

/// Whether conversions are being decided under rules that were published.
pub(super) fn is_publishing(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    let rules = work.store_rules(store)?;
    let live = rules.live.schedule.revision();
    Ok(rules.building.as_ref().is_some_and(|building| building.schedule.revision() != live))
}

/// Has everything decided under the next revision that the present one decides under other rules: at once what is
/// little, in a set of its own what is much.
pub(super) fn put_in_force(
    work: &Work<'_>,
    store: i64,
    present: &Schedule,
    next: &Schedule,
    at: Timestamp,
) -> StoreResult<()> {
    // A recomputation under the revision before would bring the old rules back.
    abandon(work, store)?;
    let from = first_difference(present, next);
    let affected = affected(work, store, from)?;
    if affected.len() > AT_ONCE_MAX {
        return begin(work, store, next.revision(), at).map(|_| ());
    }
    let sql = "UPDATE generations SET revision = ?2 WHERE store = ?1 AND state = 'live'";
    work.connection.prepare_cached(sql)?.execute(params![store, next.revision()])?;
    work.forget_rules();
    // The window that the lag report compares with may be another one.
    sheets::want_everything(work, store, work.generation(store)?)?;
    affected.into_iter().try_for_each(|number| decide_at_once(work, store, number, at))
}

/// The first instant at which two schedules differ; `None` for the beginning.
fn first_difference(one: &Schedule, other: &Schedule) -> Option<Timestamp> {
    let earliest = Timestamp::from_millis(i64::MIN);
    if one.rules_at(earliest) != other.rules_at(earliest) {
        return None;
    }
    let changes = one.entries().iter().chain(other.entries()).filter_map(|entry| entry.from);
    changes.filter(|from| one.rules_at(*from) != other.rules_at(*from)).min()
}

/// Conversions from an instant on, at most one more than are decided at once.
fn affected(work: &Work<'_>, store: i64, from: Option<Timestamp>) -> StoreResult<Vec<i64>> {
    let sql = "SELECT conversion FROM decisions WHERE store = ?1 AND generation = ?2 AND occurred_at >= ?3 \
               LIMIT 501";
    let mut statement = work.connection.prepare_cached(sql)?;
    let from = from.map_or(i64::MIN, Timestamp::as_millis);
    collect(statement.query(params![store, work.generation(store)?, from])?, |row| Ok(row.get(0)?))
}

fn decide_at_once(work: &Work<'_>, store: i64, number: i64, known_at: Timestamp) -> StoreResult<()> {
    let Some(head) = conversions::by_number(work, store, number)? else { return Ok(()) };
    let row = decisions::decide_order(work, store, &head)?.row;
    let place = Place { store, generation: work.generation(store)?, conversion: number };
    if decisions::replace(work, place, head.occurred_at, &row)? {
        tell(work, store, number, &row, LedgerCause::Rules, known_at)?;
    }
    Ok(())
}

/// Begins a set under a revision, in place of one that was begun; answers its number.
pub(super) fn begin(work: &Work<'_>, store: i64, revision: u32, at: Timestamp) -> StoreResult<i64> {
    abandon(work, store)?;
    let sql = "SELECT max(generation) + 1 FROM generations WHERE store = ?1";
    let generation: i64 = work.connection.prepare_cached(sql)?.query_row([store], |row| row.get(0))?;
    let end = last_conversion(work)?;
    let sql = "INSERT INTO generations (store, generation, revision, state, built_to, build_end, at) \
               VALUES (?1, ?2, ?3, 'building', 0, ?4, ?5)";
    let row = params![store, generation, revision, end, at.as_millis()];
    work.connection.prepare_cached(sql)?.execute(row)?;
    work.change_settings()?;
    Ok(generation)
}

/// The number of the newest conversion of all stores: what is decided later has a larger one.
pub(super) fn last_conversion(work: &Work<'_>) -> StoreResult<i64> {
    let sql = "SELECT coalesce(max(number), 0) FROM conversions";
    Ok(work.connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?)
}

/// Gives up what is being built.
fn abandon(work: &Work<'_>, store: i64) -> StoreResult<()> {
    let sql = "UPDATE generations SET state = 'retired' WHERE store = ?1 AND state = 'building'";
    work.connection.prepare_cached(sql)?.execute([store])?;
    work.forget_rules();
    Ok(())
}

// ---- building ------------------------------------------------------------------------------------------------------

/// A set that is being built, of whichever store.
pub(super) fn next_building(work: &Work<'_>) -> StoreResult<Option<Building>> {
    let sql = "SELECT store, generation, built_to, build_end FROM generations WHERE state = 'building' \
               ORDER BY store, generation";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(())?, |row| {
        Ok(Building {
            store: row.get(0)?,
            generation: row.get(1)?,
            built_to: row.get(2)?,
            build_end: row.get(3)?,
        })
    })
}

/// The piece after a number; `None` at the end.
pub(super) fn piece_after(work: &Work<'_>, building: Building, from: i64) -> StoreResult<Option<Piece>> {
    let mut statement = work.connection.prepare_cached(PIECE)?;
    let mut rows = statement.query(params![building.store, from, building.build_end])?;
    let mut last = None;
    while let Some(row) = rows.next()?.as_ref() {
        last = Some(row.get(0)?);
    }
    Ok(last.map(|to| Piece { building, from, to }))
}

/// Decides a piece from a snapshot.
pub(super) fn decide(work: &Work<'_>, piece: Piece) -> StoreResult<Vec<Built>> {
    let Building { store, generation, .. } = piece.building;
    let rules = work.store_rules(store)?;
    // Somebody gave it up meanwhile; whoever writes the piece finds that out, too.
    let Some(building) = rules.building.as_ref().filter(|known| known.number == generation) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    conversions::each_of(work, store, (piece.from, piece.to), |head| {
        let under = building.schedule.rules_at(head.occurred_at);
        let row = decisions::decide_under(work, store, head, under)?.row;
        let place = Place { store, generation: rules.live.number, conversion: head.number };
        let shown = decisions::load(work, place, head.occurred_at)?;
        let differs = shown.as_ref() != Some(&row);
        found.push(Built { conversion: head.number, row, differs });
        Ok(())
    })?;
    Ok(found)
}

/// Writes a piece; `false` when the set is not at its place any more: somebody else wrote it, or gave it up.
pub(super) fn write(work: &Work<'_>, piece: Piece, built: &[Built]) -> StoreResult<bool> {
    let Building { store, generation, .. } = piece.building;
    let differing = built.iter().filter(|built| built.differs);
    let first_difference = differing.clone().next().map(|built| built.conversion);
    let sql = "UPDATE generations SET built_to = ?4, decided = decided + ?5, differing = differing + ?6, \
               first_difference = coalesce(first_difference, ?7) \
               WHERE store = ?1 AND generation = ?2 AND state = 'building' AND built_to = ?3";
    let decided = i64::try_from(built.len()).unwrap_or(i64::MAX);
    let differing = i64::try_from(differing.count()).unwrap_or(i64::MAX);
    let row = params![store, generation, piece.from, piece.to, decided, differing, first_difference];
    if work.connection.prepare_cached(sql)?.execute(row)? == 0 {
        return Ok(false);
    }
    let cause = cause(work, store)?;
    let begun_at = begun_at(work, store, generation)?;
    for built in built {
        let place = Place { store, generation, conversion: built.conversion };
        if decisions::insert_if_absent(work, place, &built.row)? && built.differs {
            tell(work, store, built.conversion, &built.row, cause, begun_at)?;
        }
    }
    Ok(true)
}

/// What the ledger calls it when the set that is built has another decision than the shown one.
fn cause(work: &Work<'_>, store: i64) -> StoreResult<LedgerCause> {
    Ok(if is_publishing(work, store)? { LedgerCause::Rules } else { LedgerCause::Evidence })
}

fn begun_at(work: &Work<'_>, store: i64, generation: i64) -> StoreResult<Timestamp> {
    let sql = "SELECT at FROM generations WHERE store = ?1 AND generation = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(Timestamp::from_millis(statement.query_row([store, generation], |row| row.get(0))?))
}

fn tell(
    work: &Work<'_>,
    store: i64,
    conversion: i64,
    row: &DecisionRow,
    cause: LedgerCause,
    known_at: Timestamp,
) -> StoreResult<()> {
    // Times of knowing ascend along a conversion's entries.
    let known_at = ledger::known_at(work, store, conversion)?.map_or(known_at, |last| last.max(known_at));
    ledger::append(work, store, conversion, row, Told { cause, at: row.occurred_at, known_at })
}

/// Has the ledger say, after a write of a conversion, what the set that is being built says.
pub(super) fn tell_of_building(
    work: &Work<'_>,
    store: i64,
    conversion: i64,
    occurred_at: Timestamp,
    known_at: Timestamp,
) -> StoreResult<()> {
    let rules = work.store_rules(store)?;
    let Some(building) = &rules.building else { return Ok(()) };
    let place = Place { store, generation: building.number, conversion };
    let Some(row) = decisions::load(work, place, occurred_at)? else { return Ok(()) };
    let begun_at = begun_at(work, store, building.number)?;
    tell(work, store, conversion, &row, cause(work, store)?, known_at.max(begun_at))
}

/// What became of sets that were begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Sets that are still built, also those of others.
    pub building: i64,
    /// Conversions that were decided.
    pub decided: i64,
    /// Of these, decided otherwise than what was shown.
    pub differing: i64,
    /// The first of them.
    pub first_difference: Option<i64>,
}

/// What became of sets, by store and number.
pub(super) fn outcome(work: &Work<'_>, begun: &[(i64, i64)]) -> StoreResult<Outcome> {
    let sql = "SELECT count(*) FROM generations WHERE state = 'building'";
    let building = work.connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
    let mut outcome = Outcome { building, ..Outcome::default() };
    let sql =
        "SELECT decided, differing, first_difference FROM generations WHERE store = ?1 AND generation = ?2";
    for (store, generation) in begun {
        let mut statement = work.connection.prepare_cached(sql)?;
        let found: Option<(i64, i64, Option<i64>)> =
            first(statement.query([store, generation])?, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (decided, differing, difference) = found.unwrap_or_default();
        outcome.decided += decided;
        outcome.differing += differing;
        outcome.first_difference = outcome.first_difference.or(difference);
    }
    Ok(outcome)
}

// ---- ending --------------------------------------------------------------------------------------------------------

/// Shows a set whose every place is filled, instead of the one that was shown; `false` when it was given up.
pub(super) fn show(work: &Work<'_>, building: Building) -> StoreResult<bool> {
    let Building { store, generation, built_to, .. } = building;
    let sql = "UPDATE generations SET state = CASE state WHEN 'live' THEN 'retired' ELSE 'live' END \
               WHERE store = ?1 AND state <> 'retired' AND EXISTS (SELECT 1 FROM generations \
               WHERE store = ?1 AND generation = ?2 AND state = 'building' AND built_to = ?3)";
    let changed = work.connection.prepare_cached(sql)?.execute([store, generation, built_to])?;
    work.change_settings()?;
    Ok(changed > 0)
}

/// Deletes some of a retired set; `false` when there is none.
pub(super) fn sweep(work: &Work<'_>) -> StoreResult<bool> {
    let sql = "SELECT store, generation FROM generations WHERE state = 'retired'";
    let mut statement = work.connection.prepare_cached(sql)?;
    let retired = first(statement.query(())?, |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
    let Some((store, generation)) = retired else { return Ok(false) };
    let tables = [
        "DELETE FROM decisions WHERE (store, generation, occurred_at, conversion) IN (SELECT store, generation, \
         occurred_at, conversion FROM decisions WHERE store = ?1 AND generation = ?2 LIMIT ?3)",
        "DELETE FROM credits WHERE (store, generation, conversion, visualization) IN (SELECT store, generation, \
         conversion, visualization FROM credits WHERE store = ?1 AND generation = ?2 LIMIT ?3)",
        "DELETE FROM rollups WHERE (store, generation, widget, span_ms, at) IN (SELECT store, generation, widget, \
         span_ms, at FROM rollups WHERE store = ?1 AND generation = ?2 LIMIT ?3)",
    ];
    for sql in tables.into_iter().chain(sheets::forget_generation_sql()) {
        if work.connection.prepare_cached(sql)?.execute([store, generation, SWEPT_ROWS])? > 0 {
            return Ok(true);
        }
    }
    let sql = "DELETE FROM generations WHERE store = ?1 AND generation = ?2";
    work.connection.prepare_cached(sql)?.execute([store, generation])?;
    Ok(true)
}

/// How far the set that is built is, in conversions, if there is one under published rules.
pub(super) fn progress(work: &Work<'_>, store: i64) -> StoreResult<Option<(u64, u64)>> {
    if !is_publishing(work, store)? {
        return Ok(None);
    }
    let sql = "SELECT decided, build_end FROM generations WHERE store = ?1 AND state = 'building'";
    let mut statement = work.connection.prepare_cached(sql)?;
    let building: Option<(i64, i64)> =
        first(statement.query([store])?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((decided, end)) = building else { return Ok(None) };
    let sql = "SELECT count(*) FROM conversions WHERE store = ?1 AND number <= ?2";
    let all: i64 = work.connection.prepare_cached(sql)?.query_row([store, end], |row| row.get(0))?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Some((count(decided), count(all))))
}
