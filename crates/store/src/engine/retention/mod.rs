//! Raw events that are older than a store keeps them go, month by month, in steps of a few thousand rows.
//!
//! First it is kept of whom it matters that they were seen ([`keep`]): visitors of conversions whom nothing else proves.
//! When nobody is left, a fact says in the same transaction that months before one are gone, and from that instant on they
//! count for nothing. Then what they left is removed: visitors ([`sweep`]) and events ([`months`]). Each step is a
//! transaction of its own, and how far it came stands in the database; so whoever interrupts it, the next call goes on.

mod keep;
mod months;
mod sweep;

use crate::db::params;
use selektable_domain::retention::EventDays;
use selektable_domain::time::Timestamp;

use super::interface::Engine;
use super::rows::{Reading, collect, first};
use super::work::Work;
use super::{roll_offs, stores};
use crate::maintain::RolledOff;
use crate::postgres::locks::Scope;
use crate::{StoreError, StoreResult};

/// Where a roll-off is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Going through visitors of conversions.
    Keep,
    /// Going through orders that came meanwhile.
    Late,
    /// Removing visitors.
    Sweep,
}

impl Stage {
    const fn code(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Late => "late",
            Self::Sweep => "sweep",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Keep, Self::Late, Self::Sweep].into_iter().find(|stage| stage.code() == code)
    }
}

/// A roll-off that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    store: i64,
    /// The first month that is kept, as a number.
    before: i64,
    stage: Stage,
    /// Facts up to this one were there when it began, or have been looked at.
    facts_to: i64,
    /// Visitors up to this one are done.
    after: String,
    /// What the store asks for now.
    days: Option<EventDays>,
}

impl Run {
    /// Whether the store still wants it. A merchant may have chosen to keep events for longer, before any was gone.
    fn is_wanted(&self, now: Timestamp) -> bool {
        let wanted = self.days.is_some_and(|days| days.first_kept(now).number() >= self.before);
        wanted || self.stage == Stage::Sweep
    }
}

/// Does the next step; answers what it did, and whether there may be more.
pub(super) async fn step(engine: &Engine, now: Timestamp) -> StoreResult<RolledOff> {
    if let Some(run) = engine.read(going_on).await? {
        return go_on(engine, run, now).await;
    }
    if let Some((store, before)) = engine.read(move |work| due(work, now)).await? {
        let begun = move |work: &Work<'_>| begin(work, store, before);
        engine.writer()?.write(Scope::Store(store), 1, begun).await?;
        return Ok(RolledOff { more: true, ..RolledOff::default() });
    }
    months::remove(engine).await
}

async fn go_on(engine: &Engine, run: Run, now: Timestamp) -> StoreResult<RolledOff> {
    if !run.is_wanted(now) {
        let scope = Scope::Store(run.store);
        engine.writer()?.write(scope, 1, move |work| end(work, &run)).await?;
        return Ok(RolledOff { more: true, ..RolledOff::default() });
    }
    let visitors = match run.stage {
        Stage::Keep => keep::of_conversions(engine, run, now).await.map(|()| 0),
        Stage::Late => keep::of_late_orders(engine, run, now).await.map(|()| 0),
        Stage::Sweep => sweep::visitors(engine, run).await,
    }?;
    Ok(RolledOff { visitors, more: true, ..RolledOff::default() })
}

/// A roll-off that was begun.
fn going_on(work: &Work<'_>) -> StoreResult<Option<Run>> {
    let sql = "SELECT r.store, r.before, r.stage, r.facts_to, r.after, s.keep_events_days FROM roll_off_runs r \
               JOIN stores s ON s.number = r.store ORDER BY r.store LIMIT 1";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(())?, |row| {
        let row = Reading::new(row, "roll_off_runs", 0);
        Ok(Run {
            store: row.get(0)?,
            before: row.get(1)?,
            stage: row.code(2, Stage::from_code)?,
            facts_to: row.get(3)?,
            after: row.get(4)?,
            days: stores::days(row, 5)?,
        })
    })
}

/// A store with events of a month that is to go, and the first month that stays.
fn due(work: &Work<'_>, now: Timestamp) -> StoreResult<Option<(i64, i64)>> {
    let sql =
        "SELECT number, keep_events_days FROM stores WHERE keep_events_days IS NOT NULL ORDER BY number";
    let mut statement = work.connection.prepare_cached(sql)?;
    let limited = collect(statement.query(())?, |row| {
        let row = Reading::new(row, "stores", 0);
        Ok((row.get(0)?, stores::days(row, 1)?))
    })?;
    let asked = "SELECT EXISTS (SELECT 1 FROM seen_facts WHERE store = ?1 AND month < ?2)";
    for (store, days) in limited {
        let Some(before) = days.map(|days: EventDays| days.first_kept(now).number()) else { continue };
        if roll_offs::first_kept(work, store)? >= before {
            continue;
        }
        let mut statement = work.connection.prepare_cached(asked)?;
        if statement.query_row(params![store, before], |row| row.get(0))? {
            return Ok(Some((store, before)));
        }
    }
    Ok(None)
}

/// Under the store's lock, so that all facts of it that come later have a greater number.
fn begin(work: &Work<'_>, store: i64, before: i64) -> StoreResult<()> {
    let sql = "INSERT INTO roll_off_runs (store, before, stage, facts_to, after) \
               VALUES (?1, ?2, ?3, ?4, '') ON CONFLICT DO NOTHING";
    let row = params![store, before, Stage::Keep.code(), newest_fact(work)?];
    work.connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn newest_fact(work: &Work<'_>) -> StoreResult<i64> {
    let sql = "SELECT coalesce(max(seq), 0) FROM facts";
    Ok(work.connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?)
}

/// Notes how far a roll-off came; `false` when it is not where it was, because another process was at it.
fn advance(work: &Work<'_>, run: &Run, to: (Stage, i64, &str)) -> StoreResult<bool> {
    let (stage, facts_to, after) = to;
    let sql = "UPDATE roll_off_runs SET stage = ?2, facts_to = ?3, after = ?4 \
               WHERE store = ?1 AND before = ?5 AND stage = ?6 AND facts_to = ?7 AND after = ?8";
    let changed = work.connection.prepare_cached(sql)?.execute(params![
        run.store,
        stage.code(),
        facts_to,
        after,
        run.before,
        run.stage.code(),
        run.facts_to,
        run.after,
    ])?;
    Ok(changed == 1)
}

fn end(work: &Work<'_>, run: &Run) -> StoreResult<()> {
    let sql = "DELETE FROM roll_off_runs WHERE store = ?1 AND before = ?2 AND stage = ?3";
    work.connection.prepare_cached(sql)?.execute(params![run.store, run.before, run.stage.code()])?;
    Ok(())
}

/// Ends a step that another process did meanwhile: nothing of it is kept.
fn overtaken() -> StoreError {
    StoreError::Busy
}
