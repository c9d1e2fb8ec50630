//! Everything decided again from the facts and compared with what is stored, on several threads that see one state,
//! writing nothing and holding no more of the history than a row at a time.
//!
//! Facts are read once, in ranges of their numbers. A row that is made of one fact is compared with it; an order's
//! facts are folded and decided again; what facts say of tables that are sets of rows is summed up, and so is what
//! is stored of them. Only when sums differ are these tables made once more aside, to name the rows.

mod decided;
mod facts;
mod found;
mod people;
mod seen;
mod stored;
mod stored_sets;
mod sums;
mod totals;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::db::Connection;

use super::compare::compare_table;
use super::database::Database;
use super::figures::{rollups, sheets};
use super::replay::{DERIVED, replay};
use super::same_state::{self, threads};
use super::work::Work;
use super::{roll_offs, seen_facts};
use crate::maintain::{CheckReport, Progress};
use crate::{StoreError, StoreResult};
use facts::{Part, Pass};
pub(super) use found::Found;
use found::Table;
use seen::Seen;
use stored_sets::StoredSet;
use sums::Sets;

/// Numbers of facts in one piece of work.
const RANGE: i64 = 20_000;
/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything.
    Everything,
    /// Everything but decisions.
    WithoutDecisions,
}

/// A piece of work that any thread may do.
#[derive(Clone, Copy, Debug)]
enum Task {
    Visitors,
    People,
    Stored(StoredSet),
    Sums,
    Sheets,
    Facts { from: i64, to: i64 },
    Seen { store: i64, month: i64 },
}

/// What the threads share.
struct Shared<'a> {
    tasks: Mutex<std::vec::IntoIter<Task>>,
    seen: Seen,
    extent: Extent,
    progress: &'a Progress,
    done: AtomicU64,
    about: u64,
    failed: AtomicBool,
}

/// Compares a database file's stored state with what its facts give.
pub(super) fn check(database: &Database, progress: &Progress) -> StoreResult<CheckReport> {
    compare(database, Extent::Everything, progress).map(Found::report)
}

/// The same, to a given extent.
pub(super) fn compare(database: &Database, extent: Extent, progress: &Progress) -> StoreResult<Found> {
    let connections = same_state::readers(database, threads())?;
    let Some(first) = connections.first() else { return Ok(Found::default()) };
    let last: i64 = first.query_row("SELECT coalesce(max(seq), 0) FROM facts", (), |row| row.get(0))?;
    let shared = Shared {
        tasks: Mutex::new(tasks(last, months(&Work::new(first))?).into_iter()),
        seen: Seen::new()?,
        extent,
        progress,
        done: AtomicU64::new(0),
        about: u64::try_from(last).unwrap_or(0),
        failed: AtomicBool::new(false),
    };
    let mut connections = connections;
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> = connections
            .iter_mut()
            .map(|connection| {
                let shared = &shared;
                scope.spawn(move || run(connection, shared))
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(panicked())))
            .collect::<Vec<_>>()
    });
    let mut whole = Whole::default();
    for part in parts {
        whole.join(part?);
    }
    let Some(first) = connections.first() else { return Ok(Found::default()) };
    finish(&Work::new(first), whole, &shared)
}

fn panicked() -> StoreError {
    StoreError::Unavailable("a thread of the check panicked: see the log".to_owned())
}

/// The months of events that count.
fn months(work: &Work<'_>) -> StoreResult<Vec<Task>> {
    let mut tasks = Vec::new();
    for store in seen_facts::stores(work)? {
        let first_kept = roll_offs::first_kept(work, store)?;
        let months = seen_facts::months(work, store)?.into_iter().filter(|month| *month >= first_kept);
        tasks.extend(months.map(|month| Task::Seen { store, month }));
    }
    Ok(tasks)
}

/// Pieces that can't be divided come first, so that threads end together.
fn tasks(last: i64, months: Vec<Task>) -> Vec<Task> {
    let mut tasks = vec![
        Task::Visitors,
        Task::Stored(StoredSet::Shown),
        Task::People,
        Task::Stored(StoredSet::Ordered),
        Task::Stored(StoredSet::Links),
        Task::Stored(StoredSet::Products),
        Task::Stored(StoredSet::Claims),
        Task::Sums,
        Task::Sheets,
    ];
    tasks.extend(months);
    let mut from = i64::MIN;
    let mut to = RANGE;
    while from <= last {
        tasks.push(Task::Facts { from, to });
        (from, to) = (to, to.saturating_add(RANGE));
    }
    tasks
}

