//! What every storage engine must do, told against the interface only. A new engine adds itself to
//! [`world::engines`].

#![expect(clippy::unwrap_used, reason = "what can't be set up is a failed test")]

mod accounts;
mod attribution;
mod figures;
mod history;
mod lists;
mod orders;
mod tenants;
mod upkeep;
mod world;
