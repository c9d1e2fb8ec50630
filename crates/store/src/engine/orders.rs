//! An order in: known or new, newer or older, decided, and recorded as a delivery.

use selektable_domain::id::ConversionId;
use selektable_domain::opaque::ProductId;
use selektable_domain::order::version::{Besides, CurrencyChanged, OrderState, Outcome};
use selektable_domain::order::{Item, Order};
use selektable_domain::pseudonym::keep_erased;
use selektable_domain::report::{DeliveryFault, DeliveryOutcome, DeliveryRecord};
use selektable_domain::time::Timestamp;

use super::aliases;
use super::apply;
use super::claims;
use super::conversions::{self, Head};
use super::decisions::{self, Decided};
use super::deliveries::{self, AcceptedRows};
use super::facts::{self, NewFact};
use super::fold;
use super::visitors;
use super::work::Work;
use crate::body::{FactKind, write_order};
use crate::db::Keyed;
use crate::ingest::{OrderDelivery, OrderIngested};
use crate::{StoreError, StoreResult};

/// Most `unknown_product` warnings of one delivery: an order of 1,000 strange lines is one mistake.
const UNKNOWN_PRODUCT_WARNINGS_MAX: usize = 10;

/// What a snapshot does to what is known of its order.
pub(super) enum Admission {
    /// It is the first one.
    First(OrderState),
    /// It changes what is known.
    Changed(OrderState, Outcome),
    /// It is what is known.
    Unchanged,
    /// It can't be: the currency is another one.
    Refused(CurrencyChanged),
}

/// Folds a snapshot into what is known of its order; `awaited` is what notes told while there was none.
pub(super) fn admit(
    before: Option<&Head>,
    awaited: Besides,
    order: &Order,
    received_at: Timestamp,
) -> Admission {
    let Some(before) = before else {
        return Admission::First(OrderState::after(awaited, order.clone(), received_at));
    };
    let mut state = before.state.clone();
    match state.admit(order.clone(), received_at) {
        Err(refused) => Admission::Refused(refused),
        Ok(Outcome::Unchanged) => Admission::Unchanged,
        Ok(outcome) => Admission::Changed(state, outcome),
    }
}

/// Takes one order in.
pub(super) fn ingest(work: &Work<'_>, delivery: &OrderDelivery) -> StoreResult<OrderIngested> {
    let store = delivery.tenant.store_number;
    let before = conversions::find(work, store, &delivery.order.id)?;
    // What is sent late of an erased order must not bring its person back, neither into the order nor into a fact.
    let kept = before.as_ref().and_then(|before| keep_erased(&before.state, &delivery.order));
    let changed = kept.map(|order| OrderDelivery { order, ..delivery.clone() });
    let delivery = changed.as_ref().unwrap_or(delivery);
    let awaited = match &before {
        Some(_) => None,
        None => fold::awaited(work, store, &delivery.order.id, i64::MAX)?,
    };
    let (id, besides) = awaited.unwrap_or((delivery.conversion, Besides::default()));
    match (admit(before.as_ref(), besides, &delivery.order, delivery.received_at), before) {
        (Admission::First(state), _) => change(work, delivery, (id, None), state, Outcome::Created),
        (Admission::Changed(state, outcome), Some(before)) => {
            change(work, delivery, (before.id, Some(&before)), state, outcome)
        }
        (Admission::Unchanged, Some(before)) => {
            let decided = decisions::decide_order(work, store, &before)?;
            finish(work, delivery, &before, None, Outcome::Unchanged, decided)
        }
        (Admission::Refused(refused), Some(_)) => refuse(work, delivery, refused),
        // A snapshot that is not the first one is of a known order.
        (_, None) => Err(StoreError::Inconsistent {
            table: "conversions",
            row: delivery.order.id.to_string(),
            detail: "it was known and is not there".to_owned(),
        }),
    }
}

fn change(
    work: &Work<'_>,
    delivery: &OrderDelivery,
    (id, before): (ConversionId, Option<&Head>),
    mut state: OrderState,
    outcome: Outcome,
) -> StoreResult<OrderIngested> {
    let store = delivery.tenant.store_number;
    claims::settle(work, store, &mut state)?;
    let fact = facts::append(
        work,
        NewFact {
            store_number: store,
            store: delivery.tenant.store,
            kind: FactKind::Order,
            key: None,
            subject: Some(id),
            received_at: delivery.received_at,
            body: &write_order(&delivery.order, delivery.sample),
        },
    )?;
    let fact = fact.ok_or_else(|| StoreError::Unavailable("an order's fact was not added".to_owned()))?;
    let mut after = match before {
        Some(known) => Head::new(known.number, id, state, known.sample),
        None => Head::new(fact, id, state, delivery.sample),
    };
    let decided = apply::order(work, store, before, &mut after, delivery.received_at)?;
    finish(work, delivery, &after, Some(fact), outcome, decided)
}

