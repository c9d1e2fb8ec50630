//! The measurements, one file each.

pub(crate) mod events;
pub(crate) mod ingest;
pub(crate) mod mixed;
pub(crate) mod reports;

use std::sync::Arc;

use crate::limits::Inserts;
use crate::load::{self, Bounds, Outcome, Requests, UNBOUNDED};
use crate::options::Common;
use crate::report::{Rate, Ratio, Report, ServerFigures, Writes};
use crate::requests::Shop;
use crate::requests::deliveries::Sender;
use crate::requests::shoppers::{Shoppers, VISITORS};
use crate::requests::visualizations::Visualizations;
use crate::subject::server::Server;
use crate::subject::{Database, NoStorage, Subject, WARM_UP};

/// June 2025, seconds of Unix time: numbers of requests count from here.
const EPOCH_S: i64 = 1_750_000_000;
/// Numbers that each second since then has: more than can be sent in it.
const NUMBERS_A_SECOND: u64 = 1 << 24;

/// The first number of this run's requests: no other run on a kept database had it.
fn first_number() -> u64 {
    let seconds = selektable::ambient::now().as_millis() / 1_000 - EPOCH_S;
    u64::try_from(seconds).unwrap_or(0) * NUMBERS_A_SECOND
}

/// One kind of load, against a server and against its limit.
struct Load<'a, F> {
    command: &'static str,
    common: &'a Common,
    sender: Sender,
    /// Orders or events in one request.
    each: u64,
    /// Makes the requests for a shop.
    requests: F,
}

/// A load that was measured on one server.
struct Measured {
    outcome: Outcome,
    server: ServerFigures,
    written: Option<u64>,
}

impl<R: Requests, F: Fn(Shop, Shoppers) -> anyhow::Result<R>> Load<'_, F> {
    /// Measures limits and server, and prints the report.
    async fn measure(&self) -> anyhow::Result<()> {
        let subject = Subject::prepare(self.common, self.sender).await?;
        let mut limits = vec![self.no_storage(&subject).await?];
        limits.extend(crate::limits::of(&subject.database, self.inserts(&subject)?).await?);
        if subject.shoppers.are_new() {
            visualize(&subject).await?;
        }
        let server = subject.start().await?;
        let requests = (self.requests)(subject.shop.clone(), subject.shoppers)?;
        let found = self.send(&server, Some(&subject.database), requests).await?;
        server.stop().await?;
        self.report(&subject, limits, found).print(self.common)?;
        subject.database.close().await
    }

    /// The same requests at the same program without storage.
    async fn no_storage(&self, subject: &Subject) -> anyhow::Result<Rate> {
        let limit = NoStorage::start(self.sender).await?;
        let requests = (self.requests)(limit.shop.clone(), subject.shoppers)?;
        let found = self.send(&limit.server, None, requests).await?;
        limit.server.stop().await?;
        let all = Rate::of_outcome("no storage", &found.outcome, self.each).into_iter().next();
        all.ok_or_else(|| anyhow::anyhow!("the limit gave no rate"))
    }

    /// Rows as large as a request's body.
    fn inserts(&self, subject: &Subject) -> anyhow::Result<Inserts> {
        let requests = (self.requests)(subject.shop.clone(), subject.shoppers)?;
        let row_bytes = requests.write(first_number(), &mut Vec::new());
        Ok(Inserts { clients: self.common.connections, row_bytes, time: self.common.time() / 2 })
    }

    async fn send(
        &self,
        server: &Server,
        database: Option<&Database>,
        requests: R,
    ) -> anyhow::Result<Measured> {
        let (requests, connections, first) = (Arc::new(requests), self.common.connections, first_number());
        let before = ServerFigures::before(server)?;
        let bounds = Bounds { connections, first, count: UNBOUNDED, time: WARM_UP };
        let warm = load::run(server.address, Arc::clone(&requests), bounds).await?;
        // Numbers that connections took when their time was over stay unused.
        let first = first + warm.answered() + connections;
        let bounds = Bounds { first, time: self.common.time(), ..bounds };
        let counted = database.filter(|database| database.counts_writes());
        let written = |database: &Database| database.written_bytes(server);
        let written_before = counted.map(written).transpose()?;
        let outcome = load::run(server.address, requests, bounds).await?;
        let written_after = counted.map(written).transpose()?;
        let written = written_before.zip(written_after).map(|(before, after)| after.saturating_sub(before));
        Ok(Measured { outcome, server: before.after(server)?, written })
    }

    fn report(&self, subject: &Subject, limits: Vec<Rate>, found: Measured) -> Report {
        let measured = Rate::of_outcome(self.command, &found.outcome, self.each);
        let ratios = match measured.first() {
            Some(all) => limits.iter().map(|limit| Ratio::of_rates(all, limit)).collect(),
            None => Vec::new(),
        };
        let items = found.outcome.answered() * self.each;
        Report {
            command: self.command,
            engine: self.common.place.engine,
            seconds: self.common.seconds,
            connections: self.common.connections,
            history: subject.seeded.clone(),
            limits,
            measured,
            ratios,
            server: found.server,
            writes: found.written.map(|bytes| Writes::new(bytes, found.outcome.payload_bytes, items)),
        }
    }
}

/// Lets the even half of the load's visitors visualize something, then ends that server: the measured one begins with a
/// database that is there already.
async fn visualize(subject: &Subject) -> anyhow::Result<()> {
    let server = subject.start().await?;
    let wanted = VISITORS / 2;
    let requests =
        Visualizations { shop: subject.shop.clone(), shoppers: subject.shoppers, before_orders: true };
    let bounds =
        Bounds { connections: 64, first: 0, count: wanted, time: std::time::Duration::from_secs(300) };
    let made = load::run(server.address, Arc::new(requests), bounds).await?.answered();
    anyhow::ensure!(made == wanted, "only {made} of {wanted} visualizations were recorded");
    server.stop().await
}
