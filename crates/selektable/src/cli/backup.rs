//! `selektable backup` and `selektable restore`: copies that were checked.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use selektable_domain::time::Timestamp;
use selektable_store::backup::{self, Contents, Judged, Watch};

use super::output::{progress, say};
use crate::config::Config;
use crate::serving::make_folder;

#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    /// Where to write the copy; must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    /// What `selektable backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Take the place of the database that is there; it is kept under another name beside it
    #[arg(long)]
    replace: bool,
}

/// Copies the database, also beside a running server, and checks the copy.
pub(super) async fn back_up(arguments: BackupArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let contents = backup::backup(&config.database, &arguments.file, watch()).await?;
    tell("backed up", &contents)?;
    say(&format!("  file     {}", arguments.file.display()))?;
    say(&format!("  size     {} bytes", contents.bytes))?;
    say(&format!("  sha256   {}", contents.sha256))?;
    Ok(ExitCode::SUCCESS)
}

/// Puts a copy in the place of the database, and says what to do next.
pub(super) async fn restore(arguments: RestoreArguments, config: &Config) -> anyhow::Result<ExitCode> {
    if config.database.starts_with("sqlite:") {
        make_folder(&config.data_dir)
            .with_context(|| format!("the data folder {} can't be made", config.data_dir.display()))?;
    }
    let restored = backup::restore(&config.database, &arguments.file, arguments.replace, watch()).await?;
    tell("restored", &restored.contents)?;
    say(&format!("  into     {}", restored.database.display()))?;
    if let Some(replaced) = &restored.replaced {
        say(&format!(
            "  before   {} (the database that was there; delete it once all is well)",
            replaced.display()
        ))?;
    }
    say("next:")?;
    say("  1. start `selektable serve`")?;
    let since = last(&restored.contents);
    say(&format!("  2. bring in what came later ({since}): `selektable pull orders`, or send it again"))?;
    say("  3. repeat what was taken back since then: erasures, deleted shop data, revoked keys")?;
    Ok(ExitCode::SUCCESS)
}

fn watch() -> Watch {
    Watch { copying: progress("bytes copied"), checking: progress("facts checked") }
}

fn tell(verb: &str, contents: &Contents) -> std::io::Result<()> {
    say(&format!("{verb} {} facts and {} conversions", contents.facts, contents.conversions))?;
    say(&format!("  last     {}", last(contents)))?;
    match contents.judged {
        Judged::Whole => say("  checked  every digest, seal and index: no faults"),
        Judged::Older { schema, newest } => say(&format!(
            "  checked  pages and indexes: no faults. It has schema {schema}; the next `selektable serve` brings it \
             to {newest}, then run `selektable verify`"
        )),
    }
}

/// When the last fact was received.
fn last(contents: &Contents) -> String {
    contents.newest.map_or_else(|| "nothing received yet".to_owned(), Timestamp::to_rfc3339)
}
