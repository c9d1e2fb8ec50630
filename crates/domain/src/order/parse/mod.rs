//! From strict JSON to an [`Order`]: the webhook of SPEC section 5.1 and the browser's conversion of section 5.2.
//!
//! Decided here, where the contract leaves it open: an optional field that is `null` counts as missing; a
//! `refundedCents` above `totalCents` is a warning (shops do refund shipping or goodwill on top, and net revenue never
//! falls below 0); a payload that is no object has one fault, at the empty pointer.

mod browser;
mod items;
mod peek;

pub use browser::BrowserOrder;
pub(crate) use browser::read_browser;
pub use peek::{peek_order_id, peek_text};

use super::{Item, Order, Source};
use crate::fault::{Fault, Notes, Place, Warning};
use crate::json::Json;
use crate::opaque::{OrderId, SessionId, UserId, VisitorId};
use crate::read::{self, Fields, Value};
use crate::time::Timestamp;
use items::{Strictness, read_items};

/// The one platform that posts here; the others have routes of their own (SPEC section 5.3).
const PLATFORM: &str = "custom";

/// An order as a shop's server posted it, before anybody asked whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookOrder {
    /// `storeId` as sent: 1 to 255 bytes of any text.
    pub store_id: String,
    /// `organizationId` as sent: 1 to 255 bytes of any text.
    pub organization_id: String,
    /// The order, its source [`Source::Server`]. `created_at` is as stated, up to one hour ahead of `now`.
    pub order: Order,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// Reads a payload of `POST /api/webhooks/orders` (or one element of the batch), or gives every fault it has.
pub fn parse_webhook(json: &Json<'_>, now: Timestamp) -> Result<WebhookOrder, Vec<Fault>> {
    let mut notes = Notes::default();
    let parsed =
        Value::root(json).fields(&mut notes).and_then(|fields| read_webhook(fields, now, &mut notes));
    let ((store_id, organization_id, order), warnings) = notes.finish(parsed)?;
    Ok(WebhookOrder { store_id, organization_id, order, warnings })
}

/// Every field is read before the first `?`, so that no fault hides another.
fn read_webhook(
    fields: Fields<'_, '_>,
    now: Timestamp,
    notes: &mut Notes,
) -> Option<(String, String, Order)> {
    let id = fields.required("orderId", notes, read::id_or_number(OrderId::parse));
    let store_id = fields.required("storeId", notes, read::own_id);
    let organization_id = fields.required("organizationId", notes, read::own_id);
    let visitor = fields.required("visitorId", notes, read::id(VisitorId::parse));
    let session = fields.required("sessionId", notes, read::id(SessionId::parse));
    let total_minor = fields.required("totalCents", notes, read::amount);
    let currency = fields.required("currency", notes, read::currency);
    fields.required("platform", notes, platform);
    let status = fields.required("status", notes, read::status);
    let date = |value: Value<'_, '_>, notes: &mut Notes| read::date(value, now, "order_in_future", notes);
    let created_at = fields.required("orderCreatedAt", notes, date);
    let items =
        fields.required("items", notes, |value, notes| read_items(value, Strictness::Complete, notes));
    let updated_at = fields.optional("orderUpdatedAt", notes, date);
    let refunded_minor = fields.optional("refundedCents", notes, read::amount).unwrap_or(0);
    let test = fields.optional("test", notes, read::boolean).unwrap_or(false);
    let user = fields.optional("userId", notes, read::id(UserId::parse));
    let label = fields.optional("conversionType", notes, read::label);
    check_refund(refunded_minor, total_minor, fields.place, notes);
    check_sums(total_minor?, items.as_deref()?, fields.place, notes);
    let order = Order {
        id: id?,
        source: Source::Server,
        visitor: Some(visitor?),
        session: Some(session?),
        user,
        currency: currency?,
        total_minor: total_minor?,
        refunded_minor,
        status: status?,
        created_at: created_at?,
        updated_at,
        items: items?,
        test,
        label,
        platform: None,
    };
    Some((store_id?, organization_id?, order))
}

fn platform(value: Value<'_, '_>, notes: &mut Notes) -> Option<()> {
    if read::text(value, notes)? == PLATFORM {
        return Some(());
    }
    notes.refuse(value.place, "unknown_value", "must be \"custom\"; other platforms have routes of their own")
}

fn check_refund(refunded_minor: i64, total_minor: Option<i64>, order: Place<'_>, notes: &mut Notes) {
    if total_minor.is_some_and(|total| refunded_minor > total) {
        let detail = "is more than totalCents: net revenue counts as 0";
        notes.warn(Place::Key(&order, "refundedCents"), "refund_exceeds_total", detail);
    }
}

/// What a total and its lines say about each other; none of it is a reason to refuse, since shops know discounts,
/// shipping and taxes that lines don't carry.
fn check_sums(total_minor: i64, items: &[Item], order: Place<'_>, notes: &mut Notes) {
    if items.is_empty() && total_minor > 0 {
        let detail = "is empty though the order has a total: no product can be matched";
        notes.warn(Place::Key(&order, "items"), "no_items", detail);
    }
    let sum: i128 = items.iter().map(|item| i128::from(item.total_minor)).sum();
    if sum > i128::from(total_minor) {
        let detail = "is less than the sum of the items' totalCents; the order's total counts";
        notes.warn(Place::Key(&order, "totalCents"), "items_exceed_total", detail);
    }
}

#[cfg(test)]
mod tests;
