//! What is printed of a run: one JSON object, or lines for a reader.

mod text;

use std::time::Duration;

use serde::Serialize;

use crate::load::Outcome;
use crate::options::{Common, Engine};
use crate::percentiles::Percentiles;
use crate::subject::Seeded;
use crate::subject::server::Server;

/// One kind of request, or of row, as fast as it went.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rate {
    /// What it is.
    pub(crate) name: String,
    /// How many were answered with success, or committed.
    pub(crate) count: u64,
    /// Of these a second.
    pub(crate) per_second: f64,
    /// From sending to the answer; of a batch, the whole batch.
    #[serde(flatten)]
    pub(crate) latency: Percentiles,
}

impl Rate {
    /// `each` things in one measured step.
    pub(crate) fn new(name: &str, elapsed: Duration, micros: Vec<u32>, each: u64) -> Self {
        let count = micros.len() as u64 * each;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 in a bounded run")]
        let per_second = count as f64 / elapsed.as_secs_f64();
        Self { name: name.to_owned(), count, per_second, latency: Percentiles::of(micros) }
    }

    /// All kinds of a run together, then each, if they are several; `each` things in one request.
    pub(crate) fn of_outcome(name: &str, outcome: &Outcome, each: u64) -> Vec<Self> {
        let all = outcome.kinds.iter().flat_map(|(_, micros)| micros).copied().collect();
        let mut rates = vec![Self::new(name, outcome.elapsed, all, each)];
        if outcome.kinds.len() > 1 {
            let kinds = outcome.kinds.iter();
            rates.extend(kinds.map(|(kind, micros)| Self::new(kind, outcome.elapsed, micros.clone(), each)));
        }
        rates
    }
}

/// One figure divided by the same of a limit.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ratio {
    /// What was measured.
    pub(crate) of: String,
    /// The limit.
    pub(crate) to: String,
    /// `perSecond`, or the name of a percentile.
    pub(crate) by: &'static str,
    /// The quotient: of a rate, more is better; of a time, less.
    #[serde(rename = "ratio")]
    pub(crate) quotient: f64,
}

impl Ratio {
    /// Of two rates.
    pub(crate) fn of_rates(of: &Rate, to: &Rate) -> Self {
        Self::new(of, to, "perSecond", of.per_second / to.per_second)
    }

    /// Of the 99th percentiles of two latencies.
    pub(crate) fn of_p99(of: &Rate, to: &Rate) -> Self {
        Self::new(of, to, "p99Ms", of.latency.p99_ms / to.latency.p99_ms)
    }

    fn new(of: &Rate, to: &Rate, by: &'static str, quotient: f64) -> Self {
        Self { of: of.name.clone(), to: to.name.clone(), by, quotient }
    }
}

/// The server's process.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerFigures {
    /// From its start to the line that says where it listens, on the database as it was before the load.
    pub(crate) ready_ms: f64,
    /// Resident memory before the load, MiB.
    pub(crate) idle_mib: f64,
    /// Highest resident memory, MiB.
    pub(crate) peak_mib: f64,
}

impl ServerFigures {
    /// Before the load.
    pub(crate) fn before(server: &Server) -> anyhow::Result<Self> {
        let idle_mib = server.memory_mib("VmRSS")?;
        Ok(Self { ready_ms: server.ready.as_secs_f64() * 1_000.0, idle_mib, peak_mib: idle_mib })
    }

    /// After it.
    pub(crate) fn after(mut self, server: &Server) -> anyhow::Result<Self> {
        self.peak_mib = server.memory_mib("VmHWM")?;
        Ok(self)
    }
}

/// What the load made the disk do.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Writes {
    /// Bytes that the server (and the database of this run) sent to the disk during the load.
    pub(crate) bytes: u64,
    /// Of these for each byte of a request's body: write amplification.
    pub(crate) per_payload_byte: f64,
    /// Of these for each order, event or request.
    pub(crate) per_item: f64,
}

impl Writes {
    /// From bytes written, bytes sent, and how many things were sent.
    #[expect(clippy::cast_precision_loss, reason = "a bounded run's bytes and counts")]
    pub(crate) fn new(bytes: u64, payload_bytes: u64, items: u64) -> Self {
        let (written, payload, items) = (bytes as f64, payload_bytes.max(1) as f64, items.max(1) as f64);
        Self { bytes, per_payload_byte: written / payload, per_item: written / items }
    }
}

