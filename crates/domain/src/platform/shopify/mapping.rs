//! From a [`Sale`] to an order as this product keeps it.
//!
//! Decided here, where the contract leaves it open:
//! - `user` stays empty. The shop's customer id is linked through `identify()` only: orders that staff make for
//!   customers carry that id too, and would link the staff's browser to strangers.
//! - Visitor and session come from one place, the first that names a visitor: a line's properties, else the cart's
//!   attributes.
//! - The total is the order's first one; edits don't change it, repayments do count (PLATFORMS: net revenue).

use super::sale::Sale;
use super::{lines, repayments};
use crate::fault::{Notes, Place};
use crate::money::Currency;
use crate::opaque::{CartToken, OrderId, RefundId};
use crate::order::platform::{Carrier, EXPORT_REFUND, Origin, PlatformPart, Refund, Token, TokenKind};
use crate::order::{Order, OrderStatus, Source};
use crate::platform::carried::{Carried, carried};
use crate::platform::{Ignored, PlatformOrder, settle};
use crate::time::Timestamp;

/// Shopify's own sample order, and the same id as JavaScript rounds it.
const SAMPLE_IDS: [u64; 2] = [820_982_911_946_154_508, 820_982_911_946_154_500];

pub(super) fn order(
    sale: &Sale<'_>,
    is_test: bool,
    received_at: Timestamp,
) -> Result<PlatformOrder, Ignored> {
    let mut notes = Notes::default();
    let id = order_id(sale, &mut notes).ok_or(Ignored::Unreadable)?;
    let currency = currency(sale).ok_or(Ignored::UnknownCurrency)?;
    let total_place = Place::Key(&Place::Root, "total_price");
    let total =
        sale.total.as_deref().and_then(|text| settle::amount(text, currency, total_place, &mut notes));
    let total_minor = total.ok_or(Ignored::UnreadableAmount)?;
    let status = status(sale, &mut notes);
    let mut refunds = repayments::refunds(&sale.repayments, currency, received_at, &mut notes);
    refunds.extend(in_all(sale, currency, &mut notes));
    let refunded_minor = settle::within_limits(refunds.iter().map(|refund| i128::from(refund.minor)).sum());
    check_refunds(status, total_minor, refunded_minor, &refunds, &mut notes);
    let (created_at, updated_at) = dates(sale, received_at, &mut notes);
    let named = named(sale, &mut notes);
    let items = lines::items(&sale.lines, currency, &mut notes);
    let (carrier, who) = named.unzip();
    let (visitor, session) = who.map_or((None, None), |it| (Some(it.visitor), it.session));
    let order = Order {
        id: OrderId::parse(&id.to_string()).map_err(|_| Ignored::Unreadable)?,
        source: Source::Shopify,
        visitor,
        session,
        user: None,
        currency,
        total_minor,
        refunded_minor,
        status,
        created_at,
        updated_at: Some(updated_at),
        items,
        test: is_test || sale.is_test || SAMPLE_IDS.contains(&id),
        label: None,
        platform: Some(Box::new(part(sale, carrier, refunds))),
    };
    Ok(PlatformOrder { order, warnings: notes.warnings, is_restored: false })
}

/// The number as it is; where the two disagree a tool rounded it on its way, and the text counts.
fn order_id(sale: &Sale<'_>, notes: &mut Notes) -> Option<u64> {
    match (sale.id, sale.exact_id) {
        (Some(id), Some(exact)) if id != exact => {
            let detail =
                "is not the id that admin_graphql_api_id tells: something rounded it; the latter counts";
            notes.warn(Place::Key(&Place::Root, "id"), "id_rounded", detail);
            Some(exact)
        }
        (id, exact) => id.or(exact),
    }
}

fn currency(sale: &Sale<'_>) -> Option<Currency> {
    Currency::read_stored(&sale.currency.as_deref()?.trim().to_ascii_uppercase())
}

/// PLATFORMS, status table: the first line that fits.
fn status(sale: &Sale<'_>, notes: &mut Notes) -> OrderStatus {
    let financial = word(sale.financial_status.as_deref());
    let is_fulfilled = word(sale.fulfillment_status.as_deref()) == "fulfilled";
    match financial.as_str() {
        "refunded" => OrderStatus::Refunded,
        "voided" | "expired" => OrderStatus::Cancelled,
        _ if sale.is_cancelled => OrderStatus::Cancelled,
        "paid" | "partially_refunded" if is_fulfilled => OrderStatus::Completed,
        "paid" | "partially_refunded" => OrderStatus::Processing,
        "authorized" | "partially_paid" => OrderStatus::OnHold,
        "pending" | "unpaid" => OrderStatus::Pending,
        _ => {
            let detail = "is missing or not known; it counts as pending";
            notes.warn(Place::Key(&Place::Root, "financial_status"), "status_unknown", detail);
            OrderStatus::Pending
        }
    }
}

