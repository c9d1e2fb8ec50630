//! Writing much at once beside others who write: a storage that has too much to do is asked again.

use std::time::Duration;

use selektable_store::ingest::{OrderDelivery, OrderIngested};
use selektable_store::{SharedStore, StoreError, StoreResult};

/// How often the same is offered.
const TRIES_MAX: u32 = 20;
/// Pause before it is offered again.
const PAUSE: Duration = Duration::from_millis(500);

/// Takes orders in. Deliveries are made once, so that what is offered again is the same.
///
/// # Errors
/// The storage's; [`StoreError::Busy`] after 20 tries.
pub async fn ingest(store: &SharedStore, deliveries: Vec<OrderDelivery>) -> StoreResult<Vec<OrderIngested>> {
    retry(|| store.ingest_orders(deliveries.clone())).await
}

/// Asks again while the storage is busy.
///
/// # Errors
/// The storage's; [`StoreError::Busy`] after 20 tries.
pub async fn retry<T, F>(mut ask: impl FnMut() -> F) -> StoreResult<T>
where
    F: Future<Output = StoreResult<T>>,
{
    let mut tries = 1;
    loop {
        match ask().await {
            Err(StoreError::Busy) if tries < TRIES_MAX => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}