fn finish(
    work: &Work<'_>,
    delivery: &OrderDelivery,
    head: &Head,
    fact: Option<i64>,
    outcome: Outcome,
    decided: Decided,
) -> StoreResult<OrderIngested> {
    let mut warnings = delivery.warnings.clone();
    warn_of_strangers(work, delivery, head, &decided, &mut warnings)?;
    let rows = AcceptedRows { conversion: head.number, fact };
    deliveries::record_accepted(work, delivery, outcome, rows, &warnings)?;
    let decision = Box::new(decided.decision);
    Ok(OrderIngested::Taken { conversion: head.id, outcome, decision, warnings })
}

fn refuse(work: &Work<'_>, delivery: &OrderDelivery, refused: CurrencyChanged) -> StoreResult<OrderIngested> {
    let fault = DeliveryFault {
        pointer: Some("/currency".to_owned()),
        code: "currency_changed".to_owned(),
        detail: refused.to_string(),
    };
    let record = DeliveryRecord {
        id: delivery.id,
        received_at: delivery.received_at,
        source: delivery.order.source,
        order_id: Some(delivery.order.id.clone()),
        request_id: delivery.request_id.clone(),
        topic: delivery.topic.clone(),
        outcome: DeliveryOutcome::Refused {
            status: 409,
            code: "currency_changed".to_owned(),
            faults: vec![fault],
        },
    };
    deliveries::record_refused(work, delivery.tenant.organization, Some(delivery.tenant), &record)?;
    Ok(OrderIngested::CurrencyChanged(refused))
}

/// Adds the warnings that need the store's knowledge.
fn warn_of_strangers(
    work: &Work<'_>,
    delivery: &OrderDelivery,
    head: &Head,
    decided: &Decided,
    warnings: &mut Vec<DeliveryFault>,
) -> StoreResult<()> {
    let store = delivery.tenant.store_number;
    if let Some(visitor) = &delivery.order.visitor {
        let same = head.order.visitor.as_ref() == Some(visitor);
        let seen = if same {
            decided.gathered.evidence.visitor_seen
        } else {
            visitors::was_seen(work, store, visitor)?
        };
        if !seen {
            warnings.push(visitor_never_seen());
        }
    }
    let mut unknown = 0;
    for (place, item) in delivery.order.items.iter().enumerate() {
        if unknown < UNKNOWN_PRODUCT_WARNINGS_MAX && !is_known(work, store, item, decided)? {
            unknown += 1;
            warnings.push(unknown_product(place));
        }
    }
    Ok(())
}

fn is_known(work: &Work<'_>, store: i64, item: &Item, decided: &Decided) -> StoreResult<bool> {
    let ids = || [Some(&item.product), item.variant.as_ref()].into_iter().flatten();
    let mut shown = decided.gathered.evidence.visualizations.iter().flat_map(|known| &known.products);
    if shown.any(|product| ids().any(|id| product.is(id))) {
        return Ok(true);
    }
    for id in ids() {
        if product_seen(work, store, id)? || product_seen(work, store, &aliases::group(work, store, id)?)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any picture showed a product.
pub(super) const PRODUCT_SEEN: Keyed = Keyed {
    sql: "SELECT EXISTS (SELECT 1 FROM shown_products WHERE store = ?1 AND product = ?2)",
    keys: &[],
};

fn product_seen(work: &Work<'_>, store: i64, product: &ProductId) -> StoreResult<bool> {
    let mut statement = work.connection.prepare_keyed(PRODUCT_SEEN)?;
    Ok(statement.query_row(crate::db::params![store, product.as_str()], |row| row.get(0))?)
}

fn visitor_never_seen() -> DeliveryFault {
    DeliveryFault {
        pointer: Some("/visitorId".to_owned()),
        code: "visitor_never_seen".to_owned(),
        detail: "no page with the embed script ever reported this visitor: pass visitorId on exactly as \
                 Selektable.getIdentity() gives it"
            .to_owned(),
    }
}

fn unknown_product(place: usize) -> DeliveryFault {
    DeliveryFault {
        pointer: Some(format!("/items/{place}/productId")),
        code: "unknown_product".to_owned(),
        detail: "this product was never visualized: productId should be the id that is passed to \
                 Selektable.open()"
            .to_owned(),
    }
}
