//! Deliveries of Shopify and `WooCommerce` against the real program: what is trusted, what it does, and what the API says
//! of it afterwards.
#![allow(clippy::expect_used, clippy::unwrap_used, unreachable_pub, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod arrival;
mod bad_input;
mod embedded;
mod fixtures;
mod health;
mod orders;
mod ping;
mod privacy;
mod rotation;
mod shop;
mod signatures;
mod topics;
mod trust;
mod visitors;
