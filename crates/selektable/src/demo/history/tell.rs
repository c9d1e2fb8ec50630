//! Hands the history to the storage, by the same calls that take in what really happens, marked as sample.

use futures::stream::{self, StreamExt, TryStreamExt};
use selektable_domain::time::Timestamp;
use selektable_store::ingest::{EventBatch, NewVisualization, OrderDelivery};
use selektable_store::{SharedStore, StoreResult, Tenant};

use super::chance::Chance;
use super::pen::uuid_at;
use super::{History, SEED};

/// So many calls wait for the storage at a time: they share its transactions.
const CALLS_AT_ONCE: usize = 128;
const ORDERS_AT_ONCE: usize = 256;
const REQUEST: &str = "sample-history";

/// How much was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Pictures that were not known before.
    pub visualizations: usize,
    /// Snapshots of orders.
    pub deliveries: usize,
}

/// Tells a store its history. Telling the same one twice changes nothing: its ids are its own.
pub async fn tell(store: &SharedStore, tenant: Tenant, history: History) -> StoreResult<Told> {
    let History { visits, visualizations, orders } = history;
    let batches = visits.into_iter().map(|visit| {
        let received_at = visit.events.last().map_or(Timestamp::from_millis(0), |event| event.at);
        let batch = EventBatch {
            tenant,
            visitor: visit.visitor,
            session: visit.session,
            received_at,
            events: visit.events,
        };
        store.record_events(batch)
    });
    stream::iter(batches).buffer_unordered(CALLS_AT_ONCE).try_for_each(|_| async { Ok(()) }).await?;

    let pictures = visualizations.into_iter().map(|visualization| {
        let received_at = visualization.at;
        let renderer = Some("builtin".to_owned());
        store.record_visualization(NewVisualization {
            tenant,
            visualization,
            renderer,
            picture: None,
            received_at,
            sample: true,
        })
    });
    let recorded: Vec<_> = stream::iter(pictures).buffer_unordered(CALLS_AT_ONCE).try_collect().await?;

    let mut chance = Chance::new(SEED ^ 1);
    let mut deliveries: Vec<OrderDelivery> = Vec::with_capacity(orders.len());
    for sent in orders {
        deliveries.push(OrderDelivery {
            tenant,
            id: selektable_domain::id::DeliveryId::from_uuid(uuid_at(&mut chance, sent.received_at)),
            conversion: selektable_domain::id::ConversionId::from_uuid(uuid_at(
                &mut chance,
                sent.received_at,
            )),
            request_id: REQUEST.to_owned(),
            received_at: sent.received_at,
            topic: None,
            order: sent.order,
            warnings: Vec::new(),
            sample: true,
        });
    }
    let told = Told {
        visualizations: recorded.iter().filter(|recorded| recorded.created).count(),
        deliveries: deliveries.len(),
    };
    while !deliveries.is_empty() {
        let rest = deliveries.split_off(deliveries.len().min(ORDERS_AT_ONCE));
        store.ingest_orders(std::mem::replace(&mut deliveries, rest)).await?;
    }
    Ok(told)
}