/// What one thread, or all of them, found.
#[derive(Default)]
struct Whole {
    part: Part,
    stored: Sets,
}

impl Whole {
    fn join(&mut self, other: Self) {
        self.part.join(other.part);
        self.stored.join(other.stored);
    }
}

fn run(connection: &mut Connection, shared: &Shared<'_>) -> StoreResult<Whole> {
    let work = Work::new(connection);
    let done = run_tasks(&work, shared);
    if done.is_err() {
        shared.failed.store(true, Ordering::Relaxed);
    }
    done
}

fn run_tasks(work: &Work<'_>, shared: &Shared<'_>) -> StoreResult<Whole> {
    let mut pass = Pass::new(work, &shared.seen, shared.extent)?;
    let mut stored = Sets::default();
    while !shared.failed.load(Ordering::Relaxed) {
        let next = shared.tasks.lock().unwrap_or_else(PoisonError::into_inner).next();
        match next {
            None => break,
            Some(Task::Visitors) => shared.seen.visitors(work)?,
            Some(Task::People) => pass.part.found.join(people::compare(work)?),
            Some(Task::Sums) => {
                let mut differs = |words| pass.part.found.add(Table::Rollups, 0, || words);
                match rollups::check::compare(work, &mut differs) {
                    Err(fault @ StoreError::Inconsistent { .. }) => differs(fault.to_string()),
                    compared => compared?,
                }
            }
            Some(Task::Sheets) => {
                let mut differs = |words| pass.part.found.add(Table::Sheets, 0, || words);
                match sheets::check::compare(work, &mut differs) {
                    Err(fault @ StoreError::Inconsistent { .. }) => differs(fault.to_string()),
                    compared => compared?,
                }
            }
            Some(Task::Stored(set)) => stored.join(set.read(work)?),
            Some(Task::Facts { from, to }) => tell(shared, &mut pass, |pass| pass.range(from, to))?,
            Some(Task::Seen { store, month }) => tell(shared, &mut pass, |pass| pass.month(store, month))?,
        }
    }
    Ok(Whole { part: pass.part, stored })
}

/// Goes through facts, and says how many they were.
fn tell<'w, 'c>(
    shared: &Shared<'_>,
    pass: &mut Pass<'w, 'c>,
    read: impl FnOnce(&mut Pass<'w, 'c>) -> StoreResult<()>,
) -> StoreResult<()> {
    let before = pass.part.found.facts;
    read(pass)?;
    let done = pass.part.found.facts - before;
    let done = shared.done.fetch_add(done, Ordering::Relaxed) + done;
    (shared.progress)(done, shared.about.max(done));
    Ok(())
}

/// Compares the sums, and counts what nobody asked for.
fn finish(work: &Work<'_>, whole: Whole, shared: &Shared<'_>) -> StoreResult<Found> {
    let Whole { mut part, stored } = whole;
    part.sets.forget_nothing_said();
    totals::compare(work, &mut part, shared.extent)?;
    if part.sets != stored || !shared.seen.holds()? {
        name_rows(work, &mut part.found)?;
    }
    (shared.progress)(part.found.facts, part.found.facts);
    Ok(part.found)
}

/// Makes the tables again aside, and compares them row by row.
fn name_rows(work: &Work<'_>, found: &mut Found) -> StoreResult<()> {
    let untold: Progress = Box::new(|_, _| {});
    if let Err(fault) = replay(work, &untold) {
        let words =
            || format!("tables made of facts differ, and can't be made again to be compared: {fault}");
        found.add(Table::Facts, 0, words);
        return Ok(());
    }
    for table in Table::SETS {
        let mut report = CheckReport::default();
        for derived in DERIVED.iter().filter(|derived| derived.table == table.name()) {
            compare_table(work, derived, &mut report)?;
        }
        found.whole(table, report);
    }
    Ok(())
}
