//! Shopify's order export as CSV: one row per line of an order, of which the first tells the order.
//!
//! The export names products by SKU only. The SKU stands as the product, so that an order with lines is never taken for
//! one without; the pull or a webhook brings the ids.

use std::borrow::Cow;

use super::mapping;
use super::sale::{Sale, SaleLine};
use crate::opaque::ProductId;
use crate::order::Source;
use crate::platform::carried::Pair;
use crate::platform::import::{ImportFault, Imported, Row, instant};
use crate::platform::raw::whole;
use crate::platform::{Ignored, PlatformOrder};
use crate::time::Timestamp;

/// What a row tells of times; the latest is as late as the order is known, so that any later webhook counts.
const DATES: [&str; 4] = ["Created at", "Paid at", "Fulfilled at", "Cancelled at"];

/// Reads the rows of one order.
pub(in crate::platform) fn read_export(
    first: &Row<'_>,
    rows: &[Row<'_>],
    now: Timestamp,
) -> Result<Imported, ImportFault> {
    let fault = |column: &str, code, detail: String| ImportFault {
        line: first.line,
        place: column.to_owned(),
        code,
        detail,
    };
    let sale = sale(first, rows);
    if sale.id.is_none() {
        let detail = "must be Shopify's number of the order: export all columns, with Id".to_owned();
        return Err(fault("Id", "missing", detail));
    }
    if sale.created_at.is_none() {
        let detail = "must be a date and time with a zone, as Shopify exports it".to_owned();
        return Err(fault("Created at", "invalid_date", detail));
    }
    let order = mapping::order(&sale, false, now);
    let PlatformOrder { mut order, warnings, .. } =
        order.map_err(|ignored| fault(column_of(ignored), ignored.code(), ignored.to_string()))?;
    order.source = Source::Import;
    Ok(Imported { order, warnings })
}

fn column_of(ignored: Ignored) -> &'static str {
    match ignored {
        Ignored::UnknownCurrency => "Currency",
        Ignored::UnreadableAmount => "Total",
        _ => "Id",
    }
}

fn sale<'a>(first: &Row<'a>, rows: &[Row<'a>]) -> Sale<'a> {
    let text = |column: &str| first.cell(column).map(Cow::Borrowed);
    let created_at = first.cell("Created at").and_then(instant);
    let latest = DATES.iter().filter_map(|column| first.cell(column).and_then(instant)).max();
    // Excel's protection against formulas.
    let id = first.cell("Id").map(|id| id.trim_start_matches('\''));
    let fulfillment = text("Fulfillment Status").filter(|word| !word.eq_ignore_ascii_case("unfulfilled"));
    Sale {
        id: id.and_then(whole),
        currency: text("Currency"),
        total: text("Total"),
        financial_status: text("Financial Status"),
        fulfillment_status: fulfillment,
        is_cancelled: first.cell("Cancelled at").is_some(),
        created_at: created_at.map(|at| Cow::Owned(at.to_rfc3339())),
        updated_at: latest.map(|at| Cow::Owned(at.to_rfc3339())),
        source_name: text("Source"),
        name: text("Name"),
        attributes: attributes(first.cell("Note Attributes").unwrap_or_default()),
        lines: rows.iter().filter_map(line).collect(),
        refunded: text("Refunded Amount"),
        ..Sale::default()
    }
}

/// `name: value`, one below the other.
fn attributes(text: &str) -> Vec<Pair<'_>> {
    let pair = |line| {
        let (name, value): (&str, &str) = str::split_once(line, ':')?;
        Some((Cow::Borrowed(name.trim()), Cow::Borrowed(value.trim())))
    };
    text.lines().filter_map(pair).collect()
}

fn line<'a>(row: &Row<'a>) -> Option<SaleLine<'a>> {
    row.cell("Lineitem name").or_else(|| row.cell("Lineitem sku")).or_else(|| row.cell("Lineitem price"))?;
    Some(SaleLine {
        product: row.cell("Lineitem sku").and_then(|sku| ProductId::parse(sku).ok()),
        quantity: row.cell("Lineitem quantity").map(Cow::Borrowed),
        price: row.cell("Lineitem price").map(Cow::Borrowed),
        discounts: row.cell("Lineitem discount").map(Cow::Borrowed).into_iter().collect(),
        ..SaleLine::default()
    })
}
