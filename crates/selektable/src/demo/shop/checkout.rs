//! The two forms that end in a conversion. What the shopper types stays here: name, e-mail and phone are read by
//! nobody, and are never sent on.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::catalogue::{self, CURRENCY};
use super::ledger::Placed;
use super::webhook::{self, Item, Order};
use super::{Site, pages};
use crate::ambient;

/// Most pieces of one order.
pub(super) const QUANTITY_MAX: u32 = 4;

/// The checkout's fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct CheckoutForm {
    visitor_id: String,
    session_id: String,
    product_id: String,
    quantity: u32,
}

/// The appointment's fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct AppointmentForm {
    visitor_id: String,
    session_id: String,
}

/// `POST /checkout/complete`
pub(super) async fn complete(State(site): State<Site>, Form(form): Form<CheckoutForm>) -> Response {
    let Some(product) = catalogue::find(&form.product_id) else {
        return pages::no_such_product(&site);
    };
    let quantity = form.quantity.clamp(1, QUANTITY_MAX);
    let total_cents = product.price_cents * i64::from(quantity);
    let items =
        vec![Item { product_id: product.id, quantity, price_cents: product.price_cents, total_cents }];
    let order = order(&site, &number("NH"), form.visitor_id, form.session_id, items);
    place(&site, order).await
}

/// `POST /appointment/book`
pub(super) async fn book(State(site): State<Site>, Form(form): Form<AppointmentForm>) -> Response {
    let order = order(&site, &number("appt"), form.visitor_id, form.session_id, Vec::new());
    place(&site, order).await
}

fn order(site: &Site, number: &str, visitor_id: String, session_id: String, items: Vec<Item>) -> Order {
    Order {
        order_id: number.to_owned(),
        store_id: site.shop.store.to_string(),
        organization_id: site.shop.organization.to_string(),
        visitor_id,
        session_id,
        total_cents: items.iter().map(|item| item.total_cents).sum(),
        currency: CURRENCY,
        platform: "custom",
        status: "completed",
        order_created_at: ambient::now().to_rfc3339(),
        items,
    }
}

async fn place(site: &Site, order: Order) -> Response {
    let delivered = webhook::send(&site.shop, &order).await;
    if let Err(fault) = &delivered {
        tracing::warn!(order = order.order_id, fault, "the demo shop could not tell of an order");
    }
    let request = serde_json::to_string_pretty(&order).unwrap_or_default();
    let lead = order.items.is_empty();
    site.ledger.keep(Placed { order_id: order.order_id.clone(), lead, request, delivered });
    Redirect::to(&format!("/thank-you?order={}", order.order_id)).into_response()
}

/// A number no earlier run of the shop has given: the second, in digits and letters, and a count.
fn number(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{}-{:02}", base36(ambient::now().as_millis().unsigned_abs()), count % 100)
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::try_from(number % 36).unwrap_or(0)]);
        number /= 36;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}
