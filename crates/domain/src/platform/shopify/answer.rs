//! From an answer of the GraphQL Admin API to orders or a fault.

use std::borrow::Cow;

use super::graphql::Page;
use super::mapping;
use super::sale::{LISTED_MAX, Payment, Repayment, Sale, SaleLine};
use crate::fault::Warning;
use crate::platform::carried::pairs;
use crate::platform::pull::PullFault;
use crate::platform::raw::{Members, Raw};
use crate::platform::{Message, Reading, settle};
use crate::time::Timestamp;

/// Most orders of one page; the API itself gives 250.
const ORDERS_MAX: usize = 1_000;
/// How long to wait when Shopify does not say.
const WAIT_MS: u64 = 2_000;
/// Longest wait that is believed.
const WAIT_MS_MAX: u64 = 60_000;

pub(super) fn read(body: &[u8], received_at: Timestamp) -> Result<Page, PullFault> {
    let text = String::from_utf8_lossy(body);
    let answer = Raw::read(&text).and_then(Raw::members).ok_or(PullFault::Unreadable)?;
    let cost = answer.object("extensions").and_then(|it| it.object("cost"));
    if let Some(errors) = answer.get("errors") {
        return Err(fault(errors, cost.as_ref()));
    }
    let orders = answer.object("data").and_then(|it| it.object("orders")).ok_or(PullFault::Unreadable)?;
    let page = orders.object("pageInfo").ok_or(PullFault::Unreadable)?;
    let next = page.text("endCursor").filter(|_| page.flag("hasNextPage")).map(Cow::into_owned);
    Ok(Page {
        orders: orders.objects("nodes").take(ORDERS_MAX).map(|node| reading(&node, received_at)).collect(),
        next,
        wait_ms: cost.as_ref().and_then(wait_ms).unwrap_or(0),
    })
}

fn reading(node: &Members<'_>, received_at: Timestamp) -> Reading {
    let message = match mapping::order(&sale(node), false, received_at) {
        Ok(mut order) => {
            order.warnings.extend(lines_cut(node));
            Message::Order(Box::new(order))
        }
        Err(ignored) => ignored.into(),
    };
    Reading { message, hosts: Vec::new() }
}

fn lines_cut(node: &Members<'_>) -> Option<Warning> {
    let is_cut = node.object("lineItems")?.object("pageInfo")?.flag("hasNextPage");
    let detail = "has more lines than a pull brings; only the first 100 are known until a webhook brings all";
    is_cut.then(|| Warning {
        pointer: "/line_items".to_owned(),
        code: "too_many_items",
        detail: detail.to_owned(),
    })
}

fn sale<'a>(node: &Members<'a>) -> Sale<'a> {
    let total = shop_money(node, "totalPriceSet");
    Sale {
        id: node.id("legacyResourceId"),
        exact_id: node.id("id"),
        currency: node.text("currencyCode").or_else(|| total.as_ref()?.text("currencyCode")),
        total: total.as_ref().and_then(|money| money.amount("amount")),
        financial_status: node.text("displayFinancialStatus"),
        fulfillment_status: node.text("displayFulfillmentStatus").and_then(|text| fulfillment(&text)),
        is_cancelled: node.get("cancelledAt").is_some(),
        created_at: node.text("createdAt"),
        processed_at: node.text("processedAt"),
        updated_at: node.text("updatedAt"),
        source_name: node.amount("sourceName"),
        name: node.amount("name"),
        is_test: node.flag("test"),
        cart_token: None,
        checkout_token: None,
        attributes: pairs(node.get("customAttributes"), "key"),
        lines: nodes(node, "lineItems").map(|line| sale_line(&line)).collect(),
        repayments: node.objects("refunds").take(LISTED_MAX).map(|refund| repayment(&refund)).collect(),
        refunded: None,
    }
}

/// The REST resource's word for it, which says nothing while nothing was sent.
fn fulfillment(displayed: &str) -> Option<Cow<'static, str>> {
    let word = match displayed {
        "FULFILLED" => "fulfilled",
        "PARTIALLY_FULFILLED" => "partial",
        "RESTOCKED" => "restocked",
        _ => return None,
    };
    Some(Cow::Borrowed(word))
}

