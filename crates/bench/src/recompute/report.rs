//! What is printed of a recomputation.

use serde::Serialize;

use crate::options::Engine;
use crate::percentiles::Percentiles;
use crate::seed::fill::Filled;

/// One database.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scale {
    pub(crate) visualizations: u64,
    pub(crate) conversions: u64,
    /// Absent when it was kept from an earlier run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) made: Option<Filled>,
    /// Rows of the plain sequential reading.
    pub(crate) read_rows: u64,
    pub(crate) read_seconds: f64,
    /// `recompute --check`.
    pub(crate) check_seconds: f64,
    /// `check_seconds / read_seconds`.
    pub(crate) check_ratio: f64,
    pub(crate) check_peak_mib: f64,
    /// `recompute`, everything in it: facts compared, conversions decided and written, the new set shown.
    pub(crate) recompute_seconds: f64,
    pub(crate) recompute_per_second: f64,
    pub(crate) recompute_peak_mib: f64,
    /// The same while orders come in as fast as they are taken.
    pub(crate) beside_per_second: f64,
    pub(crate) beside_orders_per_second: f64,
    /// One late fact, durable, with what it touches decided again, in groups of 512.
    pub(crate) late_fact_ms: f64,
    /// One order explained.
    pub(crate) explain: Percentiles,
}

/// A whole run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) command: &'static str,
    pub(crate) engine: Engine,
    /// The smallest first.
    pub(crate) scales: Vec<Scale>,
}

impl Report {
    /// For a reader.
    pub(crate) fn text(&self) -> String {
        let scales: Vec<String> = self.scales.iter().map(Scale::text).collect();
        scales.join("\n\n")
    }
}

impl Scale {
    fn text(&self) -> String {
        let made = self.made.map_or_else(String::new, |made| {
            format!(", made in {:.0} s ({:.0}/s)", made.seconds, made.facts_per_second)
        });
        [
            format!("{} visualizations, {} conversions{made}", self.visualizations, self.conversions),
            format!("  plain sequential read  {:>9.2} s   {} rows", self.read_seconds, self.read_rows),
            format!(
                "  recompute --check      {:>9.2} s   {:.2} times the read   peak {:.0} MiB",
                self.check_seconds, self.check_ratio, self.check_peak_mib
            ),
            format!(
                "  recompute              {:>9.2} s   {:.0} conversions/s   peak {:.0} MiB",
                self.recompute_seconds, self.recompute_per_second, self.recompute_peak_mib
            ),
            format!(
                "    with ingest beside it            {:.0} conversions/s and {:.0} orders/s",
                self.beside_per_second, self.beside_orders_per_second
            ),
            format!("  one late fact          {:>9.3} ms", self.late_fact_ms),
            format!(
                "  explain                {:>9.2} ms p50   {:.2} ms p99",
                self.explain.p50_ms, self.explain.p99_ms
            ),
        ]
        .join("\n")
    }
}
