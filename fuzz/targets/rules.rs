#![no_main]
//! Bodies of rules, aliases, publications, dry runs and erasures. What is taken keeps its limits.

use libfuzzer_sys::fuzz_target;
use selektable_domain::identity::parse_person;
use selektable_domain::json::{Limits, parse};
use selektable_domain::products::parse_aliases;
use selektable_domain::rules::{Ruleset, parse_draft};
use selektable_domain::schedule::{Effective, parse_effective};
use selektable_domain::time::{DAY_MS, HOUR_MS, Timestamp, parse_range};

const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);
const LINES_MAX: usize = 10;

fuzz_target!(|body: &[u8]| {
    let Ok(json) = parse(body, Limits::SINGLE) else { return };
    match parse_draft(&json, &Ruleset::FIRST) {
        Err(faults) => assert!(!faults.is_empty()),
        Ok(rules) => assert!((HOUR_MS..=365 * DAY_MS).contains(&rules.window.as_millis())),
    }
    match parse_aliases(&json, LINES_MAX) {
        Err(faults) => assert!(!faults.is_empty()),
        Ok(lines) => {
            assert!((1..=LINES_MAX).contains(&lines.len()));
            assert!(lines.iter().all(|line| line.table != Some(Some(line.variant.clone()))));
        }
    }
    match parse_effective(&json, NOW) {
        Err(faults) => assert!(!faults.is_empty()),
        Ok(Effective::From(at)) => assert!(at <= NOW),
        Ok(Effective::Everything) => {}
    }
    match parse_range(&json) {
        Err(faults) => assert!(!faults.is_empty()),
        Ok(range) => assert!(range.from < range.to),
    }
    if let Err(faults) = parse_person(&json) {
        assert!(!faults.is_empty());
    }
});
