#![forbid(unsafe_code)]
//! The product's rules, pure: identity, orders, money, attribution. No clock, no I/O, no async.
