//! Whether the server runs, is leaving, drains or must end: one value that everything that lasts watches.

use tokio_util::sync::CancellationToken;

/// Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    leaving: CancellationToken,
    draining: CancellationToken,
}

impl Lifecycle {
    /// Says that it will drain: not ready, but whatever still comes is served. A proxy looks away meanwhile.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// Whether it is leaving or drains.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving.is_cancelled()
    }

    /// Begins to drain: no new connections, not ready, requests in flight are finished.
    pub fn drain(&self) {
        self.leave();
        self.draining.cancel();
    }

    /// Whether it drains.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Waits until it drains; for background work and long answers that should end then.
    pub async fn drained(&self) {
        self.draining.cancelled().await;
    }
}
