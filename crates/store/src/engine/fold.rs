//! An order's facts folded as they came in: its snapshots, and the notes about it, some of them before the order.

use crate::db::{Keyed, params};
use selektable_domain::id::ConversionId;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::version::{Besides, OrderState, Outcome};
use selektable_domain::time::Timestamp;

use super::claims;
use super::conversions::Head;
use super::facts;
use super::rows::{Reading, first};
use super::work::Work;
use crate::StoreResult;
use crate::body::{FactKind, read_note, read_order};

/// What was folded so far.
#[derive(Default)]
pub(super) struct Folding {
    /// Facts.
    pub facts: i64,
    besides: Besides,
    order: Option<OrderId>,
    known: Option<(i64, OrderState, bool)>,
}

impl Folding {
    /// Takes the next fact in; the text says what is wrong with it.
    pub(super) fn step(
        &mut self,
        seq: i64,
        kind: FactKind,
        received_at: Timestamp,
        body: &str,
    ) -> Result<(), String> {
        self.facts += 1;
        match kind {
            FactKind::Order => self.snapshot(seq, received_at, body),
            FactKind::Note => self.note(received_at, body),
            FactKind::Visualization
            | FactKind::Event
            | FactKind::Alias
            | FactKind::RollOff
            | FactKind::Sighting => Err("it belongs to no order".to_owned()),
        }
    }

    fn snapshot(&mut self, seq: i64, received_at: Timestamp, body: &str) -> Result<(), String> {
        let told = read_order(body)?;
        self.is_of(&told.order.id)?;
        match &mut self.known {
            None => {
                let state = OrderState::after(std::mem::take(&mut self.besides), told.order, received_at);
                self.known = Some((seq, state, told.sample));
                Ok(())
            }
            Some((_, state, _)) => match state.admit(told.order, received_at) {
                Ok(Outcome::Unchanged) | Err(_) => {
                    Err("it changes nothing of its order and can't have been taken in".to_owned())
                }
                Ok(_) => Ok(()),
            },
        }
    }

    fn note(&mut self, received_at: Timestamp, body: &str) -> Result<(), String> {
        let told = read_note(body)?;
        self.is_of(&told.order)?;
        let changed = match &mut self.known {
            None => self.besides.note(&told.note, received_at),
            Some((_, state, _)) => state.note(&told.note, received_at),
        };
        if changed { Ok(()) } else { Err("it tells nothing new and can't have been taken in".to_owned()) }
    }

    fn is_of(&mut self, order: &OrderId) -> Result<(), String> {
        match &self.order {
            Some(known) if known != order => Err("its conversion is of another order".to_owned()),
            _ => {
                self.order = Some(order.clone());
                Ok(())
            }
        }
    }

    /// The order, with whoever claimed it; `None` when there were only notes.
    pub(super) fn head(self, work: &Work<'_>, store: i64, id: ConversionId) -> StoreResult<Option<Head>> {
        let Some((number, mut state, sample)) = self.known else { return Ok(None) };
        claims::settle(work, store, &mut state)?;
        Ok(Some(Head::new(number, id, state, sample)))
    }
}

/// All facts of an order.
pub(super) fn of_subject(work: &Work<'_>, store: i64, subject: ConversionId) -> StoreResult<Option<Head>> {
    let mut folding = Folding::default();
    for fact in facts::of_subject(work, store, subject)? {
        folding
            .step(fact.seq, fact.kind, fact.received_at, &fact.body)
            .map_err(|detail| fact.damaged(detail))?;
    }
    folding.head(work, store, subject)
}

/// Whether a note came before its order.
pub(super) const AWAITED: Keyed = Keyed {
    sql: "SELECT conversion FROM awaited_orders WHERE store = ?1 AND order_id = ?2",
    keys: &[("awaited", 2)],
};

/// The conversion that an order will be of which only notes have come, and what they told; of facts before `before`.
pub(super) fn awaited(
    work: &Work<'_>,
    store: i64,
    order: &OrderId,
    before: i64,
) -> StoreResult<Option<(ConversionId, Besides)>> {
    let mut statement = work.connection.prepare_keyed(AWAITED)?;
    let found: Option<ConversionId> = first(statement.query(params![store, order.as_str()])?, |row| {
        Reading::new(row, "awaited_orders", 0).id(0)
    })?;
    let Some(id) = found else { return Ok(None) };
    let mut folding = Folding::default();
    for fact in facts::of_subject(work, store, id)?.into_iter().filter(|fact| fact.seq < before) {
        folding
            .step(fact.seq, fact.kind, fact.received_at, &fact.body)
            .map_err(|detail| fact.damaged(detail))?;
    }
    Ok(Some((id, folding.besides)))
}
