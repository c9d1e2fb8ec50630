//! What is measured on one database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use selektable_store::SharedStore;
use tokio::task::JoinSet;

use super::memory;
use super::plain_read::plain_read;
use super::report::Scale;
use crate::percentiles::Percentiles;
use crate::seed::fill::Filled;
use crate::seed::history::History;
use crate::subject::Database;

/// Conversions that are explained, one after the other.
const EXPLAINED: u64 = 2_000;
/// Late facts, and how many are under way together so that they share the disk's flush.
const LATE: u64 = 4_096;
const LATE_TOGETHER: u64 = 512;
/// Orders in one call of the ingest beside a recomputation.
const BESIDE: u64 = 64;

/// An opened database with its history in it.
pub(super) struct Subject {
    pub(super) store: SharedStore,
    pub(super) history: History,
    /// `None` when it was there.
    pub(super) made: Option<Filled>,
    /// Longest time of what can be cut short.
    pub(super) time: Duration,
}

/// Measures everything; the database is left with some facts more, none of them an order.
pub(super) async fn measure(database: &Database, subject: Subject) -> anyhow::Result<Scale> {
    let Subject { store, history, made, time } = subject;
    // The first reading brings the data into the page cache, for what comes after it alike.
    plain_read(database).await?;
    let (read_rows, read_seconds) = plain_read(database).await?;
    memory::forget_peak()?;
    let check_seconds = check(&store, &history).await?;
    let check_peak_mib = memory::peak_mib()?;
    memory::forget_peak()?;
    let recompute_seconds = recompute(&store).await?;
    let recompute_peak_mib = memory::peak_mib()?;
    let (beside_seconds, beside_orders) = recompute_beside_ingest(&store, history).await?;
    let explain = explain(&store, &history, time).await?;
    let late_fact_ms = late(&store, history, time).await?;
    store.close().await?;
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    let [orders, beside] = [history.conversions as f64, beside_orders as f64];
    Ok(Scale {
        visualizations: history.visualizations,
        conversions: history.conversions,
        made,
        read_rows,
        read_seconds,
        check_seconds,
        check_ratio: check_seconds / read_seconds,
        check_peak_mib,
        recompute_seconds,
        recompute_per_second: orders / recompute_seconds,
        recompute_peak_mib,
        beside_per_second: orders / beside_seconds,
        beside_orders_per_second: beside / beside_seconds,
        late_fact_ms,
        explain,
    })
}

async fn check(store: &SharedStore, history: &History) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let report = store.recompute_check(Box::new(|_, _| {})).await?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(
        report.differences == 0,
        "{} differences, first: {:?}",
        report.differences,
        report.first_difference
    );
    ensure!(report.conversions >= history.conversions, "only {} conversions", report.conversions);
    Ok(seconds)
}

async fn recompute(store: &SharedStore) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let report = store.recompute(Box::new(|_, _| {})).await?;
    ensure!(report.differences == 0, "{:?}", report.first_difference);
    Ok(begun.elapsed().as_secs_f64())
}

/// Sends orders that are known already, changed and changed back, while everything is decided again.
async fn recompute_beside_ingest(store: &SharedStore, history: History) -> anyhow::Result<(f64, u64)> {
    let (over, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let sending = tokio::spawn(send_until(store.clone(), history, Arc::clone(&over), Arc::clone(&sent)));
    let seconds = recompute(store).await;
    let orders = sent.load(Ordering::Relaxed);
    over.store(true, Ordering::Relaxed);
    sending.await??;
    Ok((seconds?, orders))
}

async fn send_until(
    store: SharedStore,
    history: History,
    over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    let mut place = 0;
    while !over.load(Ordering::Relaxed) {
        let turn = place / history.conversions;
        let batch = (place..place + BESIDE).map(|place| {
            let mut delivery = history.order(place % history.conversions)?;
            delivery.order.total_minor += i64::try_from(turn % 2 + 1)?;
            Ok(delivery)
        });
        store.ingest_orders(batch.collect::<anyhow::Result<Vec<_>>>()?).await?;
        place += BESIDE;
        sent.store(place, Ordering::Relaxed);
    }
    Ok(())
}

async fn explain(store: &SharedStore, history: &History, time: Duration) -> anyhow::Result<Percentiles> {
    let (begun, mut micros) = (Instant::now(), Vec::new());
    for nth in 0..EXPLAINED {
        if begun.elapsed() > time {
            break;
        }
        let place = nth * (history.conversions / EXPLAINED).max(1) % history.conversions;
        let order = History::order_id(place)?;
        let begun = Instant::now();
        store.conversion(history.tenant, order).await?.context("an order is not there")?;
        micros.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(Percentiles::of(micros))
}

/// Sends visualizations that come long after their time, each of the visitor of an order and before it; milliseconds of
/// one.
async fn late(store: &SharedStore, history: History, time: Duration) -> anyhow::Result<f64> {
    // Another one in another run on a database that is kept.
    let nth = u64::from(std::process::id());
    let begun = Instant::now();
    let (mut sent, mut redecided) = (0_u32, 0);
    for from in (0..LATE).step_by(usize::try_from(LATE_TOGETHER)?) {
        if begun.elapsed() > time {
            break;
        }
        let mut tasks = JoinSet::new();
        for place in from..from + LATE_TOGETHER {
            let late =
                history.late(nth, place * (history.conversions / LATE).max(1) % history.conversions)?;
            let store = store.clone();
            tasks.spawn(async move { store.record_visualization(late).await });
        }
        while let Some(done) = tasks.join_next().await {
            redecided += done??.redecided;
            sent += 1;
        }
    }
    ensure!(redecided > 0, "no late fact changed a decision");
    Ok(begun.elapsed().as_secs_f64() * 1_000.0 / f64::from(sent))
}
