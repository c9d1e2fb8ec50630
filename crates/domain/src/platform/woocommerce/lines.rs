//! The lines of a `WooCommerce` order as items.

use crate::fault::{Notes, Place};
use crate::money::Currency;
use crate::order::{ITEMS_MAX, Item};
use crate::platform::quantity::pieces;
use crate::platform::raw::Members;
use crate::platform::settle;

/// Most lines that are looked at.
const LISTED_MAX: usize = 10_000;

/// The lines.
pub(super) fn items(body: &Members<'_>, currency: Currency, notes: &mut Notes) -> Vec<Item> {
    let list = Place::Key(&Place::Root, "line_items");
    let mut items = Vec::new();
    for (index, line) in body.objects("line_items").take(LISTED_MAX).enumerate() {
        let Some(item) = item(&line, currency, Place::Index(&list, index), notes) else { continue };
        if items.len() == ITEMS_MAX {
            notes.warn(list, "too_many_items", "holds more than 1,000 lines; only the first are kept");
            break;
        }
        items.push(item);
    }
    items
}

/// A line's total here is `total` plus `total_tax`: `WooCommerce` writes lines without tax, whatever the shop shows,
/// while the order's total includes it, and the lines of an order must not be worth less than the order for tax alone.
/// The price of a piece is that total divided, since `price` is an unrounded float without tax.
fn item(line: &Members<'_>, currency: Currency, place: Place<'_>, notes: &mut Notes) -> Option<Item> {
    let variant = settle::product(line.id("variation_id"));
    let named = settle::product(line.id("product_id")).or_else(|| variant.clone());
    let product = named.or_else(|| settle::unnamed(place, notes))?;
    let quantity = line.amount("quantity").as_deref().and_then(pieces).unwrap_or(1);
    let sum: i128 = ["total", "total_tax"]
        .into_iter()
        .filter_map(|key| settle::signed(&line.amount(key)?, currency, Place::Key(&place, key), notes))
        .map(i128::from)
        .sum();
    let total_minor = settle::within_limits(sum);
    Some(Item { product, variant, quantity, price_minor: total_minor / i64::from(quantity), total_minor })
}
