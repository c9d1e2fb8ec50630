//! The engine, on either database: one writer that commits many requests at once, readers beside it.
//!
//! Functions of the modules below take a `work::Work`, a connection inside a transaction; `interface::Engine` only says
//! which of them runs where.

mod accounts;
mod ahead;
mod alias_changes;
mod aliases;
mod apply;
mod builder;
mod cache;
mod check;
mod claims;
mod compare;
mod conversions;
mod database;
mod decisions;
mod deliveries;
mod dry_run;
mod dump;
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
mod interface;
mod keys;
mod lag;
mod ledger;
mod ledger_read;
mod lists;
pub(crate) mod migrated;
mod models;
mod near_misses;
mod notes;
mod open;
mod orders;
mod people;
mod pictures;
mod platforms;
mod processes;
mod product_figures;
mod reach;
mod read_through;
mod readers;
mod recompute;
mod redecide;
mod replay;
mod replica;
mod retention;
mod roll_offs;
mod rows;
mod rulebook;
mod rulesets;
mod same_state;
mod sealed;
mod seen_facts;
mod stored;
mod stores;
mod touch;
pub mod transfer;
mod verify;
mod visitors;
mod visualizations;
mod work;
#[cfg(test)]
#[path = "../../tests/conformance/world.rs"]
#[expect(dead_code, reason = "a part of the world is enough here")]
pub(crate) mod world;
mod writer;
mod writing;

use std::sync::Arc;

pub use figures::sheets::{Recounted, make_all as make_sheets, recount as recount_reports};
pub use read_through::read_through;
pub(crate) use rows::hex;

use crate::{Access, SharedStore, StoreError, StoreResult};

/// Opens the database of an address, or makes it.
pub(crate) fn open(address: &str, access: Access) -> StoreResult<SharedStore> {
    // The caller may be a task, on whose thread no connection's own runtime can be driven.
    let opened = std::thread::scope(|scope| scope.spawn(|| open::engine(address, access)).join());
    let engine = opened
        .unwrap_or_else(|_| Err(StoreError::Unavailable("opening panicked: see the log".to_owned())))?;
    Ok(Arc::new(engine))
}
