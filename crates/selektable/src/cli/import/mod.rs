//! `selektable import …`: files of what happened before, or what got lost; also beside a running server. The same file
//! again changes nothing.

mod lines;
mod orders;
mod source;
mod table;
mod tally;
mod visualizations;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use selektable_store::Access;

use super::chosen::Chosen;
use crate::config::Config;
use crate::serving::open_store;
use source::Source;
use tally::Tally;

/// Records that are written at once.
const BATCH: usize = 500;

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Orders: Shopify's export or our own columns as CSV, orders of either platform's API or our webhook's bodies as
    /// one JSON object a line
    Orders(ImportArguments),
    /// Visualizations, with the fields of POST /api/v1/visualizations: one JSON object a line, or CSV
    Visualizations(ImportArguments),
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// The file; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    chosen: Chosen,
    /// What the file holds; by default the file's beginning tells
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The beginning of the file tells
    Auto,
    /// One JSON object a line
    Ndjson,
    /// Values in columns, with a line of names above them
    Csv,
}

/// Imports a file and says what became of its lines. Lines that are refused don't hold the others up.
pub(super) async fn run(command: ImportCommand, config: &Config) -> anyhow::Result<ExitCode> {
    let (ImportCommand::Orders(arguments) | ImportCommand::Visualizations(arguments)) = &command;
    let source = Source::open(&arguments.file, arguments.format)?;
    let store = open_store(config, Access::Administer).await?;
    let imported = match arguments.chosen.tenant(&store).await {
        Err(fault) => Err(fault),
        Ok(tenant) => match &command {
            ImportCommand::Orders(_) => orders::import(source, &store, tenant).await,
            ImportCommand::Visualizations(_) => visualizations::import(source, &store, tenant).await,
        },
    };
    store.close().await?;
    let tally: Tally = imported?;
    tally.say(arguments.json)?;
    Ok(if tally.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