fn word(text: Option<&str>) -> String {
    settle::short(&text.unwrap_or_default().to_ascii_lowercase())
}

/// An export tells one sum. As a repayment, it counts before what the status says.
fn in_all(sale: &Sale<'_>, currency: Currency, notes: &mut Notes) -> Option<Refund> {
    let text = sale.refunded.as_deref()?;
    let minor = settle::amount(text, currency, Place::Key(&Place::Root, "refunds"), notes)?;
    Some(Refund { id: RefundId::parse(EXPORT_REFUND).ok()?, minor, at: None })
        .filter(|refund| refund.minor > 0)
}

/// What was given back counts, not what the status says; where the two differ the merchant may want to know.
fn check_refunds(status: OrderStatus, total: i64, refunded: i64, refunds: &[Refund], notes: &mut Notes) {
    let place = Place::Key(&Place::Root, "refunds");
    if status == OrderStatus::Refunded && !refunds.is_empty() && refunded < total {
        let detail = "the order is called refunded, but less than its total was given back; what was given back counts";
        notes.warn(place, "refund_below_total", detail);
    }
    if refunded > total {
        let detail = "more was given back than the order's total: net revenue counts as 0";
        notes.warn(place, "refund_exceeds_total", detail);
    }
}

/// `processed_at` is the time of the sale: imports into Shopify set it back.
fn dates(sale: &Sale<'_>, received_at: Timestamp, notes: &mut Notes) -> (Timestamp, Timestamp) {
    let read = |text: &Option<std::borrow::Cow<'_, str>>| {
        text.as_deref().and_then(|text| Timestamp::parse_rfc3339(text.trim()).ok())
    };
    let placed = read(&sale.processed_at).or_else(|| read(&sale.created_at));
    settle::dates(placed, read(&sale.updated_at), received_at, notes)
}

fn named(sale: &Sale<'_>, notes: &mut Notes) -> Option<(Carrier, Carried)> {
    let list = Place::Key(&Place::Root, "line_items");
    for (index, line) in sale.lines.iter().enumerate() {
        let place = Place::Index(&list, index);
        if let Some(found) = carried(&line.properties, Place::Key(&place, "properties"), notes) {
            return Some((Carrier::LineProperty, found));
        }
    }
    let place = Place::Key(&Place::Root, "note_attributes");
    carried(&sale.attributes, place, notes).map(|found| (Carrier::CartAttribute, found))
}

fn part(sale: &Sale<'_>, carrier: Option<Carrier>, refunds: Vec<Refund>) -> PlatformPart {
    let (financial, fulfillment) =
        (word(sale.financial_status.as_deref()), word(sale.fulfillment_status.as_deref()));
    let separator = if fulfillment.is_empty() { "" } else { "/" };
    let tokens = [(TokenKind::Cart, &sale.cart_token), (TokenKind::Checkout, &sale.checkout_token)];
    PlatformPart {
        origin: origin(sale.source_name.as_deref()),
        carrier,
        refunds,
        tokens: tokens.into_iter().filter_map(|(kind, text)| token(kind, text.as_deref()?)).collect(),
        raw_status: settle::short(&format!("{financial}{separator}{fulfillment}")),
        number: sale.name.as_deref().map(settle::short).filter(|name| !name.is_empty()),
    }
}

/// Newer cart tokens come with `?key=…` behind them in some places.
fn token(kind: TokenKind, text: &str) -> Option<Token> {
    let text = text.trim().split('?').next()?;
    CartToken::parse(text).ok().map(|text| Token { kind, text })
}

/// `source_name` is free text. An app's id means that a program made the order.
fn origin(source_name: Option<&str>) -> Origin {
    match source_name.map(str::trim) {
        Some("pos") => Origin::PointOfSale,
        Some("shopify_draft_order") => Origin::Draft,
        Some(name) if name.starts_with("subscription_contract") => Origin::Renewal,
        Some(name) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) => Origin::Api,
        _ => Origin::Online,
    }
}
