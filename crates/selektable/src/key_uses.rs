//! When keys were last used, written now and then instead of with every request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use selektable_domain::id::KeyId;
use selektable_store::SharedStore;
use selektable_store::account::{KeyRecord, KeyUse};
use tokio::sync::Notify;

use crate::lifecycle::Lifecycle;

/// Time between two writes.
const WRITE_EVERY: Duration = Duration::from_secs(10);
/// Least time between two writes when a key was seen in a browser, which its owner should learn soon.
const WRITE_EVERY_MIN: Duration = Duration::from_secs(1);
/// A key's last use is kept to the minute.
const PRECISION_MS: i64 = 60_000;

/// Uses that wait to be written: at most one a key, and only keys that exist get here, so it is bounded by them.
#[derive(Debug, Default)]
pub struct KeyUses {
    waiting: Mutex<HashMap<KeyId, KeyUse>>,
    urgent: Notify,
}

impl KeyUses {
    /// Notes a use, unless the record already says the same minute.
    pub fn note(&self, key: &KeyRecord, noted: KeyUse) {
        let recent = |at: Option<_>| at.is_some_and(|at| noted.at.millis_since(at) < PRECISION_MS);
        let known = if noted.in_browser { recent(key.seen_in_browser_at) } else { recent(key.last_used_at) };
        if known {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = waiting.entry(noted.key).or_insert(noted);
        entry.at = entry.at.max(noted.at);
        entry.in_browser |= noted.in_browser;
        drop(waiting);
        if noted.in_browser {
            self.urgent.notify_one();
        }
    }

    /// Writes what waits. Best effort: what can't be written is dropped.
    pub async fn flush(&self, store: &SharedStore) {
        let uses: Vec<KeyUse> = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.drain().map(|(_, noted)| noted).collect()
        };
        if uses.is_empty() {
            return;
        }
        if let Err(error) = store.touch_keys(uses).await {
            tracing::warn!(%error, "the last uses of keys were not written");
        }
    }

    /// Writes now and then until the server drains.
    pub async fn keep_writing(&self, store: &SharedStore, lifecycle: &Lifecycle) {
        while !lifecycle.is_draining() {
            tokio::select! {
                () = tokio::time::sleep(WRITE_EVERY) => {}
                () = self.urgent.notified() => {}
                () = lifecycle.drained() => {}
            }
            self.flush(store).await;
            tokio::select! {
                () = tokio::time::sleep(WRITE_EVERY_MIN) => {}
                () = lifecycle.drained() => {}
            }
        }
    }
}
