//! Which months' events are gone, and since which fact.

use crate::db::params;
use selektable_domain::time::{Month, Timestamp};

use super::rows::collect;
use super::seen_facts;
use super::work::Work;
use crate::StoreResult;

/// One roll-off of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RollOff {
    /// The fact that says so.
    pub fact: i64,
    /// The first month that was kept, as a number.
    pub before: i64,
}

/// A store's roll-offs.
pub(super) fn of_store(work: &Work<'_>, store: i64) -> StoreResult<Vec<RollOff>> {
    let sql = "SELECT fact, before FROM roll_offs WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| Ok(RollOff { fact: row.get(0)?, before: row.get(1)? }))
}

/// The first month of which a store's events are there; 0 when none is gone.
pub(super) fn first_kept(work: &Work<'_>, store: i64) -> StoreResult<i64> {
    let sql = "SELECT coalesce(max(before), 0) FROM roll_offs WHERE store = ?1";
    Ok(work.connection.prepare_cached(sql)?.query_row([store], |row| row.get(0))?)
}

/// The first instant of which a store's events are there, where some are gone.
pub(super) fn kept_from(work: &Work<'_>, store: i64) -> StoreResult<Option<Timestamp>> {
    match first_kept(work, store)? {
        0 => Ok(None),
        month => Ok(Some(seen_facts::month(month)?.begins())),
    }
}

/// Before which instant events were gone when an order came whose first fact has this number. What was rolled off
/// later had been looked at: of the visitors whom it proved it is kept that they were seen.
pub(super) fn gone_before(work: &Work<'_>, store: i64, number: i64) -> StoreResult<Option<Timestamp>> {
    let known = work.roll_offs(store)?;
    let before = known.iter().filter(|known| known.fact < number).map(|known| known.before).max();
    before.map(|before| Ok(seen_facts::month(before)?.begins())).transpose()
}

/// Applies the fact that events before a month are gone.
pub(super) fn apply(work: &Work<'_>, store: i64, fact: i64, before: Month) -> StoreResult<()> {
    let sql = "INSERT INTO roll_offs (store, fact, before) VALUES (?1, ?2, ?3)";
    work.connection.prepare_cached(sql)?.execute(params![store, fact, before.number()])?;
    work.forget_roll_offs();
    Ok(())
}
