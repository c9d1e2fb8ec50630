//! `table`: the JSON lines of several runs, from standard input, as tables in Markdown for docs/performance.md.

use std::fmt::Write as _;
use std::io::{BufRead, Write as _};

use anyhow::Context;
use serde_json::Value;

/// Reads standard input to its end.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        runs.push(serde_json::from_str(&line).with_context(|| format!("not a run's JSON: {line}"))?);
    }
    std::io::stdout().write_all(tables(&runs).as_bytes())?;
    Ok(())
}

/// A table for each kind of run that is there.
fn tables(runs: &[Value]) -> String {
    let mut text = String::new();
    for (title, head, rows) in [
        ("Load", LOAD, load as fn(&Value) -> Vec<Vec<String>>),
        ("Limits of the same runs", LIMITS, limits),
        ("Reports over 90 days", REPORTS, reports),
        ("Deciding everything again", RECOMPUTE, recompute),
    ] {
        let rows: Vec<Vec<String>> = runs.iter().flat_map(rows).collect();
        if !rows.is_empty() {
            // Writing to a String can't fail.
            let _ = write!(text, "### {title}\n\n{head}\n{}\n", rule(head));
            for row in rows {
                let _ = writeln!(text, "| {} |", row.join(" | "));
            }
            text.push('\n');
        }
    }
    text
}

const LOAD: &str = "| run | history | rate | of no storage | p50 | p90 | p99 | max | memory idle, peak | written a payload byte, each |";
const LIMITS: &str = "| run | history | limit | rate | p50 | p99 | measured beside it |";
const REPORTS: &str =
    "| engine | history | route | one reader p50, p99 | four readers p50, p99 | p99 with nothing to read |";
const RECOMPUTE: &str = "| engine | visualizations, conversions | plain read | check | ratio | recompute | with ingest beside it | late fact | explain p50, p99 | peak memory |";

fn rule(head: &str) -> String {
    let columns = head.matches('|').count() - 1;
    format!("|{}", " --- |".repeat(columns))
}

fn is_load(run: &Value) -> bool {
    ["ingest", "events", "mixed"].iter().any(|name| run["command"] == *name)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("–").to_owned()
}

fn number(value: &Value, decimals: usize) -> String {
    let Some(number) = value.as_f64() else { return "–".to_owned() };
    let plain = format!("{number:.decimals$}");
    let whole = plain.split('.').next().unwrap_or_default().len();
    // Thousands are told apart where there are more than four digits before the point.
    let grouped = plain.char_indices().map(|(place, digit)| {
        let separator = place > 0 && place < whole && (whole - place).is_multiple_of(3) && whole > 4;
        if separator { format!(",{digit}") } else { digit.to_string() }
    });
    grouped.collect()
}

fn per_second(rate: &Value) -> String {
    format!("{}/s", number(&rate["perSecond"], 0))
}

fn millis(value: &Value) -> String {
    format!("{} ms", number(value, 2))
}

fn name(run: &Value) -> String {
    format!("{}, {}", text(&run["command"]), text(&run["engine"]))
}

fn history(run: &Value) -> String {
    let history = &run["history"];
    if history.is_null() {
        return "empty".to_owned();
    }
    let [shown, ordered, days] =
        ["visualizations", "conversions", "days"].map(|name| number(&history[name], 0));
    format!("{shown} and {ordered} in {days} days")
}

fn load(run: &Value) -> Vec<Vec<String>> {
    if !is_load(run) {
        return Vec::new();
    }
    let row = |(place, rate): (usize, &Value)| {
        let whole = place == 0;
        let only = |text: String| if whole { text } else { String::new() };
        let percent = number(&run["ratios"][0]["ratio"].as_f64().map(|ratio| ratio * 100.0).into(), 1);
        let (server, writes) = (&run["server"], &run["writes"]);
        vec![
            if whole { name(run) } else { format!("– {}", text(&rate["name"])) },
            only(history(run)),
            per_second(rate),
            only(format!("{percent} %")),
            millis(&rate["p50Ms"]),
            millis(&rate["p90Ms"]),
            millis(&rate["p99Ms"]),
            millis(&rate["maxMs"]),
            only(format!("{}, {} MiB", number(&server["idleMib"], 1), number(&server["peakMib"], 1))),
            only(format!("{}, {} B", number(&writes["perPayloadByte"], 1), number(&writes["perItem"], 0))),
        ]
    };
    list(&run["measured"]).enumerate().map(row).collect()
}

fn limits(run: &Value) -> Vec<Vec<String>> {
    if !is_load(run) {
        return Vec::new();
    }
    let row = |limit: &Value| {
        let ratio = list(&run["ratios"]).find(|ratio| ratio["to"] == limit["name"]);
        let percent = ratio.and_then(|ratio| ratio["ratio"].as_f64()).map(|ratio| ratio * 100.0);
        vec![
            name(run),
            history(run),
            text(&limit["name"]),
            per_second(limit),
            millis(&limit["p50Ms"]),
            millis(&limit["p99Ms"]),
            format!("{} %", number(&percent.into(), 1)),
        ]
    };
    list(&run["limits"]).map(row).collect()
}

