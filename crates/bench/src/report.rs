//! What is printed.

use serde::Serialize;

use crate::load::Outcome;

/// One kind of server under the load.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    /// Requests answered with 200.
    pub(crate) requests: u64,
    /// Requests a second.
    pub(crate) per_second: f64,
    /// Median latency, milliseconds.
    pub p50_ms: f64,
    /// Latency that 99 % stay within, milliseconds.
    pub p99_ms: f64,
    /// Latency that 99.9 % stay within, milliseconds.
    pub p999_ms: f64,
    /// Resident memory before the load, MiB.
    pub(crate) idle_mib: f64,
    /// Highest resident memory, MiB.
    pub(crate) peak_mib: f64,
}

impl Figures {
    /// From an outcome and two readings of the server's memory.
    pub(crate) fn new(outcome: &Outcome, idle_mib: f64, peak_mib: f64) -> Self {
        Self {
            requests: outcome.answered,
            per_second: outcome.rate(),
            p50_ms: outcome.latency_ms(500),
            p99_ms: outcome.latency_ms(990),
            p999_ms: outcome.latency_ms(999),
            idle_mib,
            peak_mib,
        }
    }

    fn row(&self, name: &str) -> String {
        format!(
            "{name:<14} {:>9.0}/s   p50 {:>6.2} ms   p99 {:>6.2} ms   p99.9 {:>6.2} ms   memory {:>5.1} MiB idle, {:>5.1} MiB peak",
            self.per_second, self.p50_ms, self.p99_ms, self.p999_ms, self.idle_mib, self.peak_mib
        )
    }
}

/// A whole run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Parse and validation only: the limit.
    pub(crate) no_storage: Figures,
    /// The real server.
    pub(crate) durable: Figures,
    /// `durable.per_second / no_storage.per_second`.
    pub(crate) ratio: f64,
    /// From start of the process to its first answer on an existing database, milliseconds.
    pub(crate) ready_ms: f64,
    /// Bytes of the database and its log after the run, per order.
    pub(crate) bytes_per_order: f64,
    /// Connections of the load.
    pub(crate) connections: u64,
}

impl Report {
    /// The report for a reader.
    pub(crate) fn text(&self) -> String {
        format!(
            "{}\n{}\nratio          {:>8.1} %   ready after {:.0} ms on an existing database   {:.0} bytes on disk per order   {} connections",
            self.no_storage.row("no storage"),
            self.durable.row("durable"),
            self.ratio * 100.0,
            self.ready_ms,
            self.bytes_per_order,
            self.connections,
        )
    }
}
