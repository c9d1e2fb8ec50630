//! The dashboard of the real program, as a browser without scripts sees it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod access;
mod browser;
mod connect;
mod explain;
mod keys;
mod lag;
mod lens;
mod markup;
mod models;
mod pages;
mod privacy;
mod products;
mod reconciliation;
mod rules;
mod shop;
#[path = "../support/mod.rs"]
mod support;
