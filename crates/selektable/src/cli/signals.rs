//! What the operating system tells us.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::lifecycle::Lifecycle;

/// `SIGXFSZ` on Linux (all architectures but MIPS).
const FILE_SIZE_EXCEEDED: i32 = 25;

/// A file that may not grow is a full disk to us, and no reason to be killed: with a handler, the write fails with
/// an error that the storage understands.
pub(super) fn survive_file_size_limit() -> io::Result<()> {
    signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED)).map(drop)
}

/// The first SIGTERM or SIGINT says that the server is leaving and drains it after a delay; the second ends the process
/// at once.
pub(super) fn drain_on_request(lifecycle: Lifecycle, delay: Duration) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut asked = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::spawn(async move {
        asked().await;
        tracing::info!("stopping: requests in flight are finished");
        lifecycle.leave();
        let drain = async {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            lifecycle.drain();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = asked() => {}
            () = drain => {}
        }
        tracing::warn!("asked twice: ending without waiting");
        std::process::exit(1);
    });
    Ok(())
}
