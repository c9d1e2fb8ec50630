//! The history into a database, through the store's own interface, many writes at a time.

use std::time::Instant;

use selektable_store::SharedStore;
use serde::Serialize;
use tokio::task::JoinSet;

use super::history::History;

/// Writes under way at a time.
const CONCURRENT: u64 = 2_048;
/// Orders in one call.
const ORDERS: u64 = 256;
/// Visualizations between two lines of progress.
const TOLD_EVERY: u64 = CONCURRENT * 50;

/// What was written, and how fast.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filled {
    /// Seconds it took.
    pub(crate) seconds: f64,
    /// Visualizations and orders a second.
    pub(crate) facts_per_second: f64,
}

/// Writes a history, in time's order but for what is under way together.
pub(crate) async fn fill(store: &SharedStore, history: History) -> anyhow::Result<Filled> {
    let begun = Instant::now();
    let mut ordered = 0;
    for from in (0..history.visualizations).step_by(usize::try_from(CONCURRENT)?) {
        let to = (from + CONCURRENT).min(history.visualizations);
        let until = if to == history.visualizations { history.conversions } else { due(&history, to) };
        let mut tasks = JoinSet::new();
        show(&mut tasks, store, &history, from..to)?;
        order(&mut tasks, store, &history, ordered..until)?;
        ordered = until;
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        if to.is_multiple_of(TOLD_EVERY) {
            let History { visualizations, conversions, .. } = history;
            let line =
                format!("{to} of {visualizations} visualizations, {ordered} of {conversions} orders\n");
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes())?;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    let facts = (history.visualizations + history.conversions) as f64;
    Ok(Filled { seconds, facts_per_second: facts / seconds })
}

type Writes = JoinSet<anyhow::Result<()>>;

fn show(
    tasks: &mut Writes,
    store: &SharedStore,
    history: &History,
    places: std::ops::Range<u64>,
) -> anyhow::Result<()> {
    for place in places {
        let (shown, login, store) = (history.visualization(place)?, history.login(place)?, store.clone());
        tasks.spawn(async move {
            store.record_visualization(shown).await?;
            match login {
                Some(login) => Ok(store.record_events(login).await.map(|_| ())?),
                None => Ok(()),
            }
        });
    }
    Ok(())
}

fn order(
    tasks: &mut Writes,
    store: &SharedStore,
    history: &History,
    places: std::ops::Range<u64>,
) -> anyhow::Result<()> {
    for from in places.clone().step_by(usize::try_from(ORDERS)?) {
        let batch = (from..(from + ORDERS).min(places.end)).map(|place| history.order(place));
        let (batch, store) = (batch.collect::<anyhow::Result<Vec<_>>>()?, store.clone());
        tasks.spawn(async move { Ok(store.ingest_orders(batch).await.map(|_| ())?) });
    }
    Ok(())
}

/// Orders that were placed by the time of a visualization.
fn due(history: &History, visualizations: u64) -> u64 {
    let due = u128::from(visualizations) * u128::from(history.conversions)
        / u128::from(history.visualizations.max(1));
    u64::try_from(due).unwrap_or(u64::MAX)
}
