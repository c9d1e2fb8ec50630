//! Who was whom: links of visitors to users, and the conversions a changed link can touch.
//!
//! A link says who its visitor is from its time to the visitor's next link (the first one: also before it). So a new
//! or removed link changes the person of one visitor in one interval, from one user to another, and touches
//! conversions of that visitor in the interval, and, if the visitor visualized something in it, those of everybody
//! who is the one user or the other.

use rusqlite::params;
use selektable_domain::identity::Link;
use selektable_domain::opaque::{UserId, VisitorId};
use selektable_domain::time::Timestamp;

use super::rows::{Reading, collect, first};
use super::work::{Touched, Work};
use crate::StoreResult;

/// Most visitors that one user id joins into one person. An id with more (a shop that sends one id for every guest)
/// joins nobody: each of its visitors counts alone. Without a bound one such id would make every order read the
/// whole store.
pub(super) const PERSON_VISITORS_MAX: usize = 1_000;

/// A link with what said it: the number of a fact or of a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SaidLink {
    /// The link.
    pub link: Link,
    /// What said it.
    pub origin: i64,
}

/// A visitor's links.
pub(super) fn of_visitor(work: &Work<'_>, store: i64, visitor: &VisitorId) -> StoreResult<Vec<Link>> {
    let sql = "SELECT at, user FROM identity_links WHERE store = ?1 AND visitor = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, visitor.as_str()])?, |row| {
        let row = Reading::new(row, "identity_links", 1);
        Ok(Link { at: row.time(0)?, user: row.opaque(1, UserId::parse)?, visitor: visitor.clone() })
    })
}

/// The visitors a user joins into one person; none when they are more than [`PERSON_VISITORS_MAX`].
pub(super) fn visitors_of(work: &Work<'_>, store: i64, user: &UserId) -> StoreResult<Vec<VisitorId>> {
    let mut found = first_visitors_of(work, store, user)?;
    if found.len() > PERSON_VISITORS_MAX {
        found.clear();
    }
    Ok(found)
}

/// Enough of a user's visitors to see whether they are too many, and whether they just became it. (The number stands
/// in the text: as a parameter it would make SQLite plan the query again on every use.)
fn first_visitors_of(work: &Work<'_>, store: i64, user: &UserId) -> StoreResult<Vec<VisitorId>> {
    let sql = "SELECT DISTINCT visitor FROM identity_links WHERE store = ?1 AND user = ?2 LIMIT 1002";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, user.as_str()])?, |row| {
        Reading::new(row, "identity_links", 0).opaque(0, VisitorId::parse)
    })
}

/// Adds a link.
pub(super) fn add(work: &Work<'_>, store: i64, said: &SaidLink, touched: &mut Touched) -> StoreResult<()> {
    let sql = "INSERT INTO identity_links (store, visitor, at, user, origin) VALUES (?1, ?2, ?3, ?4, ?5)";
    let link = &said.link;
    let (visitor, at, user) = (link.visitor.as_str(), link.at.as_millis(), link.user.as_str());
    work.connection.prepare_cached(sql)?.execute(params![store, visitor, at, user, said.origin])?;
    touch(work, store, said, Change::Added, touched)
}

/// Removes a link that is not said any more.
pub(super) fn remove(work: &Work<'_>, store: i64, said: &SaidLink, touched: &mut Touched) -> StoreResult<()> {
    let sql = "DELETE FROM identity_links \
               WHERE store = ?1 AND visitor = ?2 AND at = ?3 AND user = ?4 AND origin = ?5";
    let link = &said.link;
    let (visitor, at, user) = (link.visitor.as_str(), link.at.as_millis(), link.user.as_str());
    work.connection.prepare_cached(sql)?.execute(params![store, visitor, at, user, said.origin])?;
    touch(work, store, said, Change::Removed, touched)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
}

