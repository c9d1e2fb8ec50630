//! The one way from a fact to the derived tables, live and when they are made again.

use crate::db::params;
use selektable_domain::identity::Link;
use selektable_domain::ledger::LedgerCause;
use selektable_domain::opaque::{SessionId, UserId, VisitorId};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::Visualization;

use super::conversions::{self, Head};
use super::decisions::{self, Decided};
use super::figures::rollups;
use super::ledger::{self, Told};
use super::people::{self, SaidLink};
use super::visitors::{self, Sight};
use super::work::{Touched, Work};
use super::{aliases, claims, generations, notes, redecide, touch};
use crate::StoreResult;
use crate::body::{AliasFact, EventFact, VisualizationFact, write_products};
use crate::ingest::EventKind;

/// Applies an order's snapshot that was admitted: writes the conversion, what it says of people and products, and
/// its decision, and decides again what that touched. Finds the person of `after`.
pub(super) fn order(
    work: &Work<'_>,
    store: i64,
    before: Option<&Head>,
    after: &mut Head,
    received_at: Timestamp,
) -> StoreResult<Decided> {
    let mut touched = Touched::default();
    change_link(work, store, before, after, &mut touched)?;
    after.person = match &after.order.visitor {
        Some(visitor) => people::user_at(work, store, visitor, after.occurred_at)?,
        None => None,
    };
    let order_before = before.map(|before| &before.order);
    aliases::ordered(work, store, order_before, &after.order, &mut touched)?;
    let decided = decisions::decide_order(work, store, after)?;
    let cause = cause(before, after);
    let at = cause.effective_at(&after.order, after.occurred_at, received_at);
    let told = Told { cause, at, known_at: received_at };
    if let Some(before) = before {
        rollups::mark_conversion(work, store, before.occurred_at)?;
        rollups::mark_conversion(work, store, after.occurred_at)?;
        conversions::update(work, store, after)?;
        redecide::write(work, store, after, before.occurred_at, &decided)?;
        ledger::append(work, store, after.number, &decided.row, told)?;
    } else {
        notes::arrived(work, store, &after.order.id)?;
        conversions::insert(work, store, after)?;
        redecide::insert(work, store, after, &decided)?;
        ledger::begin(work, store, after.number, &decided.row, told)?;
    }
    generations::tell_of_building(work, store, after.number, after.occurred_at, received_at)?;
    conversions::index_items(work, store, order_before, after)?;
    claims::index(work, store, before, after)?;
    touched.forget(after.number);
    redecide::touched(work, store, touched, received_at)?;
    Ok(decided)
}

/// A claim changes nothing of the order itself: what is known of its shopper does.
fn cause(before: Option<&Head>, after: &Head) -> LedgerCause {
    match before {
        Some(before) if before.state.winner() == after.state.winner() && only_claimed(before, after) => {
            LedgerCause::Evidence
        }
        _ => LedgerCause::of_order(before.map(|before| &before.order), &after.order),
    }
}

fn only_claimed(before: &Head, after: &Head) -> bool {
    let (one, other) = (&before.state.besides, &after.state.besides);
    one.claimed != other.claimed
        && before.order.refunded() == after.order.refunded()
        && before.order.status == after.order.status
}

fn change_link(
    work: &Work<'_>,
    store: i64,
    before: Option<&Head>,
    after: &Head,
    touched: &mut Touched,
) -> StoreResult<()> {
    let (link_before, link_after) = (before.and_then(Head::link), after.link());
    if link_before == link_after {
        return Ok(());
    }
    if let Some(said) = &link_before {
        people::remove(work, store, said, touched)?;
    }
    if let Some(said) = &link_after {
        people::add(work, store, said, touched)?;
    }
    Ok(())
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
    let user = match &shown.visitor {
        Some(visitor) => people::user_at(work, store, visitor, shown.at)?,
        None => None,
    };
    let sql = "INSERT INTO visualizations (number, store, id, widget, visitor, session, at, products, renderer, \
               received_at, sample, person) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
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
        user.as_ref().map(UserId::as_str),
    ])?;
    rollups::note_visualization(work, (store, number), shown.widget, shown.at, shown.visitor.is_some());
    index_products(work, store, number, shown)?;
    aliases::shown(work, store, shown, touched)?;
    if let Some(visitor) = &shown.visitor {
        visitors::see(work, store, visitor, Sight::STAYS, touched)?;
    }
    touch::by_visualization(work, store, shown, user.as_ref(), touched)
}

/// Applies a login or a claim; `number` is its fact's.
pub(super) fn event(
    work: &Work<'_>,
    store: i64,
    number: i64,
    received_at: Timestamp,
    fact: &EventFact,
    touched: &mut Touched,
) -> StoreResult<()> {
    visitors::see(work, store, &fact.visitor, Sight::STAYS, touched)?;
    match &fact.event.kind {
        // What only proves that a visitor was there stands among other facts.
        EventKind::Seen { .. } => Ok(()),
        EventKind::Identify { user, .. } => {
            let link = Link { at: fact.event.at, user: user.clone(), visitor: fact.visitor.clone() };
            people::add(work, store, &SaidLink { link, origin: number }, touched)
        }
        EventKind::Claim { tokens } => claims::claim(work, store, number, received_at, (fact, tokens)),
    }
}

/// Applies a change of the alias table; `number` is its fact's.
pub(super) fn alias(
    work: &Work<'_>,
    store: i64,
    number: i64,
    fact: &AliasFact,
    touched: &mut Touched,
) -> StoreResult<()> {
    aliases::set(work, store, number, &fact.variant, &fact.says, touched)
}

fn index_products(work: &Work<'_>, store: i64, number: i64, shown: &Visualization) -> StoreResult<()> {
    let sql = "INSERT INTO shown_products (store, product, at, visualization) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT DO NOTHING";
    let mut statement = work.connection.prepare_cached(sql)?;
    for shown_product in &shown.products {
        statement.execute(params![store, shown_product.product.as_str(), shown.at.as_millis(), number])?;
    }
    Ok(())
}
