//! A browser's events in. An event id counts once.

use crate::db::params;

use selektable_domain::time::Month;

use super::facts::{self, NewFact};
use super::visitors::{self, Sight};
use super::work::{Touched, Work};
use super::{apply, redecide, seen_facts};
use crate::StoreResult;
use crate::body::{EventFact, FactKind, write_event};
use crate::ingest::{EventBatch, EventKind, EventsRecorded};

/// Records the new events of a batch and decides again what they touch.
pub(super) fn record(work: &Work<'_>, batch: &EventBatch) -> StoreResult<EventsRecorded> {
    let store = batch.tenant.store_number;
    let keep_traits = keeps_traits(work, store)?;
    let mut touched = Touched::default();
    let mut answer = EventsRecorded::default();
    for event in &batch.events {
        let body = write_event(&batch.visitor, &batch.session, event, keep_traits);
        if matches!(event.kind, EventKind::Seen { .. }) {
            if seen_facts::append(work, batch.tenant, batch.received_at, (event.id.as_str(), &body))? {
                answer.recorded += 1;
                let month = Month::of(batch.received_at).number();
                visitors::see(work, store, &batch.visitor, Sight::in_month(month), &mut touched)?;
            } else {
                answer.duplicates += 1;
            }
            continue;
        }
        let fact = facts::append(
            work,
            NewFact {
                store_number: store,
                store: batch.tenant.store,
                kind: FactKind::Event,
                key: Some(event.id.as_str()),
                subject: None,
                received_at: batch.received_at,
                body: &body,
            },
        )?;
        let Some(number) = fact else {
            answer.duplicates += 1;
            continue;
        };
        answer.recorded += 1;
        let content = EventFact {
            visitor: batch.visitor.clone(),
            session: batch.session.clone(),
            event: event.clone(),
        };
        apply::event(work, store, number, batch.received_at, &content, &mut touched)?;
    }
    answer.redecided = redecide::touched(work, store, touched, batch.received_at)?.changed;
    Ok(answer)
}

fn keeps_traits(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    let sql = "SELECT keep_traits FROM stores WHERE number = ?1";
    Ok(work.connection.prepare_cached(sql)?.query_row(params![store], |row| row.get(0))?)
}
