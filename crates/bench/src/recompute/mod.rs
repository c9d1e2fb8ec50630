//! `recompute`: what it costs to decide everything again, beside a plain sequential read of the same rows in the same
//! run, at a hundredth, a tenth and the whole of the size asked for.

mod measure;
mod memory;
mod plain_read;
mod report;

use std::path::Path;

use anyhow::ensure;
use selektable_store::{Access, SharedStore};

use crate::options::Place;
use crate::report::print;
use crate::seed::fill::{Filled, fill};
use crate::seed::history::{BEGIN, DAYS, History};
use crate::seed::shop::shop_in;
use crate::subject::Database;
use report::{Report, Scale};

#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// Visualizations of the largest database
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    visualizations: u64,
    /// Orders of the largest database
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=100_000_000))]
    conversions: u64,
    /// Longest time for each of the parts that can be cut short: explanations and late facts
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Only the whole size, not the smaller ones before it
    #[arg(long)]
    whole: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// Parts of the whole size that are measured, the smallest first.
const PARTS: [u64; 3] = [100, 10, 1];
/// A smaller history says nothing.
const LEAST: u64 = 1_000;

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    options.place.check()?;
    let temporary = tempfile::tempdir()?;
    let folder = options.place.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    let mut scales = Vec::new();
    for part in options.parts() {
        let (visualizations, conversions) = (options.visualizations / part, options.conversions / part);
        let own = folder.join(format!("{visualizations}-{conversions}"));
        scales.push(scale(&options, &own, visualizations, conversions).await?);
    }
    let report = Report { command: "recompute", engine: options.place.engine, scales };
    print(&report, options.json, || report.text())
}

impl Options {
    /// A database of somebody else is one database: only the whole size fits in it.
    fn parts(&self) -> Vec<u64> {
        let one = self.whole || self.place.database.is_some();
        let wanted = |part: &u64| *part == 1 || (!one && self.visualizations / part >= LEAST);
        PARTS.into_iter().filter(wanted).collect()
    }
}

/// Makes the history unless the folder has it in full, and measures on it.
async fn scale(
    options: &Options,
    folder: &Path,
    visualizations: u64,
    conversions: u64,
) -> anyhow::Result<Scale> {
    let complete = folder.join("complete");
    let known = complete.exists();
    let is_empty = !folder.exists() || std::fs::read_dir(folder)?.next().is_none();
    ensure!(known || is_empty, "{} holds something else", folder.display());
    let database = Database::open(&options.place, folder).await?;
    let store = selektable_store::open(&database.address, Access::Serve)?;
    let (tenant, widget) = shop_in(&store).await?;
    let history = History { tenant, widget, begin: BEGIN, days: DAYS, visualizations, conversions };
    let made = if known { None } else { Some(make(&store, history, &complete).await?) };
    let subject =
        measure::Subject { store, history, made, time: std::time::Duration::from_secs(options.seconds) };
    let scale = measure::measure(&database, subject).await;
    database.close().await?;
    scale
}

async fn make(store: &SharedStore, history: History, complete: &Path) -> anyhow::Result<Filled> {
    let made = fill(store, history).await?;
    std::fs::write(complete, "")?;
    Ok(made)
}
