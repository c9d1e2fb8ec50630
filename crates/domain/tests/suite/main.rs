#![expect(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by failing")]
//! The rules as stories, as properties, and against a second, naive writing of them.

mod attribution_changes;
mod attribution_oracle;
mod attribution_properties;
mod attribution_seals;
mod attribution_stories;
mod currencies;
mod days;
mod generated;
mod histories;
mod mutations;
mod oracle_models;
mod parser_properties;
mod payloads;
mod platform_cases;
mod platform_fixtures;
mod platform_import;
mod platform_lives;
mod platform_mutations;
mod platform_pull;
mod platform_signatures;
