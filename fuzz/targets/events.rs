#![no_main]
//! A browser's batch of events: what is taken lies within the last day and within its bounds.

use libfuzzer_sys::fuzz_target;
use selektable_domain::event::{AGE_MS_MAX, EventKind, PROPERTIES_BYTES_MAX, TRAITS_BYTES_MAX, parse_batch};
use selektable_domain::json::{Limits, parse};
use selektable_domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

fuzz_target!(|body: &[u8]| {
    let Ok(json) = parse(body, Limits::SINGLE) else { return };
    let batch = match parse_batch(&json, NOW) {
        Ok(batch) => batch,
        Err(faults) => return assert!(!faults.is_empty()),
    };
    assert!(batch.refused.iter().all(|refused| !refused.faults.is_empty()));
    for event in batch.events {
        assert!((0..=AGE_MS_MAX).contains(&NOW.millis_since(event.at)));
        match event.kind {
            EventKind::Seen { properties, .. } => {
                assert!(properties.len() <= PROPERTIES_BYTES_MAX);
                assert!(parse(properties.as_bytes(), Limits::SINGLE).is_ok());
            }
            EventKind::Identify { traits, .. } => {
                assert!(traits.is_none_or(|traits| traits.len() <= TRAITS_BYTES_MAX));
            }
            EventKind::Conversion { order, .. } => assert!(order.total_minor >= 0),
        }
    }
});
