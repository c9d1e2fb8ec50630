//! The one way from a fact to the derived tables, live and in a recomputation.

use rusqlite::params;
use selektable_domain::identity::{Link, Person, person_at};
use selektable_domain::opaque::{SessionId, VisitorId};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::Visualization;

use super::conversions::{self, Head};
use super::decisions::{self, Decided};
use super::links::{self, SaidLink};
use super::work::{Touched, Work};
use crate::StoreResult;
use crate::body::{EventFact, VisualizationFact, write_products};
use crate::ingest::EventKind;

/// Conversions of one visitor or session that a visualization can touch; see [`touch_by_visualization`].
macro_rules! touched_sql {
    ($owner:literal) => {
        concat!(
            "SELECT number FROM conversions WHERE store = ?1 AND ",
            $owner,
            " = ?2 AND (occurred_at BETWEEN ?3 AND ?4 OR (kind = 'none' ",
            "AND (occurred_at > ?4 OR reason NOT IN ('out_of_window', 'only_after_order'))))"
        )
    };
}

/// Applies an order's snapshot that was admitted: writes the conversion, its link and its own decision.
pub(super) fn order(
    work: &Work<'_>,
    store: i64,
    before: Option<&Head>,
    after: &Head,
    touched: &mut Touched,
) -> StoreResult<Decided> {
    let (link_before, link_after) = (before.and_then(Head::link), after.link());
    if link_before != link_after {
        if let Some(said) = &link_before {
            links::remove(work, store, said, touched)?;
        }
        if let Some(said) = &link_after {
            links::add(work, store, said, touched)?;
        }
    }
    let decided = decisions::decide_order(work, store, after)?;
    if before.is_some() {
        conversions::update(work, after)?;
        decisions::replace(work, store, after.number, &decided.row)?;
    } else {
        conversions::insert(work, store, after, &decided.row)?;
        decisions::insert_credits(work, store, after.number, &decided.row.credits)?;
    }
    Ok(decided)
}

/// Applies a visualization.
pub(super) fn visualization(
    work: &Work<'_>,
    store: i64,
    number: i64,
    received_at: Timestamp,
    fact: &VisualizationFact,
    touched: &mut Touched,
) -> StoreResult<()> {
    let shown = &fact.visualization;
    let sql = "INSERT INTO visualizations (number, store, id, widget, visitor, session, at, products, renderer, \
               received_at, sample) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    work.connection.prepare_cached(sql)?.execute(params![
        number,
        store,
        shown.id.as_str(),
        shown.widget.as_bytes(),
        shown.visitor.as_ref().map(VisitorId::as_str),
        shown.session.as_ref().map(SessionId::as_str),
        shown.at.as_millis(),
        write_products(&shown.products),
        fact.renderer,
        received_at.as_millis(),
        fact.sample,
    ])?;
    see_products(work, store, shown)?;
    if let Some(visitor) = &shown.visitor {
        see_visitor(work, store, visitor, shown.at, touched)?;
    }
    touch_by_visualization(work, store, shown, touched)
}

/// Applies an event; `number` is its fact's.
pub(super) fn event(
    work: &Work<'_>,
    store: i64,
    number: i64,
    fact: &EventFact,
    touched: &mut Touched,
) -> StoreResult<()> {
    see_visitor(work, store, &fact.visitor, fact.event.at, touched)?;
    match &fact.event.kind {
        EventKind::Seen { .. } => Ok(()),
        EventKind::Identify { user, .. } => {
            let link = Link { at: fact.event.at, user: user.clone(), visitor: fact.visitor.clone() };
            links::add(work, store, &SaidLink { link, origin: number }, touched)
        }
    }
}

fn see_products(work: &Work<'_>, store: i64, shown: &Visualization) -> StoreResult<()> {
    let sql = "INSERT INTO products_seen (store, product) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut statement = work.connection.prepare_cached(sql)?;
    for product in shown.products.iter().flat_map(|shown| [&shown.product].into_iter().chain(&shown.variants))
    {
        statement.execute(params![store, product.as_str()])?;
    }
    Ok(())
}

/// Keeps when a visitor was first seen. The first sight changes the reason of the visitor's orders that had none to
/// go by.
fn see_visitor(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    at: Timestamp,
    touched: &mut Touched,
) -> StoreResult<()> {
    let sql = "SELECT first_seen FROM visitors WHERE store = ?1 AND visitor = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let known: Option<i64> =
        super::rows::first(statement.query(params![store, visitor.as_str()])?, |row| Ok(row.get(0)?))?;
    if known.is_some_and(|known| known <= at.as_millis()) {
        return Ok(());
    }
    let sql = "INSERT INTO visitors (store, visitor, first_seen) VALUES (?1, ?2, ?3) \
               ON CONFLICT DO UPDATE SET first_seen = excluded.first_seen";
    work.connection.prepare_cached(sql)?.execute(params![store, visitor.as_str(), at.as_millis()])?;
    if known.is_some() {
        return Ok(());
    }
    let sql =
        "SELECT number FROM conversions WHERE store = ?1 AND visitor = ?2 AND reason = 'visitor_never_seen'";
    touched.add(work, sql, params![store, visitor.as_str()])
}

/// A visualization can be credited to conversions in the window after it; besides it can only change the reason of
/// unattributed ones: of later ones (by how much the window was missed), and of earlier ones that knew of none.
fn touch_by_visualization(
    work: &Work<'_>,
    store: i64,
    shown: &Visualization,
    touched: &mut Touched,
) -> StoreResult<()> {
    if touched.is_ignored() {
        return Ok(());
    }
    let from = shown.at.as_millis();
    let to = from.saturating_add(work.rules(store)?.window.as_millis());
    if let Some(session) = &shown.session {
        let sql = touched_sql!("session");
        touched.add(work, sql, params![store, session.as_str(), from, to])?;
    }
    let Some(visitor) = &shown.visitor else { return Ok(()) };
    let mut people = vec![visitor.clone()];
    let known = links::of_visitor(work, store, visitor)?;
    if let Person::User(user) = person_at(visitor, shown.at, &known) {
        people.extend(links::visitors_of(work, store, &user)?.into_iter().filter(|other| other != visitor));
    }
    for visitor in people {
        touched.add(work, touched_sql!("visitor"), params![store, visitor.as_str(), from, to])?;
    }
    Ok(())
}
