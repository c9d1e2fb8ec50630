#![expect(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by failing")]
//! The rules as stories, as properties, and against a second, naive writing of them.

mod attribution_oracle;
mod attribution_properties;
mod attribution_stories;
mod histories;
mod mutations;
mod parser_properties;
mod payloads;
