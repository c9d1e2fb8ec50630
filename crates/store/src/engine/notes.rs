//! What a platform tells of an order without the order: something was given back, it was deleted, it is back.

use crate::db::params;
use selektable_domain::id::ConversionId;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::platform::OrderNote;
use selektable_domain::order::version::{Besides, Outcome};
use selektable_domain::time::Timestamp;

use super::conversions::{self, Head};
use super::deliveries::{self, Noted};
use super::facts::{self, NewFact};
use super::fold::AWAITED;
use super::work::Work;
use super::{apply, claims, fold};
use crate::body::{FactKind, NoteFact, write_note};
use crate::platforms::{NoteDelivery, NoteTaken};
use crate::{StoreError, StoreResult};

/// Takes a note in.
pub(super) fn take(work: &Work<'_>, delivery: &NoteDelivery) -> StoreResult<NoteTaken> {
    let store = delivery.tenant.store_number;
    let taken = match conversions::find(work, store, &delivery.order)? {
        Some(before) => of_known(work, delivery, &before)?,
        None => of_awaited(work, delivery)?,
    };
    let (outcome, conversion) = match taken {
        NoteTaken::Changed(_) => (Outcome::Updated, true),
        NoteTaken::Unchanged => (Outcome::Unchanged, true),
        NoteTaken::Waiting => (Outcome::Created, false),
    };
    let number = if conversion {
        conversions::find(work, store, &delivery.order)?.map(|head| head.number)
    } else {
        None
    };
    deliveries::record_noted(work, delivery, Noted { outcome, conversion: number })?;
    Ok(taken)
}

fn of_known(work: &Work<'_>, delivery: &NoteDelivery, before: &Head) -> StoreResult<NoteTaken> {
    if !before.state.clone().note(&delivery.note, delivery.received_at) {
        return Ok(NoteTaken::Unchanged);
    }
    append(work, delivery, before.id)?;
    let after = known(work, delivery.tenant.store_number, before, &delivery.note, delivery.received_at)?;
    Ok(if after.order == before.order { NoteTaken::Unchanged } else { NoteTaken::Changed(before.id) })
}

fn of_awaited(work: &Work<'_>, delivery: &NoteDelivery) -> StoreResult<NoteTaken> {
    let store = delivery.tenant.store_number;
    let found = fold::awaited(work, store, &delivery.order, i64::MAX)?;
    let (id, mut besides) = found.unwrap_or((delivery.conversion, Besides::default()));
    if !besides.note(&delivery.note, delivery.received_at) {
        return Ok(NoteTaken::Unchanged);
    }
    append(work, delivery, id)?;
    await_order(work, store, &delivery.order, id)?;
    Ok(NoteTaken::Waiting)
}

fn append(work: &Work<'_>, delivery: &NoteDelivery, subject: ConversionId) -> StoreResult<i64> {
    let fact = facts::append(
        work,
        NewFact {
            store_number: delivery.tenant.store_number,
            store: delivery.tenant.store,
            kind: FactKind::Note,
            key: None,
            subject: Some(subject),
            received_at: delivery.received_at,
            body: &write_note(&delivery.order, &delivery.note),
        },
    )?;
    fact.ok_or_else(|| StoreError::Unavailable("a note's fact was not added".to_owned()))
}

/// Applies a note's fact that is read again.
pub(super) fn apply(
    work: &Work<'_>,
    store: i64,
    subject: ConversionId,
    fact: &NoteFact,
    received_at: Timestamp,
) -> StoreResult<()> {
    match conversions::find(work, store, &fact.order)? {
        Some(before) if before.id == subject => {
            known(work, store, &before, &fact.note, received_at).map(|_| ())
        }
        _ => await_order(work, store, &fact.order, subject),
    }
}

fn known(
    work: &Work<'_>,
    store: i64,
    before: &Head,
    note: &OrderNote,
    received_at: Timestamp,
) -> StoreResult<Head> {
    let mut state = before.state.clone();
    state.note(note, received_at);
    claims::settle(work, store, &mut state)?;
    let mut after = Head::new(before.number, before.id, state, before.sample);
    apply::order(work, store, Some(before), &mut after, received_at)?;
    Ok(after)
}

fn await_order(work: &Work<'_>, store: i64, order: &OrderId, id: ConversionId) -> StoreResult<()> {
    let sql =
        "INSERT INTO awaited_orders (store, order_id, conversion) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    work.connection.prepare_cached(sql)?.execute(params![store, order.as_str(), id.as_bytes()])?;
    Ok(())
}

/// An order has come: nothing waits for it any more.
pub(super) fn arrived(work: &Work<'_>, store: i64, order: &OrderId) -> StoreResult<()> {
    let row = params![store, order.as_str()];
    if work.connection.prepare_keyed(AWAITED)?.query(row)?.next()?.is_some() {
        let sql = "DELETE FROM awaited_orders WHERE store = ?1 AND order_id = ?2";
        work.connection.prepare_cached(sql)?.execute(row)?;
    }
    Ok(())
}
