//! The command line: one file a command. Exit codes: 0 done, 1 failed (or found something wrong), 2 used wrongly.

mod backup;
mod chosen;
mod demo;
mod dump;
mod explain;
mod import;
mod key;
mod logging;
mod migrate;
mod options;
mod output;
mod pull;
mod recompute;
mod serve;
mod setup;
mod signals;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::config::settings::{ConfigFaults, Settings};
use options::{CommonOptions, ServeOptions};

/// Threads for work that blocks (password hashes, pictures, reads of the database): more than there can be of it.
const BLOCKING_THREADS_MAX: usize = 64;
/// Asynchronous work is short; two threads keep answering while one is held up.
const WORKER_THREADS_MIN: usize = 2;

/// Measures whether a product visualizer makes people buy.
#[derive(Debug, Parser)]
#[command(name = "selektable", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: CommonOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve shops, shoppers and merchants
    Serve(ServeOptions),
    /// Serve with a sample shop beside it, to walk the whole loop in a browser
    Demo(demo::DemoArguments),
    /// Make an organization with a store, a widget, a key and a member
    Setup(setup::SetupArguments),
    /// Make, list, replace and stop API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Look orders up at the store's platform
    #[command(subcommand)]
    Pull(pull::PullCommand),
    /// Take in files of orders or visualizations
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Tell why an order was decided as it was
    Explain(explain::ExplainArguments),
    /// Rebuild everything derived from the facts, or only compare
    Recompute(recompute::RecomputeArguments),
    /// Check that the database is whole
    Verify,
    /// Write facts and derived state as sorted lines of JSON
    Dump(dump::DumpArguments),
    /// Write a checked copy of the database, also while it is served
    Backup(backup::BackupArguments),
    /// Make a copy the database again
    Restore(backup::RestoreArguments),
    /// Move everything to another database, such as from a file to PostgreSQL
    Migrate(migrate::MigrateArguments),
}

/// Runs the command the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&format!("error: {error:#}"));
            let misused = error.is::<ConfigFaults>() || error.is::<options::Misuse>();
            ExitCode::from(if misused { 2 } else { 1 })
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = configure(&cli)?;
    logging::begin(&config.log)?;
    let workers = std::thread::available_parallelism().map_or(WORKER_THREADS_MIN, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers.max(WORKER_THREADS_MIN))
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        signals::survive_file_size_limit()?;
        match cli.command {
            Command::Serve(_) => serve::run(config).await,
            Command::Demo(arguments) => demo::run(arguments, &config.data_dir).await,
            Command::Setup(arguments) => setup::run(arguments, &config).await,
            Command::Key(command) => key::run(command, &config).await,
            Command::Import(command) => import::run(command, &config).await,
            Command::Pull(command) => pull::run(command, &config).await,
            Command::Explain(arguments) => explain::run(arguments, &config).await,
            Command::Recompute(arguments) => recompute::run(&arguments, &config).await,
            Command::Verify => verify::run(&config).await,
            Command::Dump(arguments) => dump::run(arguments, &config).await,
            Command::Backup(arguments) => backup::back_up(arguments, &config).await,
            Command::Restore(arguments) => backup::restore(arguments, &config).await,
            Command::Migrate(arguments) => migrate::run(arguments).await,
        }
    });
    // Whatever still runs has been asked to end; waiting for it could take for ever.
    runtime.shutdown_background();
    done
}

fn configure(cli: &Cli) -> Result<Config, ConfigFaults> {
    let mut settings = Settings::default();
    if let Command::Demo(_) = cli.command {
        // Its terminal shows what to do; requests would push it away.
        settings.take_from_command("log-filter", Some(&"warn".to_owned()));
    }
    if let Some(path) = &cli.common.config {
        settings.read_file(path);
    }
    cli.common.hand_to(&mut settings);
    if let Command::Serve(options) = &cli.command {
        options.hand_to(&mut settings);
    }
    if let Command::Pull(command) = &cli.command {
        command.platforms().hand_to(&mut settings);
    }
    settings.judge()
}
