//! `selektable demo`.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::signals;
use crate::demo;
use crate::lifecycle::Lifecycle;

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Where the server listens; the next free port when it is taken
    #[arg(long, value_name = "ADDRESS", default_value_t = demo::Options::default().listen)]
    listen: SocketAddr,
    /// Where the shop listens; the next free port when it is taken
    #[arg(long, value_name = "ADDRESS", default_value_t = demo::Options::default().shop_listen)]
    shop_listen: SocketAddr,
    /// Begin anew: forget what was done in the demo before
    #[arg(long)]
    reset: bool,
}

/// Runs the demo until it is asked to stop. Its data lies in a folder of its own, so that `--reset` can't touch
/// a real server's.
pub(super) async fn run(arguments: DemoArguments, data_dir: &Path) -> anyhow::Result<ExitCode> {
    let lifecycle = Lifecycle::default();
    signals::drain_on_request(lifecycle.clone(), Duration::ZERO)?;
    let options = demo::Options {
        listen: arguments.listen,
        shop_listen: arguments.shop_listen,
        data_dir: data_dir.join("demo"),
        reset: arguments.reset,
    };
    demo::run(options, lifecycle, &mut io::stdout()).await?;
    Ok(ExitCode::SUCCESS)
}
