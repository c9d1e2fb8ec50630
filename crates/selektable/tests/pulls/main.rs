//! Orders that are looked up at the platform, by the real program, against local imitations of both platforms' APIs.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can not go on says where"
)]
#![allow(unreachable_pub, reason = "shared by the modules of this test program")]
#![allow(clippy::format_push_string, reason = "clearer here, and not on a hot path")]

mod commands;
mod imitation;
mod interrupted;
mod refused;
mod several;
mod shopify;
mod shopify_api;
#[path = "../support/mod.rs"]
mod support;
mod webhooks;
mod woocommerce;
mod woocommerce_api;
mod world;