/// A whole run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Which measurement.
    pub(crate) command: &'static str,
    /// The engine under the server.
    pub(crate) engine: Engine,
    /// Length of each measured part.
    pub(crate) seconds: u64,
    /// Connections of the load.
    pub(crate) connections: u64,
    /// The history that was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) history: Option<Seeded>,
    /// Limits of the same run.
    pub(crate) limits: Vec<Rate>,
    /// What was measured; the first line is everything together.
    pub(crate) measured: Vec<Rate>,
    /// Measured beside limits.
    pub(crate) ratios: Vec<Ratio>,
    /// The server's process.
    pub(crate) server: ServerFigures,
    /// What the load wrote; absent where it can't be counted, and of reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) writes: Option<Writes>,
}

impl Report {
    /// Prints it as asked for.
    pub(crate) fn print(&self, common: &Common) -> anyhow::Result<()> {
        print(self, common.json, || text::of(self))
    }
}

/// Prints one JSON object, or text.
pub(crate) fn print<T: Serialize>(
    report: &T,
    json: bool,
    text: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string(report)? } else { text() };
    std::io::Write::write_all(&mut std::io::stdout(), format!("{text}\n").as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(name: &str, micros: Vec<u32>) -> Rate {
        Rate::new(name, Duration::from_secs(2), micros, 1)
    }

    fn report() -> Report {
        let (limit, measured) = (rate("no storage", vec![1_000; 400]), rate("orders", vec![4_000; 100]));
        Report {
            command: "ingest",
            engine: Engine::Sqlite,
            seconds: 2,
            connections: 64,
            history: None,
            ratios: vec![Ratio::of_rates(&measured, &limit), Ratio::of_p99(&measured, &limit)],
            limits: vec![limit],
            measured: vec![measured],
            server: ServerFigures { ready_ms: 4.0, idle_mib: 10.5, peak_mib: 33.0 },
            writes: Some(Writes::new(400_000, 50_000, 100)),
        }
    }

    #[test]
    fn the_json_of_a_run_has_rates_percentiles_ratios_memory_and_amplification() {
        let json: serde_json::Value = serde_json::to_value(report()).unwrap();
        let expected = serde_json::json!({
            "command": "ingest",
            "engine": "sqlite",
            "seconds": 2,
            "connections": 64,
            "limits": [{"name": "no storage", "count": 400, "perSecond": 200.0,
                "p50Ms": 1.0, "p90Ms": 1.0, "p99Ms": 1.0, "maxMs": 1.0}],
            "measured": [{"name": "orders", "count": 100, "perSecond": 50.0,
                "p50Ms": 4.0, "p90Ms": 4.0, "p99Ms": 4.0, "maxMs": 4.0}],
            "ratios": [
                {"of": "orders", "to": "no storage", "by": "perSecond", "ratio": 0.25},
                {"of": "orders", "to": "no storage", "by": "p99Ms", "ratio": 4.0},
            ],
            "server": {"readyMs": 4.0, "idleMib": 10.5, "peakMib": 33.0},
            "writes": {"bytes": 400_000, "perPayloadByte": 8.0, "perItem": 4_000.0},
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn the_text_of_a_run_names_each_limit_and_its_ratio() {
        let text = text::of(&report());
        for part in ["orders", "25.0 % of no storage", "p99", "10.5 MiB idle", "8.0 bytes written"] {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
    }

    #[test]
    fn batches_count_what_is_in_them() {
        let rate = Rate::new("events", Duration::from_secs(1), vec![5; 10], 20);
        assert_eq!((rate.count, rate.per_second), (200, 200.0));
    }

    #[test]
    fn several_kinds_are_told_together_and_apart() {
        let outcome = Outcome {
            elapsed: Duration::from_secs(1),
            payload_bytes: 0,
            kinds: vec![("orders", vec![1_000; 3]), ("reads", vec![2_000; 1])],
        };
        let counts: Vec<_> =
            Rate::of_outcome("all", &outcome, 1).into_iter().map(|rate| (rate.name, rate.count)).collect();
        let expected =
            [("all", 4), ("orders", 3), ("reads", 1)].map(|(name, count)| (name.to_owned(), count));
        assert_eq!(counts, expected);
    }
}
