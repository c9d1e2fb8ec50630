//! Backups and what is restored from them.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test that can not go on says where"
)]

mod embedded;
mod litestream;
#[path = "../faults/load.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod load;
mod postgres;
mod recovery;
#[path = "../support/mod.rs"]
mod support;
