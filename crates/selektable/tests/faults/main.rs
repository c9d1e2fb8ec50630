//! What a machine can do to the embedded database: power loss, full disks, failing flushes, read-only folders, damaged
//! pages. After each, every order that was acknowledged is there, once, and none that was not sent.
//!
//! What needs root has a command of its own, `scripts/test-faults`; the rest runs with every test.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test that can not go on says where"
)]

mod embedded;
mod load;
#[path = "../support/mod.rs"]
mod support;
