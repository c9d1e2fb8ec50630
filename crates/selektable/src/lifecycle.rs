//! Whether the server runs, drains or must end: one value that everything that lasts watches.

use tokio_util::sync::CancellationToken;

/// Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    draining: CancellationToken,
}

impl Lifecycle {
    /// Begins to drain: no new connections, not ready, requests in flight are finished.
    pub fn drain(&self) {
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
