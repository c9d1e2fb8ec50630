//! Who was behind a visitor when: links of visitors to users, the person written beside visualizations and
//! conversions, and the conversions that a changed link can touch.
//!
//! A link says who its visitor is from its time to the visitor's next link (the first one: also before it). So a new
//! or removed link changes the person of one visitor in one interval, from one user to another. The person is kept
//! beside every visualization and conversion, so that a user's are found by one index however many browsers the user
//! has, and a changed link rewrites only what its own visitor did in the interval.

use std::collections::BTreeSet;

use crate::db::{Keyed, params};
use selektable_domain::identity::{Link, Person, person_at};
use selektable_domain::opaque::{UserId, VisitorId};
use selektable_domain::time::Timestamp;

use super::rows::{Reading, collect};
use super::touch;
use super::work::{Touched, Work};
use crate::StoreResult;

/// A link with what said it: the number of a fact or of a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SaidLink {
    /// The link.
    pub link: Link,
    /// What said it.
    pub origin: i64,
}

/// What links a visitor has.
pub(super) const LINKS: Keyed = Keyed {
    sql: "SELECT at, user FROM identity_links WHERE store = ?1 AND visitor = ?2",
    keys: &[("links", 2)],
};

/// A visitor's links.
pub(super) fn links_of(work: &Work<'_>, store: i64, visitor: &VisitorId) -> StoreResult<Vec<Link>> {
    let mut statement = work.connection.prepare_keyed(LINKS)?;
    collect(statement.query(params![store, visitor.as_str()])?, |row| {
        let row = Reading::new(row, "identity_links", 1);
        Ok(Link { at: row.time(0)?, user: row.opaque(1, UserId::parse)?, visitor: visitor.clone() })
    })
}

/// The user a visitor was at a time; `None` for a visitor nobody ever logged in on.
pub(super) fn user_at(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    at: Timestamp,
) -> StoreResult<Option<UserId>> {
    match person_at(visitor, at, &links_of(work, store, visitor)?) {
        Person::User(user) => Ok(Some(user)),
        Person::Visitor(_) => Ok(None),
    }
}

/// Adds a link.
pub(super) fn add(work: &Work<'_>, store: i64, said: &SaidLink, touched: &mut Touched) -> StoreResult<()> {
    let Link { visitor, at, user } = &said.link;
    let others = links_of(work, store, visitor)?;
    let sql = "INSERT INTO identity_links (store, visitor, at, user, origin) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = params![store, visitor.as_str(), at.as_millis(), user.as_str(), said.origin];
    work.connection.insert(Keyed { sql, keys: &[("links", 2)] }, row)?;
    if others.contains(&said.link) {
        return Ok(());
    }
    change_person(work, store, (&said.link, &others), Change::Added, touched)
}

/// Removes a link that is not said any more.
pub(super) fn remove(work: &Work<'_>, store: i64, said: &SaidLink, touched: &mut Touched) -> StoreResult<()> {
    let sql = "DELETE FROM identity_links \
               WHERE store = ?1 AND visitor = ?2 AND at = ?3 AND user = ?4 AND origin = ?5";
    let Link { visitor, at, user } = &said.link;
    let row = params![store, visitor.as_str(), at.as_millis(), user.as_str(), said.origin];
    work.connection.prepare_cached(sql)?.execute(row)?;
    let others = links_of(work, store, visitor)?;
    if others.contains(&said.link) {
        return Ok(());
    }
    change_person(work, store, (&said.link, &others), Change::Removed, touched)
}

/// Finds the person beside everything that a visitor did again, after links were rewritten otherwise than by a fact,
/// and touches the conversions of the visitor and of everybody who logged in on it.
pub(super) fn settle(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    touched: &mut Touched,
) -> StoreResult<()> {
    let links = links_of(work, store, visitor)?;
    let tables = [
        (
            "SELECT number, at, person FROM visualizations WHERE store = ?1 AND visitor = ?2",
            "UPDATE visualizations SET person = ?2 WHERE number = ?1 AND +store = ?3",
        ),
        (
            "SELECT number, occurred_at, person FROM conversions WHERE store = ?1 AND visitor = ?2",
            "UPDATE conversions SET person = ?2 WHERE number = ?1 AND +store = ?3",
        ),
    ];
    for (select, update) in tables {
        let mut statement = work.connection.prepare_cached(select)?;
        let rows: Vec<(i64, i64, Option<String>)> =
            collect(statement.query(params![store, visitor.as_str()])?, |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        for (number, at, was) in rows {
            let is = match person_at(visitor, Timestamp::from_millis(at), &links) {
                Person::User(user) => Some(user.to_string()),
                Person::Visitor(_) => None,
            };
            if was != is {
                work.connection.prepare_cached(update)?.execute(params![number, is, store])?;
            }
        }
    }
    touch::of_visitor_from(work, store, visitor, i64::MIN, touched)?;
    let users: BTreeSet<UserId> = links.into_iter().map(|link| link.user).collect();
    users.iter().try_for_each(|user| touch::of_user_from(work, store, user, i64::MIN, touched))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
}

/// One visitor in one interval, half open; the ends of time stand for no end.
struct Stretch<'a> {
    store: i64,
    visitor: &'a VisitorId,
    from: i64,
    to: i64,
}

