//! What the Analytics page and the other reports ask over ninety days: one reader, then four at a time, beside the same routes of a server
//! that has nothing to read, and beside one plain reading of every row.

use std::sync::Arc;
use std::time::Instant;

use super::first_number;
use crate::load::{self, Bounds, Outcome, UNBOUNDED};
use crate::options::Common;
use crate::report::{Rate, Ratio, Report, ServerFigures};
use crate::requests::deliveries::Sender;
use crate::requests::reads::Reads;
use crate::subject::server::Server;
use crate::subject::{Database, NoStorage, Subject, WARM_UP};

/// Readers at a time in the second part.
const READERS: u64 = 4;
const ONE: &str = "one reader";
const FOUR: &str = "four readers";

pub(crate) async fn run(common: Common) -> anyhow::Result<()> {
    let subject = Subject::prepare(&common, Sender::Custom).await?;
    let limit = NoStorage::start(Sender::Custom).await?;
    let reads = Arc::new(Reads::of_api(&limit.shop, subject.now).with_reports(&limit.shop, subject.now));
    let empty = read(&limit.server, &reads, 1, &common).await?;
    limit.server.stop().await?;
    let mut limits = named("no storage", &empty);
    let server = subject.start().await?;
    let before = ServerFigures::before(&server)?;
    let cookie = server.log_in(&subject.shop).await?;
    let reads = Reads::of_api(&subject.shop, subject.now).with_reports(&subject.shop, subject.now);
    let reads = Arc::new(reads.with_page(&subject.shop, &cookie));
    let one = read(&server, &reads, 1, &common).await?;
    let four = read(&server, &reads, READERS, &common).await?;
    let figures = before.after(&server)?;
    server.stop().await?;
    limits.extend(plain_read(&subject.database).await?);
    let measured: Vec<Rate> = named(ONE, &one).into_iter().chain(named(FOUR, &four)).collect();
    let report = Report {
        command: "reports",
        engine: common.place.engine,
        seconds: common.seconds,
        connections: READERS,
        history: subject.seeded.clone(),
        ratios: ratios(&measured, &limits),
        limits,
        measured,
        server: figures,
        writes: None,
    };
    report.print(&common)?;
    subject.database.close().await
}

async fn read(
    server: &Server,
    reads: &Arc<Reads>,
    connections: u64,
    common: &Common,
) -> anyhow::Result<Outcome> {
    let bounds = Bounds { connections, first: first_number(), count: UNBOUNDED, time: WARM_UP };
    load::run(server.address, Arc::clone(reads), bounds).await?;
    load::run(server.address, Arc::clone(reads), Bounds { time: common.time(), ..bounds }).await
}

/// All routes together, then each: `one reader`, `one reader: summary`, …
fn named(who: &str, outcome: &Outcome) -> Vec<Rate> {
    let mut rates = Rate::of_outcome(who, outcome, 1);
    for rate in rates.iter_mut().skip(1) {
        rate.name = format!("{who}: {}", rate.name);
    }
    rates
}

/// Of each route, its 99th percentile beside that of the same route with nothing to read.
fn ratios(measured: &[Rate], limits: &[Rate]) -> Vec<Ratio> {
    let route = |rate: &Rate| rate.name.split_once(": ").map(|(_, route)| route.to_owned());
    let beside = |rate: &Rate| {
        let wanted = route(rate)?;
        let limit = limits.iter().find(|limit| route(limit).as_ref() == Some(&wanted))?;
        Some(Ratio::of_p99(rate, limit))
    };
    measured.iter().filter_map(beside).collect()
}

/// One sequential reading of every row that reports could be counted from; only the embedded engine has it.
async fn plain_read(database: &Database) -> anyhow::Result<Option<Rate>> {
    let Some(file) = database.file.clone() else { return Ok(None) };
    let begun = Instant::now();
    let rows = tokio::task::spawn_blocking(move || {
        selektable_store::read_through(&format!("sqlite:{}", file.display()))
    })
    .await??;
    let elapsed = begun.elapsed();
    let micros = vec![u32::try_from(elapsed.as_micros()).unwrap_or(u32::MAX)];
    Ok(Some(Rate::new("plain sequential read of every row", elapsed, micros, rows)))
}