fn sale_line<'a>(line: &Members<'a>) -> SaleLine<'a> {
    let id = |key: &str| settle::product(line.object(key).and_then(|it| it.id("legacyResourceId")));
    let discount = |it: Members<'a>| shop_money(&it, "allocatedAmountSet")?.amount("amount");
    SaleLine {
        product: id("product"),
        variant: id("variant"),
        quantity: line.amount("quantity"),
        price: shop_money(line, "originalUnitPriceSet").and_then(|money| money.amount("amount")),
        discounts: line.objects("discountAllocations").take(LISTED_MAX).filter_map(discount).collect(),
        properties: pairs(line.get("customAttributes"), "key"),
    }
}

fn repayment<'a>(refund: &Members<'a>) -> Repayment<'a> {
    let payment = |payment: Members<'a>| {
        let money = shop_money(&payment, "amountSet");
        Payment {
            kind: payment.text("kind"),
            status: payment.text("status"),
            amount: money.as_ref().and_then(|money| money.amount("amount")),
            currency: money.as_ref().and_then(|money| money.text("currencyCode")),
        }
    };
    Repayment {
        id: refund.id("legacyResourceId"),
        created_at: refund.text("createdAt"),
        payments: nodes(refund, "transactions").map(payment).collect(),
        parts: Vec::new(),
    }
}

/// The nodes of a connection.
fn nodes<'a>(members: &Members<'a>, key: &str) -> impl Iterator<Item = Members<'a>> {
    let connection = members.object(key);
    let nodes = connection.and_then(|connection| connection.get("nodes"));
    nodes.into_iter().flat_map(Raw::elements).filter_map(Raw::members).take(LISTED_MAX)
}

fn shop_money<'a>(members: &Members<'a>, set: &str) -> Option<Members<'a>> {
    members.object(set)?.object("shopMoney")
}

/// `errors` is a list of objects with a code, or, for a wrong key, one text.
fn fault(errors: Raw<'_>, cost: Option<&Members<'_>>) -> PullFault {
    if let Some(text) = errors.text() {
        let is_access =
            text.contains("access token") || text.contains("API key") || text.contains("nauthorized");
        return if is_access { PullFault::AccessDenied } else { PullFault::Refused(settle::short(&text)) };
    }
    let codes: Vec<Cow<'_, str>> = errors
        .elements()
        .take(LISTED_MAX)
        .filter_map(|error| error.members()?.object("extensions")?.text("code"))
        .collect();
    let has = |code: &str| codes.iter().any(|known| known == code);
    if has("ACCESS_DENIED") || has("UNAUTHORIZED") {
        return PullFault::AccessDenied;
    }
    if has("MAX_COST_EXCEEDED") {
        return PullFault::TooCostly;
    }
    if has("THROTTLED") {
        return PullFault::Throttled { wait_ms: cost.and_then(wait_ms).unwrap_or(WAIT_MS).max(1) };
    }
    let message = errors.elements().find_map(|error| error.members()?.text("message")).unwrap_or_default();
    PullFault::Refused(settle::short(&message))
}

/// Until the bucket holds what the question costs: it fills by `restoreRate` points a second.
fn wait_ms(cost: &Members<'_>) -> Option<u64> {
    let status = cost.object("throttleStatus")?;
    let asked = points(cost.amount("requestedQueryCost")?.as_ref())?;
    let available = points(status.amount("currentlyAvailable")?.as_ref())?;
    let a_second = points(status.amount("restoreRate")?.as_ref())?.max(1);
    let missing = asked.saturating_sub(available);
    Some(missing.saturating_mul(1_000).div_ceil(a_second).min(WAIT_MS_MAX))
}

/// Whole points; Shopify writes some of them with `.0`.
fn points(text: &str) -> Option<u64> {
    text.split('.').next()?.parse().ok()
}
