//! Stores that sell on a platform.

pub(super) mod health;
pub(super) mod hosts;
pub(super) mod links;
pub(super) mod privacy;
pub(super) mod pulls;
pub(super) mod secrets;
pub(super) mod shop_data;
