//! Keys and stores in memory, because every request asks for them. What this process changes is dropped at once;
//! what another process changes (a key revoked by the command line) shows in a number that is looked at again when
//! [`CHECK_EVERY`] has passed, so it takes less than a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use selektable_domain::id::{StoreId, WidgetId};

use crate::account::{KeyRecord, SecretHash};
use crate::settings::StoreRecord;

/// How long something may be answered from memory without a look at the database.
const CHECK_EVERY: Duration = Duration::from_millis(400);
/// Most entries of each kind; when they are reached, all go and the ones in use come back.
const ENTRIES_MAX: usize = 10_000;

/// A store with its row number.
#[derive(Clone, Debug)]
pub(super) struct KnownStore {
    /// Row number.
    pub number: i64,
    /// Its settings and widgets.
    pub record: Arc<StoreRecord>,
}

/// What is remembered. Cloned handles share it.
#[derive(Clone, Default)]
pub(super) struct Cache {
    memory: Arc<Mutex<Memory>>,
}

#[derive(Default)]
struct Memory {
    /// Moves on whenever everything is dropped, so that a look-up begun before does not put back what it read.
    generation: u64,
    settings_version: Option<i64>,
    checked_at: Option<Instant>,
    keys: HashMap<SecretHash, KeyRecord>,
    stores: HashMap<StoreId, KnownStore>,
    widgets: HashMap<WidgetId, StoreId>,
}

/// When a look-up began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Began(u64);

impl Cache {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops everything.
    pub(super) fn clear(&self) {
        self.memory().clear();
    }

    /// Whether it is time to look at the database's settings version. One caller an interval is told so; it then
    /// calls [`Cache::checked`] or [`Cache::not_checked`].
    pub(super) fn take_turn(&self) -> bool {
        let mut memory = self.memory();
        let due = memory.checked_at.is_none_or(|at| at.elapsed() >= CHECK_EVERY);
        if due {
            memory.checked_at = Some(Instant::now());
        }
        due
    }

    /// Takes the settings version that was found; says whether it was another one.
    pub(super) fn checked(&self, version: i64) -> bool {
        let mut memory = self.memory();
        let changed = memory.settings_version.replace(version) != Some(version);
        if changed {
            memory.clear();
        }
        changed
    }

    /// The look failed: the next caller tries, and nothing is answered from memory meanwhile.
    pub(super) fn not_checked(&self) {
        self.memory().checked_at = None;
    }

    /// Begins a look-up.
    pub(super) fn begin(&self) -> Began {
        Began(self.memory().generation)
    }

    /// A key.
    pub(super) fn key(&self, secret: SecretHash) -> Option<KeyRecord> {
        self.memory().keys.get(&secret).cloned()
    }

    /// Remembers a key.
    pub(super) fn keep_key(&self, began: Began, secret: SecretHash, key: KeyRecord) {
        keep(&mut self.memory(), began, |memory| &mut memory.keys, secret, key);
    }

    /// A store.
    pub(super) fn store(&self, store: StoreId) -> Option<KnownStore> {
        self.memory().stores.get(&store).cloned()
    }

    /// Remembers a store.
    pub(super) fn keep_store(&self, began: Began, store: StoreId, known: KnownStore) {
        keep(&mut self.memory(), began, |memory| &mut memory.stores, store, known);
    }

    /// The store of a widget.
    pub(super) fn store_of(&self, widget: WidgetId) -> Option<StoreId> {
        self.memory().widgets.get(&widget).copied()
    }

    /// Remembers the store of a widget.
    pub(super) fn keep_widget(&self, began: Began, widget: WidgetId, store: StoreId) {
        keep(&mut self.memory(), began, |memory| &mut memory.widgets, widget, store);
    }
}

impl Memory {
    fn clear(&mut self) {
        self.generation += 1;
        self.keys.clear();
        self.stores.clear();
        self.widgets.clear();
    }
}

fn keep<K: Eq + std::hash::Hash, V>(
    memory: &mut Memory,
    began: Began,
    map: fn(&mut Memory) -> &mut HashMap<K, V>,
    key: K,
    value: V,
) {
    if memory.generation != began.0 {
        return;
    }
    let map = map(memory);
    if map.len() >= ENTRIES_MAX {
        map.clear();
    }
    map.insert(key, value);
}
