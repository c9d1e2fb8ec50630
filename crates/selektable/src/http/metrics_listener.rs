//! Where Prometheus reads: a listener of its own, so that it needs no key and is not on the internet.

use std::time::Duration;

use ::metrics::gauge;
use axum::Router;
use axum::routing::get;
use http::header;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use super::metrics::{self, BUCKETS, BUILD, REQUEST_SECONDS};
use super::server;
use crate::app::App;
use crate::config::ConnectionLimits;
use crate::serving::StartFault;

/// Collected values are tidied that often.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// Scrapers are few.
const CONNECTIONS_MAX: usize = 16;

/// A bound listener and the recorder behind it.
pub struct MetricsListener {
    listener: TcpListener,
    recorder: PrometheusHandle,
}

impl MetricsListener {
    /// Begins to collect.
    pub fn new(listener: TcpListener) -> Result<Self, StartFault> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), &BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| StartFault::Metrics(error.to_string()))?;
        metrics::begin();
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Self { listener, recorder })
    }

    /// Serves `GET /metrics` until the server drains.
    pub async fn serve(self, app: App) {
        let Self { listener, recorder } = self;
        let tidied = recorder.clone();
        let router = Router::new().route(
            "/metrics",
            get(async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], recorder.render())),
        );
        let limits = ConnectionLimits { connections_max: CONNECTIONS_MAX, ..app.config.limits };
        tokio::select! {
            _ = server::serve(router, listener, limits, app.lifecycle.clone()) => {}
            () = tidy(tidied) => {}
        }
    }
}

async fn tidy(recorder: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        recorder.run_upkeep();
    }
}
