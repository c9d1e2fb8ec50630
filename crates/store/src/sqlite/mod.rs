//! What only the embedded database has: its file, who may have it open, its pragmas, its schema's steps.

pub(crate) mod migrate;
pub(crate) mod open;

pub(crate) use migrate::NEWEST as NEWEST_SCHEMA;
pub(crate) use open::{lock, reading};
