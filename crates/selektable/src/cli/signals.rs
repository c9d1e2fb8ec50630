//! What the operating system tells us.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::lifecycle::Lifecycle;

/// `SIGXFSZ` on Linux (all architectures but MIPS).
const FILE_SIZE_EXCEEDED: i32 = 25;

/// A file that may not grow is a full disk to us, and no reason to be killed: with a handler, the write fails with
/// an error that the storage understands.
pub(super) fn survive_file_size_limit() -> io::Result<()> {
    signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED)).map(drop)
}

/// The first SIGTERM or SIGINT drains, the second ends the process at once.
pub(super) fn drain_on_request(lifecycle: Lifecycle) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        for stop_now in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stop_now {
                tracing::warn!("asked twice: ending without waiting");
                std::process::exit(1);
            }
            tracing::info!("stopping: requests in flight are finished");
            lifecycle.drain();
        }
    });
    Ok(())
}
