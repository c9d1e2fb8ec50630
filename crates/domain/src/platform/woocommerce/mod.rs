//! `WooCommerce`'s deliveries (PLATFORMS: `WooCommerce`).

mod lines;
mod mapping;
pub mod page;
mod shape;

use super::raw::{Members, Raw};
use super::{DELIVERY_BYTES_MAX, Delivery, Ignored, Message, PlatformOrder, Reading, settle};
use crate::opaque::OrderId;
use crate::order::platform::OrderNote;
use crate::time::Timestamp;
use shape::Shape;

/// Reads a delivery whose signature was found good.
///
/// Example: a body `{"id": 727}` is a deletion under the topic `order.deleted`, and nothing under any other.
#[must_use]
pub fn read(delivery: Delivery<'_>) -> Reading {
    let topic = delivery.topic.map(|topic| topic.trim().to_ascii_lowercase());
    let kind = Kind::of(topic.as_deref());
    if kind == Kind::Unused {
        return nothing(Ignored::Topic);
    }
    let text = String::from_utf8_lossy(delivery.body);
    let is_too_long = delivery.body.len() > DELIVERY_BYTES_MAX;
    let Some(body) = Raw::read(&text).filter(|_| !is_too_long).and_then(Raw::members) else {
        return nothing(Ignored::Unreadable);
    };
    let message = message(kind, &body, &delivery).unwrap_or_else(Message::Ignored);
    Reading { message, hosts: hosts(&body) }
}

/// The order that a REST body holds, if it is one.
pub(super) fn read_rest(
    body: &Members<'_>,
    received_at: Timestamp,
) -> Option<Result<PlatformOrder, Ignored>> {
    (Shape::of(body) == Shape::Order).then(|| mapping::order(body, false, received_at))
}

fn nothing(ignored: Ignored) -> Reading {
    Reading { message: ignored.into(), hosts: Vec::new() }
}

/// What a topic promises.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Order,
    Restored,
    Deleted,
    /// No topic; a whole order is taken all the same.
    Untold,
    Unused,
}

impl Kind {
    fn of(topic: Option<&str>) -> Self {
        match topic {
            None | Some("") => Self::Untold,
            Some("order.created" | "order.updated") => Self::Order,
            Some("order.restored") => Self::Restored,
            Some("order.deleted") => Self::Deleted,
            Some(_) => Self::Unused,
        }
    }
}

fn message(kind: Kind, body: &Members<'_>, delivery: &Delivery<'_>) -> Result<Message, Ignored> {
    match (Shape::of(body), kind) {
        (Shape::AccessLost, _) => Ok(Message::OwnerLostAccess),
        (Shape::OtherError, _) => Err(Ignored::Unreadable),
        (Shape::OldOrder, Kind::Order | Kind::Restored | Kind::Untold) => Err(Ignored::OldPayload),
        (Shape::Order, Kind::Order | Kind::Restored | Kind::Untold) => {
            let mut order = mapping::order(body, delivery.is_test, delivery.received_at)?;
            order.is_restored = kind == Kind::Restored;
            Ok(Message::Order(Box::new(order)))
        }
        (Shape::IdOnly, Kind::Deleted) => {
            let id = body.id("id").ok_or(Ignored::Unreadable)?;
            let order = OrderId::parse(&id.to_string()).map_err(|_| Ignored::Unreadable)?;
            Ok(Message::Note { order, note: OrderNote::Deleted })
        }
        (_, Kind::Untold) => Err(Ignored::NoTopic),
        (_, Kind::Unused) => Err(Ignored::Topic),
        _ => Err(Ignored::TopicMismatch),
    }
}

/// The addresses under which the shop speaks of its own order.
fn hosts(body: &Members<'_>) -> Vec<String> {
    let links = body.object("_links");
    let of_links = links.iter().flat_map(|links| links.objects("self")).filter_map(|link| link.text("href"));
    settle::hosts(of_links.chain(body.text("payment_url")))
}
