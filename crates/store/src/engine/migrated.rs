//! What a changed schema asks of the engine, in the transaction that changed it.

use super::work::Work;
use super::{platforms, replay};
use crate::StoreResult;
use crate::db::Connection;

/// Writes down by which host names stores are found.
pub(crate) fn index_hosts(connection: &Connection) -> StoreResult<()> {
    platforms::hosts::index_all(&Work::new(connection))
}

/// Fills the derived tables, which are empty, from the facts.
pub(crate) fn refill(connection: &Connection) -> StoreResult<()> {
    replay::refill(&Work::new(connection))
}
