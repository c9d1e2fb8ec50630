//! Who was there. A row holds what proves it, as far as that decides what becomes of the row: whether a fact does that
//! stays, and the latest month with an event, which may be rolled off.

use crate::db::{Keyed, params};
use selektable_domain::opaque::VisitorId;

use super::rows::first;
use super::work::{Touched, Work};
use crate::StoreResult;

/// What proves that a visitor was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// A fact that is never rolled off: a visualization, a login, a claim, or one that says just this.
    pub stays: bool,
    /// The latest month with an event that only proves this; 0 for none.
    pub month: i64,
}

impl Sight {
    /// By a fact that stays.
    pub(super) const STAYS: Self = Self { stays: true, month: 0 };

    /// By an event of a month.
    pub(super) const fn in_month(month: i64) -> Self {
        Self { stays: false, month }
    }

    /// Both.
    #[must_use]
    pub(super) fn join(self, other: Self) -> Self {
        Self { stays: self.stays || other.stays, month: self.month.max(other.month) }
    }

    /// Whether it proves anything where events are there from a month on.
    pub(super) const fn counts(self, first_kept: i64) -> bool {
        self.stays || (self.month > 0 && self.month >= first_kept)
    }

    fn holds(self, other: Self) -> bool {
        self.join(other) == self
    }
}

/// Whether a visitor was ever seen, as far as is known.
pub(super) const VISITOR_SEEN: Keyed = Keyed {
    sql: "SELECT EXISTS (SELECT 1 FROM visitors WHERE store = ?1 AND visitor = ?2 AND (stays = 1 OR seen_month >= \
          coalesce((SELECT max(before) FROM roll_offs WHERE store = ?1), 0)))",
    keys: &[],
};

/// Whether the store ever saw a visitor: an event or a visualization, not merely an order that names it.
pub(super) fn was_seen(work: &Work<'_>, store: i64, visitor: &VisitorId) -> StoreResult<bool> {
    let mut statement = work.connection.prepare_keyed(VISITOR_SEEN)?;
    Ok(statement.query_row(params![store, visitor.as_str()], |row| row.get(0))?)
}

/// Whether the store ever saw anybody.
pub(super) fn any(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM visitors WHERE store = ?1)";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![store], |row| row.get(0))?)
}

/// What proves that a visitor was there, and the first month of which events are.
pub(super) fn look(work: &Work<'_>, store: i64, visitor: &VisitorId) -> StoreResult<Option<(Sight, i64)>> {
    let sql = "SELECT stays, seen_month, coalesce((SELECT max(before) FROM roll_offs WHERE store = ?1), 0) \
               FROM visitors WHERE store = ?1 AND visitor = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![store, visitor.as_str()])?, |row| {
        Ok((Sight { stays: row.get(0)?, month: row.get(1)? }, row.get(2)?))
    })
}

/// Adds what proves that a visitor was there. Whether it was seen at all is evidence for its orders.
pub(super) fn see(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    sight: Sight,
    touched: &mut Touched,
) -> StoreResult<()> {
    let known = look(work, store, visitor)?;
    if known.is_some_and(|(known, _)| known.holds(sight)) {
        return Ok(());
    }
    let (before, first_kept) = known.unwrap_or_default();
    write(work, store, visitor, before.join(sight))?;
    if before.counts(first_kept) {
        return Ok(());
    }
    let sql = "SELECT number FROM conversions WHERE store = ?1 AND visitor = ?2";
    touched.add(work, sql, params![store, visitor.as_str()])
}

/// Writes a visitor's row.
pub(super) fn write(work: &Work<'_>, store: i64, visitor: &VisitorId, sight: Sight) -> StoreResult<()> {
    let sql = "INSERT INTO visitors (store, visitor, stays, seen_month) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (store, visitor) DO UPDATE SET stays = excluded.stays, seen_month = excluded.seen_month";
    let row = params![store, visitor.as_str(), sight.stays, sight.month];
    work.connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}