fn change_person(
    work: &Work<'_>,
    store: i64,
    (link, others): (&Link, &[Link]),
    change: Change,
    touched: &mut Touched,
) -> StoreResult<()> {
    let name = |link: &Link| (link.at, link.user.clone());
    let this = name(link);
    let before = others.iter().map(name).filter(|other| *other < this).max();
    let after = others.iter().map(name).filter(|other| *other > this).min();
    let stretch = Stretch {
        store,
        visitor: &link.visitor,
        from: before.as_ref().map_or(i64::MIN, |_| link.at.as_millis()),
        to: after.as_ref().map_or(i64::MAX, |(at, _)| at.as_millis()),
    };
    let other = before.or(after).map(|(_, user)| user);
    let own = Some(&link.user);
    let (was, is) = match change {
        Change::Added => (other.as_ref(), own),
        Change::Removed => (own, other.as_ref()),
    };
    if was == is || stretch.from >= stretch.to {
        return Ok(());
    }
    let moved = move_visualizations(work, &stretch, is)?;
    move_conversions(work, &stretch, is, touched)?;
    let Some(earliest) = moved else { return Ok(()) };
    for user in [was, is].into_iter().flatten() {
        let from = if has_others(work, &stretch, user)? { earliest } else { i64::MIN };
        touch::of_user_from(work, store, user, from, touched)?;
    }
    Ok(())
}

/// Whether a user has visualizations besides those of the stretch.
fn has_others(work: &Work<'_>, stretch: &Stretch<'_>, user: &UserId) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM visualizations WHERE store = ?1 AND person = ?2 \
               AND NOT (visitor = ?3 AND at >= ?4 AND at < ?5))";
    let mut statement = work.connection.prepare_cached(sql)?;
    let visitor = stretch.visitor.as_str();
    let row = params![stretch.store, user.as_str(), visitor, stretch.from, stretch.to];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Whether a visitor made any visualization.
pub(super) const HAS_VISUALIZED: Keyed = Keyed {
    sql: "SELECT EXISTS (SELECT 1 FROM visualizations WHERE store = ?1 AND visitor = ?2)",
    keys: &[],
};
/// Whether a visitor placed any order.
pub(super) const HAS_ORDERED: Keyed = Keyed {
    sql: "SELECT EXISTS (SELECT 1 FROM conversions WHERE store = ?1 AND visitor = ?2)",
    keys: &[("conversions_of", 2)],
};

fn has_any(work: &Work<'_>, question: Keyed, stretch: &Stretch<'_>) -> StoreResult<bool> {
    let mut statement = work.connection.prepare_keyed(question)?;
    Ok(statement.query_row(params![stretch.store, stretch.visitor.as_str()], |row| row.get(0))?)
}

/// Answers the time of the earliest one.
fn move_visualizations(
    work: &Work<'_>,
    stretch: &Stretch<'_>,
    user: Option<&UserId>,
) -> StoreResult<Option<i64>> {
    if !has_any(work, HAS_VISUALIZED, stretch)? {
        return Ok(None);
    }
    let sql = "SELECT min(at) FROM visualizations WHERE store = ?1 AND visitor = ?2 AND at >= ?3 AND at < ?4";
    let place = params![stretch.store, stretch.visitor.as_str(), stretch.from, stretch.to];
    let earliest: Option<i64> = work.connection.prepare_cached(sql)?.query_row(place, |row| row.get(0))?;
    if earliest.is_some() {
        let sql = "UPDATE visualizations SET person = ?5 WHERE store = ?1 AND visitor = ?2 AND at >= ?3 AND at < ?4";
        let (visitor, user) = (stretch.visitor.as_str(), user.map(UserId::as_str));
        work.connection.prepare_cached(sql)?.execute(params![
            stretch.store,
            visitor,
            stretch.from,
            stretch.to,
            user
        ])?;
    }
    Ok(earliest)
}

fn move_conversions(
    work: &Work<'_>,
    stretch: &Stretch<'_>,
    user: Option<&UserId>,
    touched: &mut Touched,
) -> StoreResult<()> {
    if !has_any(work, HAS_ORDERED, stretch)? {
        return Ok(());
    }
    let sql = "UPDATE conversions SET person = ?5 \
               WHERE store = ?1 AND visitor = ?2 AND occurred_at >= ?3 AND occurred_at < ?4 RETURNING number";
    let (visitor, user) = (stretch.visitor.as_str(), user.map(UserId::as_str));
    touched.add(work, sql, params![stretch.store, visitor, stretch.from, stretch.to, user])
}
