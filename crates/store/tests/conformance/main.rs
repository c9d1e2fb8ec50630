//! What every storage engine must do, told against the interface only. A new engine adds itself to
//! [`world::engines`].

#![expect(clippy::unwrap_used, reason = "what can't be set up is a failed test")]

mod accounts;
mod agreement;
mod as_known;
mod attribution;
mod dry_run;
mod erasure;
mod erasure_histories;
mod figures;
mod history;
mod lag;
mod lists;
mod models;
mod orders;
mod platforms;
mod processes;
mod products;
mod refunds;
mod replica;
mod retention;
mod rollups;
mod rulesets;
mod sheets;
mod tenants;
mod upkeep;
mod world;
