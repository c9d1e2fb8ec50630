//! Work in the background, by one process at a time: pictures whose time is over are deleted, as was promised to the
//! shopper, and what processes agreed on and is over goes too.

use std::time::Duration;

use crate::ambient;
use crate::app::App;
use crate::lease::Lease;

/// Pause between two looks. A picture is not shown after its time anyhow; this is when its bytes go.
const PAUSE: Duration = Duration::from_secs(60);
/// How long a process that says nothing keeps the work: two looks that fail are no reason to hand it over.
const LEASE_FOR: Duration = Duration::from_secs(3 * 60);
/// Most calls of the store in one look, each of some hundreds: what is left waits for the next one, so that a server
/// that was down for a month does not spend its first minutes on this.
const CALLS_MAX: usize = 20;

/// Pause between two looks for browser events that a store keeps no longer. They go by whole months.
const ROLL_OFF_PAUSE: Duration = Duration::from_secs(60 * 60);
/// Pause between two steps of it, so that it takes a small part of what the disk can do.
const STEP_PAUSE: Duration = Duration::from_millis(20);

/// Rolls off browser events that stores keep no longer, now and once an hour, until the server drains. It goes on where it
/// was, whoever began it.
pub async fn roll_off_events(app: App) {
    let lease = Lease::new(&app.store, "retention", LEASE_FOR);
    while !app.lifecycle.is_draining() {
        match lease.hold().await {
            Ok(true) => {
                let drained = app.lifecycle.drained();
                tokio::select! {
                    () = drained => {}
                    _ = lease.keep_while(roll_off(&app)) => {}
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "no events were rolled off; the next try is in an hour"),
        }
        tokio::select! {
            () = app.lifecycle.drained() => {}
            () = tokio::time::sleep(ROLL_OFF_PAUSE) => {}
        }
    }
    lease.release().await;
}

async fn roll_off(app: &App) {
    let (mut events, mut months, mut visitors) = (0, 0, 0);
    loop {
        match app.store.roll_off(ambient::now()).await {
            Ok(step) => {
                events += step.events;
                months += step.months;
                visitors += step.visitors;
                if !step.more {
                    break;
                }
                tokio::time::sleep(STEP_PAUSE).await;
            }
            Err(error) => {
                tracing::warn!(%error, "events were not rolled off; the next try is in an hour");
                break;
            }
        }
    }
    if events + months + visitors > 0 {
        tracing::info!(events, months, visitors, "browser events that stores keep no longer are gone");
    }
}

/// Deletes what is over, now and once a minute, until the server drains.
pub async fn delete_what_is_over(app: App) {
    let lease = Lease::new(&app.store, "upkeep", LEASE_FOR);
    while !app.lifecycle.is_draining() {
        match lease.hold().await {
            Ok(true) => delete_some(&app).await,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "nothing was deleted; the next try is in a minute"),
        }
        tokio::select! {
            () = app.lifecycle.drained() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
    lease.release().await;
}

async fn delete_some(app: &App) {
    if let Err(error) = app.store.forget_expired().await {
        tracing::warn!(%error, "leases and tries that are over were not deleted");
    }
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
