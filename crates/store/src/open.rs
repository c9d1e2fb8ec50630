//! From an address to an engine.

use crate::{SharedStore, StoreResult, engine};

/// What the caller is going to do with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Serve: the one process that ingests. A second one is refused.
    Serve,
    /// A short administrative write beside a serving process (`setup`, `key`).
    Administer,
    /// Read only (`verify`, `dump`, `recompute --check`, `explain`).
    Inspect,
}

/// Opens `sqlite:PATH` or `postgres://…`, migrating it to this program's schema first (except for
/// [`Access::Inspect`], which asks for the newest schema).
pub fn open(address: &str, access: Access) -> StoreResult<SharedStore> {
    engine::open(address, access)
}
