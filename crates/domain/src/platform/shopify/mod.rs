//! Shopify's deliveries (PLATFORMS: Shopify).

mod answer;
mod export;
pub mod graphql;
mod lines;
mod mapping;
mod repayments;
mod sale;
mod shape;
mod webhook;

pub(super) use export::read_export;

use super::raw::{Members, Raw};
use super::{
    DELIVERY_BYTES_MAX, Delivery, Ignored, Message, PlatformOrder, PrivacyRequest, REQUEST_ORDERS_MAX,
    Reading, settle,
};
use crate::fault::{Notes, Place};
use crate::opaque::OrderId;
use crate::order::platform::OrderNote;
use crate::time::Timestamp;

/// Reads a delivery whose signature was found good.
///
/// Example: a body `{"id": 7}` is a deletion under the topic `orders/delete`, and nothing under any other.
#[must_use]
pub fn read(delivery: Delivery<'_>) -> Reading {
    let topic = delivery.topic.map(|topic| topic.trim().to_ascii_lowercase());
    let kind = Kind::of(topic.as_deref());
    if let Kind::Unused(ignored) = kind {
        return nothing(ignored);
    }
    let text = String::from_utf8_lossy(delivery.body);
    let is_too_long = delivery.body.len() > DELIVERY_BYTES_MAX;
    let Some(body) = Raw::read(&text).filter(|_| !is_too_long).and_then(Raw::members) else {
        return nothing(Ignored::Unreadable);
    };
    if !kind.fits(&body) {
        return nothing(if kind == Kind::Untold { Ignored::NoTopic } else { Ignored::TopicMismatch });
    }
    let domains = ["order_status_url", "shop_domain", "myshopify_domain", "domain"];
    Reading {
        message: kind.message(&body, delivery).unwrap_or_else(Message::Ignored),
        hosts: settle::hosts(domains.iter().filter_map(|key| body.text(key))),
    }
}

/// The order that a REST body holds, if it is one.
pub(super) fn read_rest(
    body: &Members<'_>,
    received_at: Timestamp,
) -> Option<Result<PlatformOrder, Ignored>> {
    shape::is_order(body).then(|| mapping::order(&webhook::sale(body), false, received_at))
}

fn nothing(ignored: Ignored) -> Reading {
    Reading { message: ignored.into(), hosts: Vec::new() }
}

/// What a topic promises.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Order,
    /// No topic; a whole order is taken all the same.
    Untold,
    Edit,
    Deletion,
    Refund,
    Uninstalled,
    DataRequest,
    CustomerErasure,
    ShopErasure,
    Unused(Ignored),
}

impl Kind {
    fn of(topic: Option<&str>) -> Self {
        match topic {
            None | Some("") => Self::Untold,
            Some(
                "orders/create"
                | "orders/updated"
                | "orders/paid"
                | "orders/cancelled"
                | "orders/fulfilled"
                | "orders/partially_fulfilled",
            ) => Self::Order,
            Some("orders/edited") => Self::Edit,
            Some("orders/delete") => Self::Deletion,
            Some("refunds/create") => Self::Refund,
            Some("app/uninstalled") => Self::Uninstalled,
            Some("customers/data_request") => Self::DataRequest,
            Some("customers/redact") => Self::CustomerErasure,
            Some("shop/redact") => Self::ShopErasure,
            Some(topic) if topic.starts_with("draft_orders/") => Self::Unused(Ignored::Draft),
            Some(_) => Self::Unused(Ignored::Topic),
        }
    }

    fn fits(self, body: &Members<'_>) -> bool {
        match self {
            Self::Order | Self::Untold => shape::is_order(body),
            Self::Edit => body.object("order_edit").is_some(),
            Self::Deletion => shape::is_deletion(body),
            Self::Refund => shape::is_refund(body),
            Self::Uninstalled => shape::is_shop(body),
            Self::DataRequest => shape::is_data_request(body),
            Self::CustomerErasure => shape::is_customer_erasure(body),
            Self::ShopErasure => shape::is_shop_erasure(body),
            Self::Unused(_) => false,
        }
    }

    fn message(self, body: &Members<'_>, delivery: Delivery<'_>) -> Result<Message, Ignored> {
        match self {
            Self::Order | Self::Untold => {
                let sale = webhook::sale(body);
                let order = mapping::order(&sale, delivery.is_test, delivery.received_at)?;
                Ok(Message::Order(Box::new(order)))
            }
            Self::Edit => Err(Ignored::EditWithoutOrder),
            Self::Deletion => Ok(Message::Note { order: order_id(body, "id")?, note: OrderNote::Deleted }),
            Self::Refund => refund(body, delivery),
            Self::Uninstalled => Ok(Message::Uninstalled),
            Self::DataRequest => {
                let (customer, orders) = (customer(body), orders(body, "orders_requested"));
                Ok(Message::Privacy(PrivacyRequest::Data { customer, orders }))
            }
            Self::CustomerErasure => {
                let (customer, orders) = (customer(body), orders(body, "orders_to_redact"));
                Ok(Message::Privacy(PrivacyRequest::EraseCustomer { customer, orders }))
            }
            Self::ShopErasure => Ok(Message::Privacy(PrivacyRequest::EraseShop)),
            Self::Unused(ignored) => Err(ignored),
        }
    }
}

fn refund(body: &Members<'_>, delivery: Delivery<'_>) -> Result<Message, Ignored> {
    let repayment = webhook::repayment(body);
    let currency = repayments::currency_of(&repayment).ok_or(Ignored::UnknownCurrency)?;
    let mut notes = Notes::default();
    let refund = repayments::refund(&repayment, currency, delivery.received_at, Place::Root, &mut notes);
    if notes.warnings.iter().any(|warning| warning.code == "unreadable_amount") {
        return Err(Ignored::UnreadableAmount);
    }
    let refund = refund.ok_or(Ignored::Unreadable)?;
    Ok(Message::Note { order: order_id(body, "order_id")?, note: OrderNote::Refund { refund, currency } })
}

fn order_id(body: &Members<'_>, key: &str) -> Result<OrderId, Ignored> {
    let id = body.id(key).ok_or(Ignored::Unreadable)?;
    OrderId::parse(&id.to_string()).map_err(|_| Ignored::Unreadable)
}

fn customer(body: &Members<'_>) -> Option<String> {
    body.object("customer")?.id("id").map(|id| id.to_string())
}

fn orders(body: &Members<'_>, key: &str) -> Vec<OrderId> {
    let ids = body.elements(key).filter_map(Raw::id);
    ids.filter_map(|id| OrderId::parse(&id.to_string()).ok()).take(REQUEST_ORDERS_MAX).collect()
}
