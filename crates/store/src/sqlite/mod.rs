//! The embedded engine: one file, one writer that commits many requests at once, readers beside it.
//!
//! Functions of the modules below take a `work::Work`, a connection inside a transaction; `engine::Engine` only says
//! which of them runs where.

mod accounts;
mod alias_changes;
mod aliases;
mod apply;
mod builder;
mod cache;
mod check;
mod claims;
mod compare;
mod conversions;
mod decisions;
mod deliveries;
mod dry_run;
mod dump;
mod engine;
mod erasure;
mod error;
mod events;
mod evidence;
mod facts;
mod figures;
mod fold;
#[cfg(test)]
mod full_disk;
mod generations;
mod keys;
mod lag;
mod ledger;
mod ledger_read;
mod limit;
mod lists;
mod migrate;
mod models;
mod near_misses;
mod notes;
mod open;
mod orders;
mod people;
mod pictures;
mod platforms;
mod product_figures;
mod reach;
mod readers;
mod recompute;
mod redecide;
mod replay;
mod rows;
mod rulebook;
mod rulesets;
mod same_state;
mod sealed;
mod stored;
mod stores;
mod touch;
mod verify;
mod visualizations;
mod work;
#[cfg(test)]
#[path = "../../tests/conformance/world.rs"]
#[expect(dead_code, reason = "a part of the world is enough here")]
mod world;
mod writer;

use std::path::Path;
use std::sync::Arc;

pub use limit::read_through;
pub(crate) use migrate::NEWEST as NEWEST_SCHEMA;
pub(crate) use open::{lock, reading};
pub(crate) use rows::hex;

use crate::{Access, SharedStore, StoreResult};

/// Opens or makes the database file.
pub fn open(path: &Path, access: Access) -> StoreResult<SharedStore> {
    Ok(Arc::new(open::engine(path, access)?))
}
