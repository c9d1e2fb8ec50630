//! From an order in the form of REST v1 to v3 to an order as this product keeps it (PLATFORMS: `WooCommerce`).
//!
//! `user` stays empty for the same reason as with Shopify: the shop's customer is linked through `identify()` only.

use std::borrow::Cow;

use super::lines;
use crate::fault::{Notes, Place};
use crate::money::Currency;
use crate::opaque::{OrderId, RefundId};
use crate::order::platform::{Carrier, Origin, PlatformPart, REFUNDS_MAX, Refund};
use crate::order::{Order, OrderStatus, Source};
use crate::platform::carried::{Carried, Pair, carried, pairs, value_of};
use crate::platform::raw::Members;
use crate::platform::{Ignored, PlatformOrder, settle};
use crate::time::Timestamp;

/// Most repayments that are looked at.
const LISTED_MAX: usize = 10_000;
/// Carts and unfinished orders; the block checkout sends the first as `order.updated`.
const DRAFTS: [&str; 4] = ["checkout-draft", "draft", "auto-draft", "new"];

pub(super) fn order(
    body: &Members<'_>,
    is_test: bool,
    received_at: Timestamp,
) -> Result<PlatformOrder, Ignored> {
    let mut notes = Notes::default();
    let slug = slug(body);
    if DRAFTS.contains(&slug.as_str()) {
        return Err(Ignored::Draft);
    }
    let id = body.id("id").ok_or(Ignored::Unreadable)?;
    let id = OrderId::parse(&id.to_string()).map_err(|_| Ignored::Unreadable)?;
    let currency = currency(body).ok_or(Ignored::UnknownCurrency)?;
    let total_place = Place::Key(&Place::Root, "total");
    let total =
        body.amount("total").and_then(|text| settle::amount(&text, currency, total_place, &mut notes));
    let total_minor = total.ok_or(Ignored::UnreadableAmount)?;
    let refunds = refunds(body, currency, &mut notes);
    let refunded_minor = settle::within_limits(refunds.iter().map(|refund| i128::from(refund.minor)).sum());
    check_refunds(refunded_minor, total_minor, &mut notes);
    let (created_at, updated_at) = settle::dates(
        date(body, "date_created_gmt"),
        date(body, "date_modified_gmt"),
        received_at,
        &mut notes,
    );
    let meta = pairs(body.get("meta_data"), "key");
    let named = named(&meta, &mut notes);
    let (carrier, who) = named.unzip();
    let (visitor, session) = who.map_or((None, None), |it| (Some(it.visitor), it.session));
    let order = Order {
        id,
        source: Source::WooCommerce,
        visitor,
        session,
        user: None,
        currency,
        total_minor,
        refunded_minor,
        status: status(&slug, body, &mut notes),
        created_at,
        updated_at: Some(updated_at),
        items: lines::items(body, currency, &mut notes),
        test: is_test,
        label: None,
        platform: Some(Box::new(PlatformPart {
            origin: origin(body, &meta),
            carrier,
            refunds,
            tokens: Vec::new(),
            raw_status: slug,
            number: body
                .amount("number")
                .map(|number| settle::short(&number))
                .filter(|text| !text.is_empty()),
        })),
    };
    Ok(PlatformOrder { order, warnings: notes.warnings, is_restored: false })
}

/// The status as the shop names it, without the `wc-` of its database.
fn slug(body: &Members<'_>) -> String {
    let text = body.text("status").unwrap_or_default();
    settle::short(text.trim().strip_prefix("wc-").unwrap_or(text.trim()))
}

/// The six as they are; a slug of a plugin's own by whether money arrived.
fn status(slug: &str, body: &Members<'_>, notes: &mut Notes) -> OrderStatus {
    if let Some(status) = OrderStatus::from_code(slug) {
        return status;
    }
    let place = Place::Key(&Place::Root, "status");
    match slug {
        "failed" | "trash" => OrderStatus::Cancelled,
        "" => {
            notes.warn(place, "status_unknown", "is missing; it counts as pending");
            OrderStatus::Pending
        }
        _ => {
            if slug != "ready-for-pickup" {
                let detail = "is a status of the shop's own: processing once the order is paid, else on-hold";
                notes.warn(place, "status_unknown", detail);
            }
            if date(body, "date_paid_gmt").is_some() { OrderStatus::Processing } else { OrderStatus::OnHold }
        }
    }
}

fn currency(body: &Members<'_>) -> Option<Currency> {
    Currency::read_stored(&body.text("currency")?.trim().to_ascii_uppercase())
}

/// The `_gmt` dates are UTC and don't say so; their twins are the site's local time and are not used.
fn date(body: &Members<'_>, key: &str) -> Option<Timestamp> {
    let text: Cow<'_, str> = body.text(key)?;
    let text = text.trim();
    Timestamp::parse_rfc3339(&format!("{text}Z")).or_else(|_| Timestamp::parse_rfc3339(text)).ok()
}

/// `{id, reason, total}` with a negative total. They carry no date.
fn refunds(body: &Members<'_>, currency: Currency, notes: &mut Notes) -> Vec<Refund> {
    let list = Place::Key(&Place::Root, "refunds");
    let mut read: Vec<Refund> = Vec::new();
    for (index, refund) in body.objects("refunds").take(LISTED_MAX).enumerate() {
        let place = Place::Index(&list, index);
        let Some(id) = refund.id("id").and_then(|id| RefundId::parse(&id.to_string()).ok()) else { continue };
        let total = refund.amount("total").unwrap_or_default();
        let minor = settle::signed(&total, currency, place, notes).unwrap_or(0).abs();
        read.push(Refund { id, minor, at: None });
    }
    read.sort();
    read.dedup_by(|later, earlier| later.id == earlier.id);
    read.truncate(REFUNDS_MAX);
    read
}

fn check_refunds(refunded: i64, total: i64, notes: &mut Notes) {
    if refunded > total {
        let detail = "more was given back than the order's total: net revenue counts as 0";
        notes.warn(Place::Key(&Place::Root, "refunds"), "refund_exceeds_total", detail);
    }
}

fn named(meta: &[Pair<'_>], notes: &mut Notes) -> Option<(Carrier, Carried)> {
    let found = carried(meta, Place::Key(&Place::Root, "meta_data"), notes)?;
    let said = value_of(meta, "selektable_carrier").find_map(Carrier::from_code);
    let ours = [Carrier::FormField, Carrier::StoreApi, Carrier::Cookie];
    Some((said.filter(|carrier| ours.contains(carrier)).unwrap_or(Carrier::OrderMeta), found))
}

/// Renewals are copies of the first order with its metadata, the visitor included: they are never credited.
fn origin(body: &Members<'_>, meta: &[Pair<'_>]) -> Origin {
    let renews = value_of(meta, "subscription_renewal").any(|value| !value.is_empty() && value != "0");
    match body.text("created_via").as_deref() {
        _ if renews => Origin::Renewal,
        Some("subscription") => Origin::Renewal,
        Some("admin") => Origin::Staff,
        Some("rest-api") => Origin::Api,
        _ => Origin::Online,
    }
}
