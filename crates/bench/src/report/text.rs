//! A run, for a reader.

use super::{Rate, Ratio, Report};

/// Lines without the last line's end.
pub(super) fn of(report: &Report) -> String {
    let mut lines = vec![head(report)];
    lines.push("limits of this run".to_owned());
    lines.extend(report.limits.iter().map(rate));
    lines.push("measured".to_owned());
    lines.extend(report.measured.iter().map(rate));
    lines.extend(report.ratios.iter().map(ratio));
    let server = &report.server;
    lines.push(format!(
        "server: ready after {:.0} ms, {:.1} MiB idle, {:.1} MiB peak",
        server.ready_ms, server.idle_mib, server.peak_mib
    ));
    if let Some(writes) = &report.writes {
        lines.push(format!(
            "disk: {:.1} bytes written a byte of payload, {:.0} bytes written each",
            writes.per_payload_byte, writes.per_item
        ));
    }
    lines.join("\n")
}

fn head(report: &Report) -> String {
    let engine = match report.engine {
        crate::options::Engine::Sqlite => "SQLite",
        crate::options::Engine::Postgres => "PostgreSQL",
    };
    let history = report.history.as_ref().map(|history| {
        let made = history
            .made
            .map(|made| format!(" (made in {:.0} s, {:.0}/s)", made.seconds, made.facts_per_second));
        format!(
            ", after {} visualizations and {} orders in {} days{}",
            history.visualizations,
            history.conversions,
            history.days,
            made.unwrap_or_default()
        )
    });
    format!(
        "{} on {engine}, {} s each, {} connections{}",
        report.command,
        report.seconds,
        report.connections,
        history.unwrap_or_default()
    )
}

fn rate(rate: &Rate) -> String {
    let latency = &rate.latency;
    format!(
        "  {:<43} {:>8.0}/s   p50 {:>7.2} ms   p90 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.1} ms",
        rate.name, rate.per_second, latency.p50_ms, latency.p90_ms, latency.p99_ms, latency.max_ms
    )
}

fn ratio(ratio: &Ratio) -> String {
    if ratio.by == "perSecond" {
        return format!("  {}: {:.1} % of {}", ratio.of, ratio.quotient * 100.0, ratio.to);
    }
    format!(
        "  {}: {} {:.1} times that of {}",
        ratio.of,
        ratio.by.trim_end_matches("Ms"),
        ratio.quotient,
        ratio.to
    )
}
