//! What is measured on one database.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use selektable_store::SharedStore;
use tokio::task::JoinSet;

use super::fill::Filled;
use super::history::History;
use super::memory;
use super::report::Scale;

/// Conversions that are explained, one after the other.
const EXPLAINED: u64 = 2_000;
/// Late facts, and how many are under way together so that they share the disk's flush.
const LATE: u64 = 4_096;
const LATE_TOGETHER: u64 = 512;
/// Orders in one call of the ingest beside a recomputation.
const BESIDE: u64 = 64;

/// Measures everything; the database is left with some facts more, none of them an order.
pub(crate) async fn measure(file: &Path, filled: Filled) -> anyhow::Result<Scale> {
    let Filled { store, history, made_in } = filled;
    // The first reading brings the file into the page cache, for what comes after it alike.
    read(file).await?;
    let (read_rows, read_seconds) = read(file).await?;
    memory::forget_peak()?;
    let check_seconds = check(&store, &history).await?;
    let check_peak_mib = memory::peak_mib()?;
    memory::forget_peak()?;
    let recompute_seconds = recompute(&store).await?;
    let recompute_peak_mib = memory::peak_mib()?;
    let (beside_seconds, beside_orders) = recompute_beside_ingest(&store, history).await?;
    let explain = explain(&store, &history).await?;
    let late_seconds = late(&store, history).await?;
    store.close().await?;
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    let [orders, late, beside] = [history.conversions as f64, LATE as f64, beside_orders as f64];
    Ok(Scale {
        visualizations: history.visualizations,
        conversions: history.conversions,
        made_in,
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
        late_fact_ms: late_seconds * 1000.0 / late,
        explain_p50_ms: at(&explain, 500),
        explain_p99_ms: at(&explain, 990),
    })
}

async fn read(file: &Path) -> anyhow::Result<(u64, f64)> {
    let file = file.to_owned();
    let begun = Instant::now();
    let rows = tokio::task::spawn_blocking(move || selektable_store::sqlite::read_through(&file)).await??;
    Ok((rows, begun.elapsed().as_secs_f64()))
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

async fn explain(store: &SharedStore, history: &History) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for nth in 0..EXPLAINED {
        let place = nth * (history.conversions / EXPLAINED).max(1) % history.conversions;
        let order = History::order_id(place)?;
        let begun = Instant::now();
        store.conversion(history.tenant, order).await?.context("an order is not there")?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

fn at(times: &[Duration], thousandth: usize) -> f64 {
    let place = times.len().saturating_sub(1) * thousandth / 1_000;
    times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

/// Sends visualizations that come long after their time, each of the visitor of an order and before it.
async fn late(store: &SharedStore, history: History) -> anyhow::Result<f64> {
    // Another one in another run on a database that is kept.
    let nth = u64::from(std::process::id());
    let begun = Instant::now();
    let mut redecided = 0;
    for from in (0..LATE).step_by(usize::try_from(LATE_TOGETHER)?) {
        let mut tasks = JoinSet::new();
        for place in from..from + LATE_TOGETHER {
            let late =
                history.late(nth, place * (history.conversions / LATE).max(1) % history.conversions)?;
            let store = store.clone();
            tasks.spawn(async move { store.record_visualization(late).await });
        }
        while let Some(done) = tasks.join_next().await {
            redecided += done??.redecided;
        }
    }
    ensure!(redecided > 0, "no late fact changed a decision");
    Ok(begun.elapsed().as_secs_f64())
}
