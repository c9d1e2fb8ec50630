//! `selektable migrate`: from one database to another, such as from a file to a server.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use selektable_store::transfer::{Watch, transfer};

use super::output::{progress, say};

#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    /// The address of the database that is there. It is not changed; nobody may serve it meanwhile
    #[arg(long, value_name = "ADDRESS")]
    from: String,
    /// The address of an empty database; it holds everything afterwards, or nothing
    #[arg(long, value_name = "ADDRESS")]
    to: String,
}

/// Moves everything, compares both sides and says what to do next.
pub(super) async fn run(arguments: MigrateArguments) -> anyhow::Result<ExitCode> {
    let watch = Watch { copying: progress("rows copied"), checking: progress("rows compared") };
    let moved = transfer(&arguments.from, &arguments.to, watch).await?;
    say(&format!(
        "moved {} rows: {} facts and {} conversions among them",
        moved.rows, moved.facts, moved.conversions
    ))?;
    say(&format!("  copied   in {}", seconds(moved.copying)))?;
    say(&format!(
        "  checked  in {}: every row, and `dump --canonical` of both sides",
        seconds(moved.checking)
    ))?;
    say(&format!("  dump     sha256 {}", moved.dump_sha256))?;
    say("next:")?;
    say("  1. start `selektable serve` with --database set to the new address")?;
    say("  2. keep the old database as a backup, and don't serve it again: it no longer hears of anything")?;
    Ok(ExitCode::SUCCESS)
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
