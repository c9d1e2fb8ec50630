//! What one page of a platform's orders holds, whichever platform it is.

use selektable_domain::opaque::OrderId;
use selektable_domain::platform::PlatformOrder;
use selektable_domain::time::Timestamp;

/// Some orders, in the order in which the platform gave them.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The orders.
    pub entries: Vec<Entry>,
    /// Where to read on; `None` when everything was seen.
    pub next: Option<String>,
    /// About how many orders are left after this page, where the platform says it.
    pub left: Option<u64>,
}

/// One order of a page.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The platform's id, as it is written; empty when it has none.
    pub id: String,
    /// When the platform last changed it.
    pub modified: Option<Timestamp>,
    /// The order, or why it is none.
    pub found: Found,
}

/// What was made of one order.
#[derive(Clone, Debug)]
pub enum Found {
    /// It can be taken.
    Order(Box<PlatformOrder>),
    /// It can't, or is no order yet.
    PassedOver {
        /// The number the merchant knows it by.
        number: Option<String>,
        /// Why: a stable code.
        code: String,
    },
}

impl Entry {
    /// The order's id, when it can be one.
    #[must_use]
    pub fn order_id(&self) -> Option<OrderId> {
        match &self.found {
            Found::Order(order) => Some(order.order.id.clone()),
            Found::PassedOver { .. } => OrderId::parse(&self.id).ok(),
        }
    }
}
