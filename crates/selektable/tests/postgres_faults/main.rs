//! What goes wrong between servers and PostgreSQL, and what many servers on one database owe each other: told over HTTP
//! alone. Through every fault: 503 as long as it lasts and never a 200 for a lost write, then on as before without a
//! restart; everything acknowledged is stored, and nothing twice.
#![allow(clippy::expect_used, clippy::unwrap_used, unreachable_pub, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod agreed;
mod bouncer;
mod connections;
mod cuts;
mod full_disk;
mod load;
mod many;
mod nodes;
mod partition;
mod proxy;
mod restarts;
mod rolling;
mod settings;
mod shared;
