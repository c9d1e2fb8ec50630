//! Each measurement for a second, on the embedded engine: it ends by itself, and its JSON says what it promises.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

use std::process::Command;

use serde_json::Value;

/// Runs the program; its one line of JSON.
fn measure(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_selektable-bench"))
        .env("SELEKTABLE_PROGRAM", env!("CARGO_BIN_EXE_selektable-bench-server"))
        .args(arguments)
        .arg("--json")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn names(rates: &Value) -> Vec<&str> {
    rates.as_array().unwrap().iter().map(|rate| rate["name"].as_str().unwrap()).collect()
}

/// What every load promises.
fn check_load(report: &Value, command: &str) {
    assert_eq!((&report["command"], &report["engine"]), (&Value::from(command), &Value::from("sqlite")));
    assert_eq!(names(&report["limits"]), ["no storage", "bare group-committed inserts"]);
    for rate in [&report["limits"][0], &report["limits"][1], &report["measured"][0]] {
        assert!(number(&rate["perSecond"]) > 0.0, "{rate}");
        let steps = ["p50Ms", "p90Ms", "p99Ms", "maxMs"].map(|name| number(&rate[name]));
        assert!(steps.is_sorted(), "{rate}");
    }
    assert!(number(&report["ratios"][0]["ratio"]) > 0.0, "{report}");
    let server = &report["server"];
    assert!(number(&server["peakMib"]) >= number(&server["idleMib"]), "{server}");
    assert!(report["writes"]["perPayloadByte"].is_number(), "{report}");
}

#[test]
fn ingest_measures_orders() {
    let report = measure(&["ingest", "--seconds", "1", "--connections", "8"]);
    check_load(&report, "ingest");
    assert_eq!(report.get("history"), None);
}

#[test]
fn ingest_measures_orders_of_a_platform_on_a_history() {
    let history = ["--visualizations", "1000", "--conversions", "200"];
    let load = ["ingest", "--sender", "shopify", "--seconds", "1", "--connections", "4"];
    let report = measure(&[&load[..], &history[..]].concat());
    check_load(&report, "ingest");
    assert_eq!(report["history"]["visualizations"], 1_000);
    assert!(number(&report["history"]["made"]["factsPerSecond"]) > 0.0, "{report}");
}

#[test]
fn events_measures_events_and_counts_each_of_a_batch() {
    let report = measure(&["events", "--seconds", "1", "--connections", "8", "--batch", "5"]);
    check_load(&report, "events");
    assert_eq!(report["measured"][0]["count"].as_u64().unwrap() % 5, 0);
}

#[test]
fn mixed_measures_each_kind_apart() {
    let report = measure(&["mixed", "--seconds", "1", "--connections", "8"]);
    check_load(&report, "mixed");
    assert_eq!(names(&report["measured"]), ["mixed", "events", "visualizations", "orders", "reads"]);
}

#[test]
fn reports_measures_each_route_with_one_reader_and_with_four() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept").to_string_lossy().into_owned();
    let arguments =
        ["reports", "--seconds", "1", "--visualizations", "1000", "--conversions", "100", "--keep", &keep];
    let report = measure(&arguments);
    let found = names(&report["measured"]);
    for who in ["one reader", "four readers"] {
        for route in ["summary", "timeseries", "conversions", "visualizations", "analytics page"] {
            assert!(found.contains(&format!("{who}: {route}").as_str()), "{found:?}");
        }
    }
    assert!(names(&report["limits"]).contains(&"plain sequential read of every row"), "{report}");
    assert_eq!(report.get("writes"), None);
    let again = measure(&arguments);
    assert_eq!(again["history"].get("made"), None, "the kept history is used again");
}

#[test]
fn recompute_measures_deciding_again_beside_a_plain_read() {
    let report =
        measure(&["recompute", "--seconds", "1", "--visualizations", "1000", "--conversions", "200"]);
    let scales = report["scales"].as_array().unwrap();
    assert_eq!(scales.len(), 1, "a hundredth and a tenth of this would say nothing");
    for name in ["readSeconds", "checkRatio", "recomputePerSecond", "lateFactMs"] {
        assert!(number(&scales[0][name]) > 0.0, "{name}: {report}");
    }
    assert!(number(&scales[0]["explain"]["p50Ms"]) > 0.0, "{report}");
}

#[test]
fn what_does_not_fit_together_is_refused_before_anything_is_started() {
    for wrong in [
        &["ingest", "--seconds", "601"][..],
        &["ingest", "--conversions", "100"],
        &["events", "--batch", "101"],
        &["mixed", "--engine", "postgres", "--database", "postgres://bench@192.0.2.1/bench"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_selektable-bench")).args(wrong).output().unwrap();
        assert!(!output.status.success(), "{wrong:?}");
        assert!(output.stdout.is_empty(), "{wrong:?}");
    }
}
