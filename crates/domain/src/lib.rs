#![forbid(unsafe_code)]
//! The product's rules: identity, orders, money, time, attribution, and the figures made of them.
//!
//! **Invariant: nothing here reads a clock, a random source, a file or a socket, and nothing here is async.** The
//! same values in give the same values out, so every decision can be replayed, in any order of arrival.

pub mod attribution;
pub mod event;
pub mod fault;
pub mod id;
pub mod identity;
pub mod json;
pub mod ledger;
pub mod money;
pub mod opaque;
pub mod order;
pub mod platform;
pub mod products;
pub mod pseudonym;
mod read;
pub mod report;
pub mod retention;
pub mod rules;
pub mod schedule;
pub mod time;
pub mod visualization;
