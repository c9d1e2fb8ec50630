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
mod load;
mod postgres;
#[path = "../support/mod.rs"]
mod support;
