//! One JSON value a line.

use super::{ImportFault, Imported};
use crate::fault::Fault;
use crate::json::{self, Limits};
use crate::order::Source;
use crate::order::parse::parse_webhook;
use crate::platform::raw::Raw;
use crate::platform::{DELIVERY_BYTES_MAX, Ignored, PlatformOrder, shopify, woocommerce};
use crate::time::Timestamp;

/// Reads a line: an order of Shopify's or `WooCommerce`'s REST API, or a body of our own webhook (SPEC section 5.1),
/// told apart by their members; or gives every fault it has.
pub fn read_json_line(text: &str, line: u64, now: Timestamp) -> Result<Imported, Vec<ImportFault>> {
    let fault = |code: &'static str, detail: String| {
        vec![ImportFault { line, place: "the line".to_owned(), code, detail }]
    };
    if text.len() > DELIVERY_BYTES_MAX {
        return Err(fault("too_long", "is longer than 4 MiB".to_owned()));
    }
    let Some(body) = Raw::read(text).and_then(Raw::members) else {
        return Err(fault("invalid_json", "must be one JSON object".to_owned()));
    };
    if body.has("orderId") {
        return read_own(text, line, now);
    }
    let read = shopify::read_rest(&body, now).or_else(|| woocommerce::read_rest(&body, now));
    match read {
        Some(Ok(order)) => Ok(imported(order)),
        Some(Err(ignored)) => Err(fault(ignored.code(), ignored.to_string())),
        None => {
            let detail =
                "is neither an order of Shopify's or WooCommerce's REST API nor a body with `orderId`";
            Err(fault(Ignored::Unreadable.code(), detail.to_owned()))
        }
    }
}

fn imported(PlatformOrder { mut order, warnings, .. }: PlatformOrder) -> Imported {
    order.source = Source::Import;
    Imported { order, warnings }
}

fn read_own(text: &str, line: u64, now: Timestamp) -> Result<Imported, Vec<ImportFault>> {
    let json = json::parse(text.as_bytes(), Limits::SINGLE).map_err(|fault| {
        let place = fault.pointer().unwrap_or("the line").to_owned();
        vec![ImportFault { line, place, code: fault.code(), detail: fault.to_string() }]
    })?;
    let of_fault = |Fault { pointer, code, detail }| ImportFault { line, place: pointer, code, detail };
    let read =
        parse_webhook(&json, now).map_err(|faults| faults.into_iter().map(of_fault).collect::<Vec<_>>())?;
    let mut order = read.order;
    order.source = Source::Import;
    Ok(Imported { order, warnings: read.warnings })
}
