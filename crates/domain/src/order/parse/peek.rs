//! What can still be told of a payload that was refused, for its record in the list of deliveries.

use crate::json::Json;
use crate::opaque::{OPAQUE_ID_BYTES_MAX, OrderId};

/// The order's id, if there is one and it is a good one.
#[must_use]
pub fn peek_order_id(json: &Json<'_>) -> Option<OrderId> {
    match json.as_object()?.get("orderId")? {
        Json::Text(text) => OrderId::parse(text).ok(),
        Json::Integer(number) => OrderId::parse(&number.to_string()).ok(),
        Json::Null | Json::Bool(_) | Json::Float(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// A text field of the payload, such as `storeId`, if it is there and no longer than an id.
#[must_use]
pub fn peek_text<'j>(json: &'j Json<'_>, key: &str) -> Option<&'j str> {
    json.as_object()?.get(key)?.as_text().filter(|text| text.len() <= OPAQUE_ID_BYTES_MAX)
}
