//! `selektable serve`.

use std::process::ExitCode;

use super::{output, signals};
use crate::config::Config;
use crate::serving::Server;

/// Serves until it is asked to stop.
pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let database = config.shown_database();
    let delay = config.limits.drain_delay;
    let server = Server::start(config).await?;
    signals::drain_on_request(server.app().lifecycle.clone(), delay)?;
    let public_url = server.app().public_url.as_str().to_owned();
    tracing::info!(address = %server.address(), public_url, database, "serving");
    output::say(&format!("listening on http://{}", server.address()))?;
    server.run().await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
