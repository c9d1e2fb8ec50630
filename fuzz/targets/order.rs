#![no_main]
//! JSON and the webhook's order. Also: what is accepted as JSON must mean what `serde_json` says it means, and an
//! order that is taken keeps the limits of SPEC section 5.1.

use libfuzzer_sys::fuzz_target;
use selektable_domain::json::{Limits, parse};
use selektable_domain::money::AMOUNT_MINOR_MAX;
use selektable_domain::order::ITEMS_MAX;
use selektable_domain::order::parse::{parse_webhook, peek_order_id, peek_text};
use selektable_domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

fuzz_target!(|body: &[u8]| {
    let Ok(json) = parse(body, Limits::SINGLE) else { return };
    let theirs: serde_json::Value = serde_json::from_slice(body).expect("serde_json accepts what we accept");
    assert_eq!(serde_json::to_value(&json).expect("a tree can be written"), theirs);
    let (id, store) = (peek_order_id(&json), peek_text(&json, "storeId"));
    match parse_webhook(&json, NOW) {
        Err(faults) => assert!(!faults.is_empty()),
        Ok(taken) => {
            assert_eq!((Some(&taken.order.id), Some(taken.store_id.as_str())), (id.as_ref(), store));
            assert!((0..=AMOUNT_MINOR_MAX).contains(&taken.order.total_minor));
            assert!((0..=AMOUNT_MINOR_MAX).contains(&taken.order.refunded_minor));
            assert!((0..=taken.order.total_minor).contains(&taken.order.net().minor));
            assert!(taken.order.items.len() <= ITEMS_MAX);
        }
    }
});
