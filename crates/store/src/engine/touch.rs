//! Which conversions a visualization can touch: those of its person and of its session that happened at its time or
//! later, because it is among their candidates, in the window or not; and of earlier ones those that knew of no
//! visualization at all, because they now know of one that came too late. The latter are only there while the
//! person (or session) has no other visualization: with another one they know of that.

use crate::db::params;
use selektable_domain::opaque::{SessionId, UserId, VisitorId};
use selektable_domain::visualization::Visualization;

use super::work::{Touched, Work};
use crate::StoreResult;

/// Conversions of one owner from a time on.
macro_rules! conversions_of {
    ($owner:literal) => {
        concat!("SELECT number FROM conversions WHERE store = ?1 AND ", $owner, " = ?2 AND occurred_at >= ?3")
    };
}

/// Whether an owner has more than one visualization: that of the new one, and another.
macro_rules! has_others {
    ($owner:literal) => {
        concat!(
            "SELECT count(*) > 1 FROM (SELECT 1 FROM visualizations WHERE store = ?1 AND ",
            $owner,
            " = ?2 LIMIT 2) AS two"
        )
    };
}

/// Conversions that a visualization touches, which is in its table already; `user` is the person beside it.
pub(super) fn by_visualization(
    work: &Work<'_>,
    store: i64,
    shown: &Visualization,
    user: Option<&UserId>,
    touched: &mut Touched,
) -> StoreResult<()> {
    let at = shown.at.as_millis();
    match (user, &shown.visitor) {
        (Some(user), _) => of_user(work, store, user, at, touched)?,
        (None, Some(visitor)) => of_visitor(work, store, visitor, at, touched)?,
        (None, None) => {}
    }
    match &shown.session {
        Some(session) => of_session(work, store, session, at, touched),
        None => Ok(()),
    }
}

/// Conversions of a user from a time on.
pub(super) fn of_user_from(
    work: &Work<'_>,
    store: i64,
    user: &UserId,
    from: i64,
    touched: &mut Touched,
) -> StoreResult<()> {
    touched.add(work, conversions_of!("person"), params![store, user.as_str(), from])
}

fn of_user(work: &Work<'_>, store: i64, user: &UserId, at: i64, touched: &mut Touched) -> StoreResult<()> {
    let from = begin(work, has_others!("person"), store, user.as_str(), at)?;
    of_user_from(work, store, user, from, touched)
}

fn of_visitor(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    at: i64,
    touched: &mut Touched,
) -> StoreResult<()> {
    let from = begin(work, has_others!("visitor"), store, visitor.as_str(), at)?;
    of_visitor_from(work, store, visitor, from, touched)
}

/// Conversions of a visitor from a time on.
pub(super) fn of_visitor_from(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    from: i64,
    touched: &mut Touched,
) -> StoreResult<()> {
    touched.add(work, conversions_of!("visitor"), params![store, visitor.as_str(), from])
}

fn of_session(
    work: &Work<'_>,
    store: i64,
    session: &SessionId,
    at: i64,
    touched: &mut Touched,
) -> StoreResult<()> {
    let from = begin(work, has_others!("session"), store, session.as_str(), at)?;
    touched.add(work, conversions_of!("session"), params![store, session.as_str(), from])
}

fn begin(work: &Work<'_>, sql: &str, store: i64, owner: &str, at: i64) -> StoreResult<i64> {
    let others = work.connection.prepare_cached(sql)?.query_row(params![store, owner], |row| row.get(0))?;
    Ok(if others { at } else { i64::MIN })
}