fn reports(run: &Value) -> Vec<Vec<String>> {
    if run["command"] != "reports" {
        return Vec::new();
    }
    let of = |rates: &Value, who: &str, route: &str, percentile: &str| {
        let wanted = format!("{who}: {route}");
        let found = list(rates).find(|rate| rate["name"] == wanted.as_str());
        found.map_or("–".to_owned(), |rate| millis(&rate[percentile]))
    };
    let both = |who: &str, route: &str| {
        let [p50, p99] = ["p50Ms", "p99Ms"].map(|name| of(&run["measured"], who, route, name));
        format!("{p50}, {p99}")
    };
    let routes = list(&run["measured"])
        .filter_map(|rate| rate["name"].as_str()?.strip_prefix("one reader: ").map(str::to_owned));
    let row = |route: String| {
        vec![
            text(&run["engine"]),
            history(run),
            route.clone(),
            both("one reader", &route),
            both("four readers", &route),
            of(&run["limits"], "no storage", &route, "p99Ms"),
        ]
    };
    routes.map(row).collect()
}

fn recompute(run: &Value) -> Vec<Vec<String>> {
    let row = |scale: &Value| {
        let [check_peak, peak] = ["checkPeakMib", "recomputePeakMib"].map(|name| number(&scale[name], 0));
        vec![
            text(&run["engine"]),
            format!("{}, {}", number(&scale["visualizations"], 0), number(&scale["conversions"], 0)),
            format!("{} s", number(&scale["readSeconds"], 2)),
            format!("{} s", number(&scale["checkSeconds"], 2)),
            number(&scale["checkRatio"], 1),
            format!("{}/s", number(&scale["recomputePerSecond"], 0)),
            format!(
                "{}/s and {} orders/s",
                number(&scale["besidePerSecond"], 0),
                number(&scale["besideOrdersPerSecond"], 0)
            ),
            millis(&scale["lateFactMs"]),
            format!("{}, {}", millis(&scale["explain"]["p50Ms"]), millis(&scale["explain"]["p99Ms"])),
            format!("{check_peak} MiB check, {peak} MiB recompute"),
        ]
    };
    list(&run["scales"]).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rate(name: &str, per_second: f64) -> Value {
        json!({"name": name, "count": 10, "perSecond": per_second, "p50Ms": 1, "p90Ms": 2, "p99Ms": 3, "maxMs": 4})
    }

    #[test]
    fn a_load_has_its_own_row_and_one_for_each_limit() {
        let run = json!({
            "command": "ingest", "engine": "sqlite",
            "history": {"visualizations": 10_000_000, "conversions": 2_000_000, "days": 90},
            "limits": [rate("no storage", 80_000.0), rate("bare group-committed inserts", 30_000.0)],
            "measured": [rate("ingest", 20_000.4)],
            "ratios": [
                {"of": "ingest", "to": "no storage", "by": "perSecond", "ratio": 0.25},
                {"of": "ingest", "to": "bare group-committed inserts", "by": "perSecond", "ratio": 0.667},
            ],
            "server": {"idleMib": 10.04, "peakMib": 33.0},
            "writes": {"perPayloadByte": 8.04, "perItem": 4000},
        });
        let text = tables(&[run]);
        let row = "| ingest, sqlite | 10,000,000 and 2,000,000 in 90 days | 20,000/s | 25.0 % | 1.00 ms | 2.00 ms | \
                   3.00 ms | 4.00 ms | 10.0, 33.0 MiB | 8.0, 4000 B |";
        assert!(text.contains(row), "{text}");
        assert!(
            text.contains("| bare group-committed inserts | 30,000/s | 1.00 ms | 3.00 ms | 66.7 % |"),
            "{text}"
        );
    }

    #[test]
    fn reports_put_the_readers_of_a_route_side_by_side() {
        let run = json!({
            "command": "reports", "engine": "postgres",
            "limits": [rate("no storage", 1.0), rate("no storage: summary", 1.0)],
            "measured": [rate("one reader", 1.0), rate("one reader: summary", 1.0), rate("four readers: summary", 1.0)],
        });
        let row = "| postgres | empty | summary | 1.00 ms, 3.00 ms | 1.00 ms, 3.00 ms | 3.00 ms |";
        assert!(tables(&[run]).contains(row));
    }

    #[test]
    fn every_row_has_as_many_columns_as_its_head() {
        let runs = [
            json!({"command": "mixed", "measured": [{}, {}], "limits": [{}]}),
            json!({"command": "reports", "measured": [{"name": "one reader: summary"}]}),
            json!({"command": "recompute", "scales": [{}]}),
        ];
        let text = tables(&runs);
        for table in text.split("### ").skip(1) {
            let mut counts =
                table.lines().filter(|line| line.starts_with('|')).map(|line| line.matches('|').count());
            let head = counts.next().unwrap();
            assert!(counts.all(|count| count == head), "{table}");
        }
        assert_eq!(text.matches("### ").count(), 4);
    }
}
