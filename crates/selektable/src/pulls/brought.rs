//! Which orders this process has brought in lately. Pulls overlap by a day, and an order that is taken in again is
//! recorded as one more delivery: without this, every hour would add a day's orders to the list of deliveries.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use selektable_domain::id::StoreId;
use selektable_domain::order::Order;
use selektable_domain::time::Timestamp;

/// Most orders that are remembered; beyond it all are forgotten, and brought in once more.
const REMEMBERED_MAX: usize = 200_000;

/// Snapshots that were brought in.
#[derive(Debug, Default)]
pub struct Brought {
    known: Mutex<HashMap<u64, Timestamp>>,
    hashing: RandomState,
}

impl Brought {
    /// Whether this very snapshot was brought in. One without a time of its own never counts as known.
    pub(super) fn knows(&self, store: StoreId, order: &Order) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&self.name(store, order)).copied().is_some_and(|at| Some(at) == order.updated_at)
    }

    /// Remembers a snapshot that was brought in.
    pub(super) fn note(&self, store: StoreId, order: &Order) {
        let Some(at) = order.updated_at else { return };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(self.name(store, order), at);
    }

    fn name(&self, store: StoreId, order: &Order) -> u64 {
        self.hashing.hash_one((store.as_bytes(), order.id.as_str()))
    }
}
