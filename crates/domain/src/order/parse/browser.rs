//! A conversion that a browser reports: `Selektable.track('$conversion', {…})` (SPEC section 5.2).

use super::check_sums;
use super::items::{Strictness, read_items};
use crate::fault::Notes;
use crate::money::Currency;
use crate::opaque::{OrderId, SessionId, UserId, VisitorId};
use crate::order::{Item, Order, OrderStatus, Source};
use crate::read::{self, Fields};
use crate::time::Timestamp;

/// What a browser said of an order. It becomes an [`Order`] once its store, and with it the currency to assume, is
/// known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserOrder {
    /// The shop's id of the order.
    pub id: OrderId,
    /// The shop's customer, where said.
    pub user: Option<UserId>,
    /// The currency, where said.
    pub currency: Option<Currency>,
    /// Total, minor units; 0 where not said.
    pub total_minor: i64,
    /// Its status; `completed` where not said.
    pub status: OrderStatus,
    /// Its lines; none where not said.
    pub items: Vec<Item>,
    /// The label, where said.
    pub label: Option<String>,
}

impl BrowserOrder {
    /// The order of this browser at that time, in its own currency or else the store's.
    #[must_use]
    pub fn into_order(
        self,
        visitor: VisitorId,
        session: SessionId,
        at: Timestamp,
        store_currency: Currency,
    ) -> Order {
        Order {
            id: self.id,
            source: Source::Browser,
            visitor: Some(visitor),
            session: Some(session),
            user: self.user,
            currency: self.currency.unwrap_or(store_currency),
            total_minor: self.total_minor,
            refunded_minor: 0,
            status: self.status,
            created_at: at,
            updated_at: None,
            items: self.items,
            test: false,
            label: self.label,
            platform: None,
        }
    }
}

/// Reads the fields of a `conversion` event.
pub(crate) fn read_browser(fields: Fields<'_, '_>, notes: &mut Notes) -> Option<BrowserOrder> {
    let id = fields.required("orderId", notes, read::id_or_number(OrderId::parse));
    let user = fields.optional("userId", notes, read::id(UserId::parse));
    let currency = fields.optional("currency", notes, read::currency);
    let total = fields.optional("totalCents", notes, read::amount);
    let status = fields.optional("status", notes, read::status).unwrap_or(OrderStatus::Completed);
    let items =
        fields.optional("items", notes, |value, notes| read_items(value, Strictness::Defaults, notes));
    let items = items.unwrap_or_default();
    let label = fields.optional("conversionType", notes, read::label);
    if let Some(total) = total {
        check_sums(total, &items, fields.place, notes);
    }
    Some(BrowserOrder { id: id?, user, currency, total_minor: total.unwrap_or(0), status, items, label })
}
