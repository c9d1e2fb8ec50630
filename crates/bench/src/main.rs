#![forbid(unsafe_code)]
//! `selektable-bench`: load from a second process on loopback, bounded in time, against the real server program and,
//! in the same run, against the same parse and validation with storage switched off. Every rate is printed beside
//! that limit, because absolute figures of two machines, or of one machine on two days, do not compare.

mod limits;
mod load;
mod no_storage;
mod options;
mod people;
mod percentiles;
mod process;
mod recompute;
mod report;
mod requests;
mod runs;
mod seed;
mod subject;
mod table;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use options::Common;
use runs::{events, ingest, mixed, reports};

#[derive(Parser)]
#[command(about = "Measures a selektable server on this machine; all traffic stays on 127.0.0.1")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Order ingest over HTTP: durable, de-duplicated, attributed
    Ingest(ingest::Options),
    /// Events as the embed script sends them
    Events(events::Options),
    /// Events, visualizations, orders and reads at once
    Mixed(Common),
    /// What the Analytics page asks, over ninety days
    Reports(Common),
    /// Deciding everything again: check, recompute, late facts and explain, against a plain read of the same rows
    #[command(alias = "replay")]
    Recompute(recompute::Options),
    /// One customer with very many browsers: what each step costs as there are more of them
    People(people::Options),
    /// JSON lines of runs, from standard input, as tables in Markdown
    Table,
    /// The limit: a server that parses and validates and stores nothing (started by the other commands)
    #[command(hide = true)]
    NoStorageServer {
        /// Folder that `selektable setup` made
        data: String,
    },
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate())?;
        // What a run started ends with it: servers, the cluster and the temporary folders go when `run` is dropped.
        tokio::select! {
            done = run(Arguments::parse().command) => done,
            _ = terminated.recv() => anyhow::bail!("ended before its time"),
            _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
        }
    })
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Ingest(options) => ingest::run(options).await,
        Command::Events(options) => events::run(options).await,
        Command::Mixed(common) => mixed::run(common).await,
        Command::Reports(common) => reports::run(common).await,
        Command::Recompute(options) => recompute::run(options).await,
        Command::People(options) => people::run(options).await,
        Command::Table => table::run(),
        Command::NoStorageServer { data } => no_storage::serve(&data).await,
    }
}
