//! A furniture shop on its own origin, so that the whole loop can be walked in a browser.

pub mod history;
pub mod shop;
