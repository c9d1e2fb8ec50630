//! A page of `GET /wp-json/wc/v3/orders`: each order exactly as its webhook would bring it.

use super::shape::Shape;
use super::{hosts, mapping, nothing};
use crate::platform::pull::PullFault;
use crate::platform::raw::{Members, Raw};
use crate::platform::{Ignored, Message, Reading, settle};
use crate::time::Timestamp;

/// Most orders of one page; the API itself gives 100.
const ORDERS_MAX: usize = 1_000;

/// Reads a page. An order that can't be read is [`Message::Ignored`] and does not hide the others.
///
/// The answer does not say whether there is a next page: the header `X-WP-TotalPages` does, and an empty page is the end.
pub fn read_page(body: &[u8], received_at: Timestamp) -> Result<Vec<Reading>, PullFault> {
    let text = String::from_utf8_lossy(body);
    let answer = Raw::read(&text).ok_or(PullFault::Unreadable)?;
    if let Some(error) = answer.members() {
        return Err(fault(&error));
    }
    if !answer.is_array() {
        return Err(PullFault::Unreadable);
    }
    Ok(answer.elements().take(ORDERS_MAX).map(|order| reading(order, received_at)).collect())
}

fn reading(order: Raw<'_>, received_at: Timestamp) -> Reading {
    let Some(body) = order.members().filter(|body| Shape::of(body) == Shape::Order) else {
        return nothing(Ignored::Unreadable);
    };
    let message = match mapping::order(&body, false, received_at) {
        Ok(order) => Message::Order(Box::new(order)),
        Err(ignored) => ignored.into(),
    };
    Reading { message, hosts: hosts(&body) }
}

fn fault(error: &Members<'_>) -> PullFault {
    let code = error.text("code").unwrap_or_default();
    let status = error.object("data").and_then(|data| data.id("status"));
    match (Shape::of(error), status) {
        (_, Some(401 | 403)) | (Shape::AccessLost, None) => PullFault::AccessDenied,
        _ if code.is_empty() => PullFault::Unreadable,
        _ => PullFault::Refused(settle::short(&code)),
    }
}
