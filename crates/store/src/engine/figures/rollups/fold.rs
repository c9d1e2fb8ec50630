//! What waits is added to the sums, some at a time, by the writer between other writes.

use std::collections::HashSet;

use crate::db::params;
use selektable_domain::report::rollup::Rollup;
use selektable_domain::time::Timestamp;

use super::super::super::rows::{Reading, collect, first};
use super::super::super::work::Work;
use super::super::sheets;
use super::changes::{Key, OF_NO_RULES};
use super::{build, recount, stored, visits};
use crate::StoreResult;

/// Changes taken at a time; the number stands in the text of the query.
const TAKEN: usize = 256;

/// A store of which something waits.
pub(in super::super::super) fn waiting(work: &Work<'_>) -> StoreResult<Option<i64>> {
    for table in ["rollup_changes", "unnoted_visits", "rollup_builds"] {
        let sql = format!("SELECT store FROM {table} LIMIT 1");
        let mut statement = work.connection.prepare_cached(&sql)?;
        if let Some(store) = first(statement.query(())?, |row| Ok(row.get::<i64>(0)?))? {
            return Ok(Some(store));
        }
    }
    Ok(None)
}

/// Folds and builds what waits of one store, as long as `goes_on` says so, which is told how many rows are folded; says
/// how many were.
pub(in super::super::super) fn fold_some(
    work: &Work<'_>,
    store: i64,
    goes_on: impl Fn(usize) -> bool,
) -> StoreResult<usize> {
    let mut done = 0;
    loop {
        let changes = fold_changes(work, store)?;
        let visits = visits::note_some(work, store)?;
        let full = changes == TAKEN || visits == visits::TAKEN;
        let nothing_left = !full && !build::build_some(work, store)? && changes == 0;
        done += changes + visits;
        if nothing_left || !goes_on(done) {
            return Ok(done);
        }
    }
}

/// Takes some changes out and adds them; says how many.
fn fold_changes(work: &Work<'_>, store: i64) -> StoreResult<usize> {
    let taken = take(work, store)?;
    if taken.is_empty() {
        return Ok(0);
    }
    let mut wanted: HashSet<i64> = recount::generations(work, store)?.into_iter().collect();
    wanted.insert(OF_NO_RULES);
    let built_to = build::figures_from(work, store)?.unwrap_or(selektable_domain::time::Range::ALL.to);
    let mut sums = stored::Sums::new();
    let count = taken.len();
    let marks = taken.iter().filter(|(key, _)| key.whose.is_none() && wanted.contains(&key.generation));
    sheets::want_changed(work, store, marks.map(|(key, _)| (key.generation, key.at)))?;
    // Sums of a set that was given up would stay for ever.
    for (key, change) in taken.into_iter().filter(|(key, _)| wanted.contains(&key.generation)) {
        if key.at < built_to {
            stored::add_everywhere(&mut sums, key, &change);
        }
    }
    stored::add(work, sums)?;
    Ok(count)
}

/// One statement takes them out and tells them, so that nothing another writer adds meanwhile is lost or counted twice.
fn take(work: &Work<'_>, store: i64) -> StoreResult<Vec<(Key, Rollup)>> {
    let sql = "DELETE FROM rollup_changes WHERE store = ?1 AND number IN \
               (SELECT c.number FROM rollup_changes c WHERE c.store = ?1 LIMIT 256) \
               RETURNING at, generation, widget, sums";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store])?, |row| {
        let row = Reading::new(row, "rollup_changes", 0);
        let at: Timestamp = row.time(0)?;
        let key = Key { store, generation: row.get(1)?, whose: stored::read_whose(row, 2)?, at };
        Ok((key, stored::read_sums(row, 3)?))
    })
}
