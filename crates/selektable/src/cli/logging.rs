//! The log: lines on standard error, for people or for collectors.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogOptions};

/// Begins to log.
pub(super) fn begin(options: &LogOptions) -> anyhow::Result<()> {
    let terminal = io::stderr().is_terminal();
    let usual = if terminal { LogFormat::Text } else { LogFormat::Json };
    // Were its own errors reported, a closed standard error would end the process.
    let log = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(terminal)
        .log_internal_errors(false)
        .with_env_filter(EnvFilter::try_new(&options.filter)?);
    let begun = match options.format.unwrap_or(usual) {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).try_init(),
    };
    begun.map_err(|error| anyhow::anyhow!("the log can't begin: {error}"))
}
