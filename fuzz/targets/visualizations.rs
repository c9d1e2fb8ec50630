#![no_main]
//! A server's visualization and the form's products.

use libfuzzer_sys::fuzz_target;
use selektable_domain::json::{Limits, parse};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::{PRODUCTS_MAX, VARIANTS_MAX, parse_products, parse_server};

const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

fuzz_target!(|body: &[u8]| {
    let Ok(json) = parse(body, Limits::SINGLE) else { return };
    match parse_server(&json, NOW) {
        Ok(taken) => assert!(taken.at <= NOW && (1..=PRODUCTS_MAX).contains(&taken.products.len())),
        Err(faults) => assert!(!faults.is_empty()),
    }
    match parse_products(&json) {
        Ok((products, _)) => assert!(products.iter().all(|shown| shown.variants.len() <= VARIANTS_MAX)),
        Err(faults) => assert!(faults.iter().all(|fault| fault.pointer.starts_with("/products"))),
    }
});
