//! Order ingest: durable, de-duplicated, attributed, over HTTP; every order new, half of the visitors with
//! visualizations; against the no-storage limit of the same run.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;

use crate::deliveries::{Deliveries, SECRET, Sender};
use crate::load::{self, Outcome, Requests};
use crate::orders::{Orders, Shop, VISITORS, Visualizations};
use crate::report::{Figures, Report};
use crate::server::{Server, set_up, sibling};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Length of each measured run
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Connections of the load
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1024))]
    connections: u64,
    /// Who sends the orders; platforms' are signed bodies of several kilobytes
    #[arg(long, value_enum, default_value_t = Sender::Custom)]
    sender: Sender,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// More requests than any run can send.
const UNBOUNDED: u64 = 1 << 40;
/// The load before the measured one, so that both servers are measured warm.
const WARM_UP: Duration = Duration::from_secs(1);

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().to_string_lossy().into_owned();
    let program = sibling("selektable")?;
    let shop = set_up(&program, &data, options.sender.platform(), Some(SECRET)).await?;
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", &data];

    let no_storage = {
        let limit = Server::start(&sibling("selektable-bench")?, &["no-storage-server", &data]).await?;
        measure(&limit, &shop, &options, 0).await?.0
    };
    let server = Server::start(&program, &serve).await?;
    visualize(server.address, &shop, &options).await?;
    server.stop().await?;
    let server = Server::start(&program, &serve).await?;
    let ready_ms = server.ready.as_secs_f64() * 1000.0;
    let (durable, sent) = measure(&server, &shop, &options, 1 << 41).await?;
    let bytes = folder_bytes(folder.path())?;
    server.stop().await?;

    #[expect(clippy::cast_precision_loss, reason = "a bounded run's files and counts")]
    let bytes_per_order = bytes as f64 / sent as f64;
    let report = Report {
        ratio: durable.per_second / no_storage.per_second,
        no_storage,
        durable,
        ready_ms,
        bytes_per_order,
        connections: options.connections,
    };
    let text = if options.json { serde_json::to_string(&report)? } else { report.text() };
    std::io::Write::write_all(&mut std::io::stdout(), format!("{text}\n").as_bytes())?;
    Ok(())
}

/// Warms up, measures, and says how many orders went in altogether.
async fn measure(
    server: &Server,
    shop: &Shop,
    options: &Options,
    first: u64,
) -> anyhow::Result<(Figures, u64)> {
    match options.sender {
        Sender::Custom => send(server, Orders(shop.clone()), options, first).await,
        sender => send(server, Deliveries::new(shop.clone(), sender)?, options, first).await,
    }
}

async fn send<R: Requests>(
    server: &Server,
    orders: R,
    options: &Options,
    first: u64,
) -> anyhow::Result<(Figures, u64)> {
    let orders = Arc::new(orders);
    let idle = server.memory_mib("VmRSS")?;
    let run =
        |first, time| load::run(server.address, orders.clone(), options.connections, first, UNBOUNDED, time);
    let warm: Outcome = run(first, WARM_UP).await?;
    let outcome = run(first + UNBOUNDED / 2, Duration::from_secs(options.seconds)).await?;
    let figures = Figures::new(&outcome, idle, server.memory_mib("VmHWM")?);
    Ok((figures, warm.answered + outcome.answered))
}

/// Lets the even half of the visitors visualize something.
async fn visualize(address: SocketAddr, shop: &Shop, options: &Options) -> anyhow::Result<()> {
    let wanted = VISITORS / 2;
    let requests = Arc::new(Visualizations(shop.clone()));
    let outcome =
        load::run(address, requests, options.connections, 0, wanted, Duration::from_secs(120)).await?;
    ensure!(outcome.answered == wanted, "only {} of {wanted} visualizations were recorded", outcome.answered);
    Ok(())
}

fn folder_bytes(folder: &Path) -> anyhow::Result<u64> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
