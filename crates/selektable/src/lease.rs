//! Work that one process of several does at a time, told from this process's side.
//!
//! A lease that is not renewed ends, so another process takes over from one that died. A process that stalls may find
//! itself without a lease it believes in: what is done under one bears being done twice.

use std::future::Future;
use std::time::Duration;

use selektable_store::processes::{Holder, LeaseName};
use selektable_store::{SharedStore, StoreResult};
use tokio::time::Instant;

use crate::ambient;

/// A lease that this process holds, or may take.
#[derive(Clone)]
pub struct Lease {
    store: SharedStore,
    name: LeaseName,
    holder: Holder,
    length: Duration,
}

impl Lease {
    /// A lease of a name, for a holder of its own; not taken yet.
    #[must_use]
    pub fn new(store: &SharedStore, name: impl Into<String>, length: Duration) -> Self {
        let holder = Holder(ambient::random_bytes());
        Self { store: store.clone(), name: LeaseName(name.into()), holder, length }
    }

    /// Takes it, or holds on to it; `false` while another holder has it.
    ///
    /// # Errors
    /// The storage's; whether it is held is then not known.
    pub async fn hold(&self) -> StoreResult<bool> {
        self.store.hold_lease(self.name.clone(), self.holder, self.length).await
    }

    /// Takes it as soon as it is free; `false` when it is not within `patience`.
    ///
    /// # Errors
    /// The storage's.
    pub async fn wait(&self, patience: Duration) -> StoreResult<bool> {
        let end = Instant::now() + patience;
        while !self.hold().await? {
            if Instant::now() >= end {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(true)
    }

    /// Gives it back. Where that can't be written, it ends by itself.
    pub async fn release(&self) {
        if let Err(error) = self.store.release_lease(self.name.clone(), self.holder).await {
            tracing::debug!(%error, name = %self.name.0, "a lease was not given back");
        }
    }

    /// Holds on to it while something is done; `None` when it was lost, and what was done was dropped.
    pub async fn keep_while<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.lost() => None,
        }
    }

    async fn lost(&self) {
        let mut held_at = Instant::now();
        while held_at.elapsed() < self.length {
            tokio::time::sleep(self.length / 4).await;
            let asked_at = Instant::now();
            match self.hold().await {
                Ok(true) => held_at = asked_at,
                Ok(false) => return,
                // It may still be ours: it is asked for again until its time is over.
                Err(_) => {}
            }
        }
    }
}
