//! Work in the background: pictures whose time is over are deleted, as was promised to the shopper.

use std::time::Duration;

use crate::ambient;
use crate::app::App;

/// Pause between two looks. A picture is not shown after its time anyhow; this is when its bytes go.
const PAUSE: Duration = Duration::from_secs(60);
/// Most calls of the store in one look, each of some hundreds: what is left waits for the next one, so that a server
/// that was down for a month does not spend its first minutes on this.
const CALLS_MAX: usize = 20;

/// Deletes expired pictures, now and once a minute, until the server drains.
pub async fn delete_expired_pictures(app: App) {
    while !app.lifecycle.is_draining() {
        delete_some(&app).await;
        tokio::select! {
            () = app.lifecycle.drained() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn delete_some(app: &App) {
    let mut deleted = 0;
    for _ in 0..CALLS_MAX {
        if app.lifecycle.is_draining() {
            break;
        }
        match app.store.delete_expired_pictures(ambient::now()).await {
            Ok(0) => break,
            Ok(some) => deleted += some,
            Err(error) => {
                tracing::warn!(%error, "expired pictures were not deleted; the next try is in a minute");
                break;
            }
        }
    }
    if deleted > 0 {
        tracing::info!(deleted, "expired pictures were deleted");
    }
}
