//! The dashboard of the real program, as a browser without scripts sees it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod access;
mod browser;
mod keys;
mod markup;
mod pages;
#[path = "../support/mod.rs"]
mod support;
