//! Backups and what is restored from them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod embedded;
#[path = "../support/mod.rs"]
mod support;
