//! A history of any size, made up.

pub(crate) mod fill;
pub(crate) mod history;
pub(crate) mod shop;
