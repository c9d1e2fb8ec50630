//! `selektable recompute`: derived state is a function of the facts, and this proves or restores it.

use std::process::ExitCode;

use clap::Args;
use selektable_store::Access;

use super::output::{progress, say};
use crate::config::Config;
use crate::serving::open_store;

#[derive(Debug, Args)]
pub(super) struct RecomputeArguments {
    /// Change nothing; report what differs (exit code 1 when something does)
    #[arg(long)]
    check: bool,
}

/// Decides everything again or compares, alone on the database or beside a running server: then it is the server that
/// decides, while it goes on taking orders in.
pub(super) async fn run(arguments: &RecomputeArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let access = if arguments.check { Access::Inspect } else { Access::Administer };
    let store = open_store(config, access).await?;
    let report = if arguments.check {
        store.recompute_check(progress("comparing")).await
    } else {
        store.recompute(progress("recomputing")).await
    };
    store.close().await?;
    let report = report?;
    let verb = if arguments.check { "differ" } else { "were put right" };
    say(&format!(
        "{} facts, {} conversions, {} rows {verb}",
        report.facts, report.conversions, report.differences
    ))?;
    if let Some(first) = &report.first_difference {
        say(&format!("the first: {first}"))?;
    }
    let wrong = arguments.check && report.differences > 0;
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
