//! The lines of an order.

use super::super::{ITEMS_MAX, Item, QUANTITY_MAX};
use crate::fault::{Notes, Place};
use crate::money::AMOUNT_MINOR_MAX;
use crate::opaque::ProductId;
use crate::read::{self, Fields, Value};

/// Which fields of a line may be missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// None: the sender is a server.
    Complete,
    /// Quantity (1), price (0) and total (price × quantity): the sender is a browser.
    Defaults,
}

/// Reads an array of lines, every fault of every line.
pub(super) fn read_items(
    value: Value<'_, '_>,
    strictness: Strictness,
    notes: &mut Notes,
) -> Option<Vec<Item>> {
    let elements = value.elements(notes)?;
    if elements.len() > ITEMS_MAX {
        return notes.refuse(value.place, "too_many_items", "must hold at most 1,000 items");
    }
    read::each(value.place, elements, notes, |line, notes| {
        let fields = line.fields(notes)?;
        read_item(fields, strictness, notes)
    })
}

fn read_item(fields: Fields<'_, '_>, strictness: Strictness, notes: &mut Notes) -> Option<Item> {
    let product = fields.required("productId", notes, read::id_or_number(ProductId::parse));
    let variant = fields.optional("variantId", notes, read::id_or_number(ProductId::parse));
    let (quantity, price_minor, total_minor) = match strictness {
        Strictness::Complete => (
            fields.required("quantity", notes, quantity),
            fields.required("priceCents", notes, read::amount),
            fields.required("totalCents", notes, read::amount),
        ),
        Strictness::Defaults => {
            let quantity = fields.optional("quantity", notes, quantity).unwrap_or(1);
            let price = fields.optional("priceCents", notes, read::amount).unwrap_or(0);
            let stated = fields.optional("totalCents", notes, read::amount);
            let total = stated.or_else(|| line_total(quantity, price, fields.place, notes));
            (Some(quantity), Some(price), total)
        }
    };
    let (quantity, price_minor, total_minor) = (quantity?, price_minor?, total_minor?);
    let is_stated = |key: &str| fields.object.get(key).is_some();
    let product_of_both = i128::from(price_minor) * i128::from(quantity);
    if is_stated("priceCents") && i128::from(total_minor) != product_of_both {
        let detail = "is not priceCents times quantity; the line's total counts";
        notes.warn(Place::Key(&fields.place, "totalCents"), "line_total_mismatch", detail);
    }
    Some(Item { product: product?, variant, quantity, price_minor, total_minor })
}

fn quantity(value: Value<'_, '_>, notes: &mut Notes) -> Option<u32> {
    read::integer(value, (1, i64::from(QUANTITY_MAX)), "a number of pieces", notes)
        .and_then(|number| u32::try_from(number).ok())
}

fn line_total(quantity: u32, price_minor: i64, line: Place<'_>, notes: &mut Notes) -> Option<i64> {
    let total = price_minor.checked_mul(i64::from(quantity)).filter(|total| *total <= AMOUNT_MINOR_MAX);
    let detail = "times quantity is larger than an amount can be";
    total.or_else(|| notes.refuse(Place::Key(&line, "priceCents"), "out_of_range", detail))
}
