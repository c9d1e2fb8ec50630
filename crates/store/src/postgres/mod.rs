//! The engine's way to a PostgreSQL server: its connections, its dialect, its schema.
//!
//! **Isolation.** Every writing transaction first takes, in ascending order, a lock for each store it writes
//! ([`locks`]), and holds it until it ends. So of one store there is never more than one writer, whatever the number
//! of processes, and `READ COMMITTED` is enough: the first statement after the lock sees everything that the holder
//! before committed. Settings that belong to no store are guarded by their unique keys. Deadlocks can only come from
//! the latter; the server ends one side, which is tried again.
//!
//! **An end that nobody heard.** When the connection breaks during `COMMIT`, the server is asked afterwards what became
//! of the transaction's number; only when it can't tell is the write answered as not stored, and what is sent again is
//! recognised by its id.

mod address;
mod ahead;
mod bulk;
mod citus;
mod client;
mod cursor;
mod dialect;
pub(crate) mod locks;
pub(crate) mod migrate;
mod months;
#[cfg(test)]
mod routed;
mod value;

pub(crate) use address::{Server, without_password};
pub(crate) use bulk::Load;
pub(crate) use client::Client;
pub(crate) use cursor::Cursor;
pub(crate) use months::Removed;
pub(crate) use value::value;
