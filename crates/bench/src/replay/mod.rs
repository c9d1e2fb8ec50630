//! `replay`: what it costs to decide everything again, beside a plain sequential read of the same rows in the same
//! run, at a hundredth, a tenth and the whole of the size asked for.

pub(crate) mod fill;
mod history;
mod measure;
mod memory;
mod report;

use std::path::PathBuf;

use report::Report;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Visualizations of the largest database
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    visualizations: u64,
    /// Orders of the largest database
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    conversions: u64,
    /// Folder for the databases, which are kept there and used again; without it they are made in a temporary one
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// Parts of the whole size that are measured, the smallest first.
const PARTS: [u64; 3] = [100, 10, 1];

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = options.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    let mut scales = Vec::new();
    for part in PARTS {
        let (visualizations, conversions) = (options.visualizations / part, options.conversions / part);
        let own = folder.join(format!("{visualizations}-{conversions}"));
        let filled = fill::fill(&own, visualizations, conversions).await?;
        scales.push(measure::measure(&own.join("selektable.db"), filled).await?);
    }
    let report = Report { scales };
    let text = if options.json { serde_json::to_string(&report)? } else { report.text() };
    std::io::Write::write_all(&mut std::io::stdout(), format!("{text}\n").as_bytes())?;
    Ok(())
}
