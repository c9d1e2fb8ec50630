//! `selektable verify`: whether the database is whole.

use std::process::ExitCode;

use selektable_store::Access;

use super::output::{progress, say};
use crate::config::Config;
use crate::serving::open_store;

/// Prints every fault; exit code 1 when there is one.
pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let store = open_store(config, Access::Inspect).await?;
    let report = store.verify(progress("verifying")).await;
    store.close().await?;
    let report = report?;
    for fault in &report.faults {
        say(fault)?;
    }
    say(&format!("{} facts checked, {} faults found", report.facts, report.faults.len()))?;
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
