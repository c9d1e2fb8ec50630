//! `people`: what one customer with very many browsers costs. Every browser visualizes, logs in and orders; the cost
//! of each step is told per browser, for a tenth of the browsers and for all of them: a step that is linear costs the
//! same at both.

use std::time::Instant;

use anyhow::ensure;
use selektable_domain::id::{ConversionId, DeliveryId};
use selektable_domain::money::Currency;
use selektable_domain::opaque::{EventId, OrderId, ProductId, SessionId, UserId, VisitorId, VisualizationId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::{ShownProduct, Visualization};
use selektable_store::ingest::{Event, EventBatch, EventKind, NewVisualization, OrderDelivery};
use selektable_store::{Access, SharedStore, Tenant};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::seed::shop::{id, shop_in};

/// Writes under way at a time, so that they share the disk's flush.
const TOGETHER: u64 = 512;
/// 1 August 2026, midnight, UTC; browsers follow each other by a minute.
const BEGIN: i64 = 1_785_542_400_000;
const STEP_MS: i64 = 60_000;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Browsers of the one customer
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    browsers: u64,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    for browsers in [options.browsers / 10, options.browsers] {
        let [show, login, order, explain] = measure(browsers).await?;
        let line = format!(
            "{browsers} browsers: visualization {show:.3} ms, login {login:.3} ms, order {order:.3} ms each; \
             the last order explained in {explain:.2} ms\n"
        );
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    }
    Ok(())
}

/// Milliseconds a browser of each step, and of one explanation.
async fn measure(browsers: u64) -> anyhow::Result<[f64; 4]> {
    let folder = tempfile::tempdir()?;
    let address = format!("sqlite:{}", folder.path().join("selektable.db").display());
    let store = selektable_store::open(&address, Access::Serve)?;
    let (tenant, _) = shop_in(&store).await?;
    let show = step(browsers, &store, move |store, nth| async move {
        store.record_visualization(shown(tenant, nth)?).await?;
        Ok(())
    });
    let show = show.await?;
    let login = step(browsers, &store, move |store, nth| async move {
        store.record_events(logged_in(tenant, nth)?).await?;
        Ok(())
    });
    let login = login.await?;
    let order = step(browsers, &store, move |store, nth| async move {
        store.ingest_orders(vec![ordered(tenant, nth)?]).await?;
        Ok(())
    });
    let order = order.await?;
    let begun = Instant::now();
    let last = store.conversion(tenant, order_id(browsers - 1)?).await?;
    let explain = begun.elapsed().as_secs_f64() * 1_000.0;
    let candidates = last.map_or(0, |last| last.decision.candidates.len());
    ensure!(candidates > 1, "the last order knows {candidates} visualizations of its customer");
    store.close().await?;
    Ok([show, login, order, explain])
}

async fn step<F>(
    browsers: u64,
    store: &SharedStore,
    run: impl Fn(SharedStore, u64) -> F + Copy + Send + 'static,
) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let begun = Instant::now();
    for from in (0..browsers).step_by(usize::try_from(TOGETHER)?) {
        let mut tasks = JoinSet::new();
        for nth in from..(from + TOGETHER).min(browsers) {
            tasks.spawn(run(store.clone(), nth));
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a million")]
    let count = browsers as f64;
    Ok(begun.elapsed().as_secs_f64() * 1_000.0 / count)
}

/// All ids made here are plain letters and digits, which every kind of id takes.
macro_rules! named {
    ($kind:ident, $($text:tt)*) => {
        $kind::parse(&format!($($text)*)).map_err(|fault| anyhow::anyhow!("an id {fault}"))?
    };
}

fn at(nth: u64, seconds: i64) -> anyhow::Result<Timestamp> {
    Ok(Timestamp::from_millis(BEGIN + i64::try_from(nth)? * STEP_MS + seconds * 1_000))
}

fn shown(tenant: Tenant, nth: u64) -> anyhow::Result<NewVisualization> {
    let visualization = Visualization {
        id: named!(VisualizationId, "viz_{nth}"),
        widget: id(3),
        visitor: Some(named!(VisitorId, "browser-{nth}")),
        session: Some(named!(SessionId, "session-{nth}")),
        products: vec![ShownProduct { product: named!(ProductId, "sofa"), variants: Vec::new() }],
        at: at(nth, 0)?,
    };
    let received_at = visualization.at;
    Ok(NewVisualization { tenant, visualization, renderer: None, picture: None, received_at, sample: false })
}

fn logged_in(tenant: Tenant, nth: u64) -> anyhow::Result<EventBatch> {
    let kind = EventKind::Identify { user: named!(UserId, "customer"), traits: None };
    Ok(EventBatch {
        tenant,
        visitor: named!(VisitorId, "browser-{nth}"),
        session: named!(SessionId, "session-{nth}"),
        received_at: at(nth, 10)?,
        events: vec![Event { id: named!(EventId, "event-{nth}"), at: at(nth, 10)?, kind }],
    })
}

fn order_id(nth: u64) -> anyhow::Result<OrderId> {
    Ok(named!(OrderId, "order-{nth}"))
}

fn ordered(tenant: Tenant, nth: u64) -> anyhow::Result<OrderDelivery> {
    let number = u128::from(nth) + 100;
    let (delivery, conversion): (DeliveryId, ConversionId) = (id(number), id(number));
    let item = Item {
        product: named!(ProductId, "sofa"),
        variant: None,
        quantity: 1,
        price_minor: 10_000,
        total_minor: 10_000,
    };
    let order = Order {
        id: order_id(nth)?,
        source: Source::Server,
        visitor: Some(named!(VisitorId, "browser-{nth}")),
        session: Some(named!(SessionId, "session-{nth}")),
        user: None,
        currency: Currency::parse("EUR")?,
        total_minor: 10_000,
        refunded_minor: 0,
        status: OrderStatus::Completed,
        created_at: at(nth, 20)?,
        updated_at: None,
        items: vec![item],
        test: false,
        label: None,
        platform: None,
    };
    let request_id = Uuid::from_u128(number).to_string();
    let received_at = order.created_at;
    let warnings = Vec::new();
    Ok(OrderDelivery {
        topic: None,
        tenant,
        id: delivery,
        conversion,
        request_id,
        received_at,
        order,
        warnings,
        sample: false,
    })
}
