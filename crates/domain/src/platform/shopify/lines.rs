//! The lines of a Shopify order as items.

use super::sale::SaleLine;
use crate::fault::{Notes, Place};
use crate::money::Currency;
use crate::order::{ITEMS_MAX, Item};
use crate::platform::quantity::pieces;
use crate::platform::settle;

/// The lines; tips, custom lines and deleted products name no product.
pub(super) fn items(lines: &[SaleLine<'_>], currency: Currency, notes: &mut Notes) -> Vec<Item> {
    let list = Place::Key(&Place::Root, "line_items");
    let mut items = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let place = Place::Index(&list, index);
        let Some(item) = item(line, currency, place, notes) else { continue };
        if items.len() == ITEMS_MAX {
            notes.warn(list, "too_many_items", "holds more than 1,000 lines; only the first are kept");
            break;
        }
        items.push(item);
    }
    items
}

fn item(line: &SaleLine<'_>, currency: Currency, place: Place<'_>, notes: &mut Notes) -> Option<Item> {
    let variant = line.variant.clone();
    let named = line.product.clone().or_else(|| variant.clone());
    let product = named.or_else(|| settle::unnamed(place, notes))?;
    // Nothing of it was ordered.
    let quantity = line.quantity.as_deref().map_or(Some(1), pieces)?;
    let price_place = Place::Key(&place, "price");
    let price = line.price.as_deref().and_then(|text| settle::amount(text, currency, price_place, notes));
    let price_minor = price.unwrap_or(0);
    let discount_place = Place::Key(&place, "discount_allocations");
    let of_discount =
        |text: &std::borrow::Cow<'_, str>| settle::amount(text, currency, discount_place, notes);
    let discounts: i128 = line.discounts.iter().filter_map(of_discount).map(i128::from).sum();
    let total = i128::from(price_minor) * i128::from(quantity) - discounts;
    Some(Item { product, variant, quantity, price_minor, total_minor: settle::within_limits(total) })
}
