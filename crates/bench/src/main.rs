#![forbid(unsafe_code)]
//! `selektable-bench`: load from a second process on loopback, bounded in time, against the real server program and,
//! in the same run, against the same parse and validation with storage switched off. Every rate is printed beside
//! that limit, because absolute figures of two machines, or of one machine on two days, do not compare.

mod deliveries;
mod ingest;
mod load;
mod no_storage;
mod orders;
mod people;
mod replay;
mod report;
mod server;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures a selektable server on this machine; all traffic stays on 127.0.0.1")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Order ingest over HTTP: durable, de-duplicated, attributed; against the no-storage limit of the same run
    Ingest(ingest::Options),
    /// Deciding everything again: check, recompute, late facts and explain, against a plain read of the same rows
    Replay(replay::Options),
    /// One customer with very many browsers: what each step costs as there are more of them
    People(people::Options),
    /// The limit: a server that parses and validates orders and stores nothing (started by `ingest`)
    #[command(hide = true)]
    NoStorageServer {
        /// Folder that `selektable setup` made
        data: String,
    },
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match Arguments::parse().command {
        Command::Ingest(options) => runtime.block_on(ingest::run(options)),
        Command::Replay(options) => runtime.block_on(replay::run(options)),
        Command::People(options) => runtime.block_on(people::run(options)),
        Command::NoStorageServer { data } => runtime.block_on(no_storage::serve(&data)),
    }
}
