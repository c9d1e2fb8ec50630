//! The pull that nobody asks for: once an hour, for every store whose platform can be asked, so that what an outage lost
//! comes in by itself.

use std::time::Duration;

use selektable_domain::time::{DAY_MS, Timestamp};
use selektable_store::platforms::{PULLS_KEPT_MAX, PullMode, PullRun, PullState};
use selektable_store::settings::Platform;
use selektable_store::{StoreResult, Tenant};

use super::StartFault;
use crate::ambient;
use crate::app::App;
use crate::lease::Lease;

/// Usual time between two pulls of a store.
pub const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How far a pull reaches back behind the one before: the shop's clock may be off by hours (PLATFORMS section 5), and
/// changes may become visible late.
pub const OVERLAP_MS: i64 = DAY_MS;
/// Longest pause between two looks at what is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Looks after which another process takes over from one that says nothing, and the least time for that.
const LOOKS_MISSED: u32 = 3;
const LEASE_MIN: Duration = Duration::from_secs(10);

/// Pulls what is due, now and again, until the server drains; not at all when the interval is zero.
pub async fn keep_pulling(app: App) {
    if app.config.pull_interval.is_zero() {
        return;
    }
    let pause = app.config.pull_interval.min(LOOK_EVERY);
    // One process does it as long as it lives: it remembers what it has brought in.
    let lease = Lease::new(&app.store, "pulls", LEASE_MIN.max(pause * LOOKS_MISSED));
    while !app.lifecycle.is_draining() {
        if let Err(error) = pull_in_turn(&app, &lease).await {
            tracing::warn!(%error, "orders were not looked up; the next try is in a minute");
        }
        tokio::select! {
            () = app.lifecycle.drained() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    lease.release().await;
}

async fn pull_in_turn(app: &App, lease: &Lease) -> StoreResult<()> {
    if lease.hold().await? { pull_what_is_due(app).await } else { Ok(()) }
}

async fn pull_what_is_due(app: &App) -> StoreResult<()> {
    for (organization, store) in app.store.all_stores().await? {
        let Some(tenant) = app.store.tenant(organization, store).await? else { continue };
        if app.lifecycle.is_draining() {
            break;
        }
        pull_if_due(app, tenant).await?;
    }
    Ok(())
}

async fn pull_if_due(app: &App, tenant: Tenant) -> StoreResult<()> {
    let store = app.store.store(tenant).await?;
    if store.platform == Platform::Custom {
        return Ok(());
    }
    let Some(access) = app.store.platform_link(tenant).await?.access else { return Ok(()) };
    let since = async || {
        let runs = app.store.pulls(tenant).await?;
        let interval_ms = i64::try_from(app.config.pull_interval.as_millis()).unwrap_or(i64::MAX);
        StoreResult::Ok(due(&runs, store.created_at, Clock { now: ambient::now(), interval_ms }))
    };
    let turn = super::turn(&app.store, tenant.store);
    if since().await?.is_none() || !turn.hold().await? {
        return Ok(());
    }
    // Somebody else's may have ended between the look and the turn.
    let Some(since) = since().await? else {
        turn.release().await;
        return Ok(());
    };
    match app.pulls.go_on(app, tenant, access, turn, (since, PullMode::BringIn)).await {
        Ok(_) | Err(StartFault::NoAccess | StartFault::Running) => Ok(()),
        Err(StartFault::Storage(error)) => Err(error),
    }
}

/// What decides whether it is time.
#[derive(Clone, Copy)]
struct Clock {
    now: Timestamp,
    /// Between two pulls.
    interval_ms: i64,
}

/// Since when to pull, if it is time to. An interrupted pull goes on where it stopped; one that goes on has its turn.
fn due(runs: &[PullRun], store_made_at: Timestamp, clock: Clock) -> Option<Timestamp> {
    let newest = runs.iter().find(|run| run.mode == PullMode::BringIn);
    let idle_ms = newest.map_or(i64::MAX, |run| clock.now.millis_since(run.updated_at));
    match newest.filter(|run| run.state == PullState::Running) {
        Some(running) => Some(running.since),
        None if idle_ms < clock.interval_ms => None,
        None => Some(seen_until(runs, store_made_at).plus_millis(-OVERLAP_MS)),
    }
}

/// Until when everything was seen: finished pulls count as far as they join without a gap, so that somebody's look at
/// the last hour does not stand for the week before it. `runs` are newest first.
fn seen_until(runs: &[PullRun], store_made_at: Timestamp) -> Timestamp {
    // Older ones than those kept have gone; what they saw was seen.
    let is_cut = runs.len() >= PULLS_KEPT_MAX as usize;
    let start =
        runs.last().filter(|_| is_cut).map_or(store_made_at, |oldest| oldest.started_at.max(store_made_at));
    let finished = |run: &&PullRun| run.mode == PullMode::BringIn && run.state == PullState::Done;
    runs.iter()
        .rev()
        .filter(finished)
        .fold(start, |seen, run| if run.since <= seen { seen.max(run.started_at) } else { seen })
}

#[cfg(test)]
mod tests {
    use selektable_domain::time::HOUR_MS;

    use super::*;

    const fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * HOUR_MS)
    }

    fn run(started: i64, since: i64, mode: PullMode, state: PullState) -> PullRun {
        PullRun {
            started_at: at(started),
            mode,
            since: at(since),
            cursor: None,
            state,
            updated_at: at(started),
            orders: 0,
            missing: 0,
            differing: 0,
            same: 0,
            passed_over: 0,
            lines: Vec::new(),
        }
    }

    fn due_at(runs: &[PullRun], now: i64) -> Option<Timestamp> {
        let clock = Clock { now: at(now), interval_ms: HOUR_MS };
        due(runs, at(100), clock)
    }

    #[test]
    fn the_first_pull_begins_a_day_before_the_store_was_made() {
        assert_eq!(due_at(&[], 101), Some(at(76)));
        let compared = run(101, 0, PullMode::Compare, PullState::Done);
        assert_eq!(due_at(&[compared], 101), Some(at(76)), "a comparison brings nothing in");
    }

    #[test]
    fn the_next_one_overlaps_the_last_finished_one_by_a_day_and_waits_for_its_hour() {
        let finished = run(200, 76, PullMode::BringIn, PullState::Done);
        assert_eq!(due_at(std::slice::from_ref(&finished), 200), None);
        assert_eq!(due_at(std::slice::from_ref(&finished), 201), Some(at(176)));
        let failed = run(201, 176, PullMode::BringIn, PullState::Failed("…".to_owned()));
        let runs = [failed, finished];
        assert_eq!(due_at(&runs, 201), None, "a shop that is down is not hammered");
        assert_eq!(due_at(&runs, 202), Some(at(176)), "nothing is left out");
    }

    #[test]
    fn a_look_at_the_last_hour_does_not_stand_for_the_days_before() {
        let hour = run(300, 299, PullMode::BringIn, PullState::Done);
        let first = run(200, 76, PullMode::BringIn, PullState::Done);
        assert_eq!(due_at(&[hour.clone(), first], 302), Some(at(176)));
        assert_eq!(due_at(&[hour], 302), Some(at(76)));
    }

    #[test]
    fn an_interrupted_pull_goes_on_at_once() {
        let interrupted = run(200, 76, PullMode::BringIn, PullState::Running);
        assert_eq!(due_at(&[interrupted], 200), Some(at(76)));
    }
}