fn touch(
    work: &Work<'_>,
    store: i64,
    said: &SaidLink,
    change: Change,
    touched: &mut Touched,
) -> StoreResult<()> {
    let link = &said.link;
    if touched.is_ignored() || is_said_elsewhere(work, store, said)? {
        return Ok(());
    }
    touch_crowd(work, store, said, change, touched)?;
    let before = neighbour(work, store, link, Side::Before)?;
    let after = neighbour(work, store, link, Side::After)?;
    let from = before.as_ref().map_or(i64::MIN, |_| link.at.as_millis());
    let to = after.as_ref().map_or(i64::MAX, |(at, _)| at.as_millis());
    let other = before.or(after).map(|(_, user)| user);
    if other.as_ref() == Some(&link.user) {
        return Ok(());
    }
    let own = "SELECT number FROM conversions \
               WHERE store = ?1 AND visitor = ?2 AND occurred_at >= ?3 AND occurred_at < ?4";
    touched.add(work, own, params![store, link.visitor.as_str(), from, to])?;
    if visualized_between(work, store, &link.visitor, from, to)? {
        let until = to.saturating_add(work.rules(store)?.window.as_millis());
        let mut people = vec![link.visitor.clone()];
        people.extend(visitors_of(work, store, &link.user)?);
        if let Some(other) = &other {
            people.extend(visitors_of(work, store, other)?);
        }
        for visitor in people {
            let sql = "SELECT number FROM conversions WHERE store = ?1 AND visitor = ?2 \
                       AND (occurred_at BETWEEN ?3 AND ?4 OR kind = 'none')";
            touched.add(work, sql, params![store, visitor.as_str(), from, until])?;
        }
    }
    Ok(())
}

fn is_said_elsewhere(work: &Work<'_>, store: i64, said: &SaidLink) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM identity_links \
               WHERE store = ?1 AND visitor = ?2 AND at = ?3 AND user = ?4 AND origin <> ?5)";
    let link = &said.link;
    let (visitor, at, user) = (link.visitor.as_str(), link.at.as_millis(), link.user.as_str());
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![store, visitor, at, user, said.origin], |row| row.get(0))?)
}

/// A user who passes [`PERSON_VISITORS_MAX`], either way, changes who belongs to everybody of theirs.
fn touch_crowd(
    work: &Work<'_>,
    store: i64,
    said: &SaidLink,
    change: Change,
    touched: &mut Touched,
) -> StoreResult<()> {
    let link = &said.link;
    let crowd = first_visitors_of(work, store, &link.user)?;
    let passed = match change {
        Change::Added => crowd.len() == PERSON_VISITORS_MAX + 1,
        Change::Removed => crowd.len() == PERSON_VISITORS_MAX && !crowd.contains(&link.visitor),
    };
    if passed {
        for visitor in crowd.iter().chain([&link.visitor]) {
            let sql = "SELECT number FROM conversions WHERE store = ?1 AND visitor = ?2";
            touched.add(work, sql, params![store, visitor.as_str()])?;
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

/// The visitor's link next to this one, in order of time and user.
fn neighbour(
    work: &Work<'_>,
    store: i64,
    link: &Link,
    side: Side,
) -> StoreResult<Option<(Timestamp, UserId)>> {
    let sql = match side {
        Side::Before => {
            "SELECT at, user FROM identity_links WHERE store = ?1 AND visitor = ?2 AND (at, user) < (?3, ?4) \
             ORDER BY at DESC, user DESC LIMIT 1"
        }
        Side::After => {
            "SELECT at, user FROM identity_links WHERE store = ?1 AND visitor = ?2 AND (at, user) > (?3, ?4) \
             ORDER BY at, user LIMIT 1"
        }
    };
    let mut statement = work.connection.prepare_cached(sql)?;
    let parameters = params![store, link.visitor.as_str(), link.at.as_millis(), link.user.as_str()];
    first(statement.query(parameters)?, |row| {
        let row = Reading::new(row, "identity_links", 1);
        Ok((row.time(0)?, row.opaque(1, UserId::parse)?))
    })
}

fn visualized_between(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    from: i64,
    to: i64,
) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM visualizations \
               WHERE store = ?1 AND visitor = ?2 AND at >= ?3 AND at < ?4)";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![store, visitor.as_str(), from, to], |row| row.get(0))?)
}
