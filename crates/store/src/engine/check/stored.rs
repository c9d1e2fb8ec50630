//! The columns of a conversion's row, as facts give them.

use crate::db::Row;
use crate::db::types::{Value, ValueRef};
use selektable_domain::opaque::{SessionId, UserId, VisitorId};
use selektable_domain::order::platform::LeftOut;
use selektable_domain::time::Timestamp;

use super::super::conversions::{Head, carrier, rivals};
use super::super::rows::Reading;
use crate::StoreResult;
use crate::body::{write_items, write_platform};

/// One conversion's row by its number and store.
pub(super) const STORED: &str = "SELECT number, store, id, order_id, source, visitor, session, user, currency, \
     total_minor, refunded_minor, status, created_at, updated_at, items, test, label, sample, occurred_at, \
     first_received_at, arrival, arrivals, rivals, platform, carrier, left_out, person FROM conversions \
     WHERE number = ?1 AND +store = ?2";
/// Column of the person, which follows from links and not from the order's facts.
pub(super) const PERSON: usize = 26;

/// A column, what is stored in it, and what facts give.
pub(super) type Difference = (&'static str, Value, Value);

fn text(text: &str) -> ValueRef<'_> {
    ValueRef::Text(text.as_bytes())
}

fn text_if(known: Option<&str>) -> ValueRef<'_> {
    known.map_or(ValueRef::Null, text)
}

/// Every column of a row of [`STORED`] that is not what the order's facts give.
pub(super) fn differences(row: &Row<'_>, store: i64, head: &Head) -> StoreResult<Vec<Difference>> {
    let (order, state) = (&head.order, &head.state);
    let (items, rivals) = (write_items(&order.items), rivals(head));
    let platform = write_platform(order.platform.as_deref());
    let expected = [
        ("store", ValueRef::Integer(store)),
        ("id", ValueRef::Blob(head.id.as_bytes())),
        ("order_id", text(order.id.as_str())),
        ("source", text(order.source.code())),
        ("visitor", text_if(order.visitor.as_ref().map(VisitorId::as_str))),
        ("session", text_if(order.session.as_ref().map(SessionId::as_str))),
        ("user", text_if(order.user.as_ref().map(UserId::as_str))),
        ("currency", text(order.currency.code())),
        ("total_minor", ValueRef::Integer(order.total_minor)),
        ("refunded_minor", ValueRef::Integer(order.refunded_minor)),
        ("status", text(order.status.code())),
        ("created_at", ValueRef::Integer(order.created_at.as_millis())),
        (
            "updated_at",
            order.updated_at.map_or(ValueRef::Null, |at| ValueRef::Integer(Timestamp::as_millis(at))),
        ),
        ("items", text(&items)),
        ("test", ValueRef::Integer(i64::from(order.test))),
        ("label", text_if(order.label.as_deref())),
        ("sample", ValueRef::Integer(i64::from(head.sample))),
        ("occurred_at", ValueRef::Integer(head.occurred_at.as_millis())),
        ("first_received_at", ValueRef::Integer(state.first_received_at.as_millis())),
        ("arrival", ValueRef::Integer(i64::from(state.winner().arrival))),
        ("arrivals", ValueRef::Integer(i64::from(state.arrivals))),
        ("rivals", text_if(rivals.as_deref())),
        ("platform", text_if(platform.as_deref())),
        ("carrier", text_if(carrier(order))),
        ("left_out", text_if(order.left_out().map(LeftOut::code))),
    ];
    let row = Reading::new(row, "conversions", 0);
    let mut found = Vec::new();
    for (place, (name, is)) in expected.into_iter().enumerate() {
        let was = row.value(place + 1)?;
        if was != is {
            found.push((name, owned(was), owned(is)));
        }
    }
    Ok(found)
}

/// Text that is not UTF-8 is damaged anyway; it is shown as far as it can be.
fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}
