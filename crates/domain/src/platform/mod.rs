//! What Shopify and `WooCommerce` send (SPEC section 5.3): whether it is theirs, and what it says.
//!
//! Pure: bytes in, a [`Message`] out. Headers are claims that nobody signed; what a delivery does follows from its
//! body, and a topic that does not fit the body does nothing. A signed delivery is never a reason for an error: what
//! is of no use is [`Message::Ignored`], with why, because a platform that is answered with errors stops sending.

mod carried;
pub mod decimal;
pub mod import;
pub mod pull;
mod quantity;
mod raw;
pub mod secret;
mod settle;
pub mod shopify;
pub mod signature;
pub mod woocommerce;

use crate::fault::Warning;
use crate::opaque::OrderId;
use crate::order::Order;
use crate::order::platform::OrderNote;
use crate::time::Timestamp;

/// The product of a line that names none: a custom line, a tip, a product that was deleted. It matches nothing that is
/// shown, and it keeps an order of such lines from being taken for a lead.
pub const UNNAMED_PRODUCT: &str = "custom-item";

/// Largest body of a platform's delivery, in bytes.
pub const DELIVERY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A delivery whose signature was found good.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The topic as the header claims it, such as `orders/create` or `order.created`.
    pub topic: Option<&'a str>,
    /// Whether a header says that it is made up (`X-Shopify-Test: true`).
    pub is_test: bool,
    /// When it reached us.
    pub received_at: Timestamp,
    /// The signed bytes.
    pub body: &'a [u8],
}

/// What a delivery says, and of which shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub message: Message,
    /// Host names of the shop that stand in the body, lower case, without port, each once.
    pub hosts: Vec<String>,
}

/// What a delivery says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// An order as it is now.
    Order(Box<PlatformOrder>),
    /// Something about an order, without the order.
    Note {
        /// Which order.
        order: OrderId,
        /// What.
        note: OrderNote,
    },
    /// The shop removed the app: its secrets are worth nothing any more.
    Uninstalled,
    /// A request under privacy law.
    Privacy(PrivacyRequest),
    /// The webhook's owner may not read orders any more; the platform sends this instead of orders.
    OwnerLostAccess,
    /// Nothing that is kept.
    Ignored(Ignored),
}

/// An order of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformOrder {
    /// The order; its `platform` part is there.
    pub order: Order,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
    /// Whether it comes with word that it was deleted before and is back.
    pub is_restored: bool,
}

/// What a shop asks for on behalf of its customers, to be done within 30 days (Shopify's privacy topics).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivacyRequest {
    /// A customer wants to know what is kept.
    Data {
        /// The customer's id, where said.
        customer: Option<String>,
        /// The customer's orders, at most [`REQUEST_ORDERS_MAX`].
        orders: Vec<OrderId>,
    },
    /// A customer's data is to go.
    EraseCustomer {
        /// The customer's id, where said.
        customer: Option<String>,
        /// The customer's orders, at most [`REQUEST_ORDERS_MAX`].
        orders: Vec<OrderId>,
    },
    /// The shop's data is to go; sent 48 hours after the app was removed.
    EraseShop,
}

/// Most orders of one privacy request that are read.
pub const REQUEST_ORDERS_MAX: usize = 1_000;

impl PrivacyRequest {
    /// The name in the database.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Data { .. } => "data",
            Self::EraseCustomer { .. } => "erase_customer",
            Self::EraseShop => "erase_shop",
        }
    }
}

/// Why a signed delivery is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Ignored {
    /// A topic that says nothing about orders.
    #[error("this topic is not used: only orders, refunds, deletions, privacy requests and app removal are")]
    Topic,
    /// No topic.
    #[error("the delivery names no topic")]
    NoTopic,
    /// A body of another kind than the topic says.
    #[error("the body is not what its topic says, so nothing was done")]
    TopicMismatch,
    /// A cart that is no order yet.
    #[error("the order is a draft: it is taken when it is placed")]
    Draft,
    /// An edit without the order; `orders/updated` brings it.
    #[error("an edit without its order: `orders/updated` brings the order itself")]
    EditWithoutOrder,
    /// `WooCommerce`'s legacy payload.
    #[error("the webhook uses an old payload: choose API version WP REST API Integration v3")]
    OldPayload,
    /// Not JSON, or an order without what an order needs.
    #[error("the body can't be read as what its topic says")]
    Unreadable,
    /// A currency that no ISO 4217 code names.
    #[error("the order's currency is no ISO 4217 code in use or withdrawn")]
    UnknownCurrency,
    /// An amount that can't be a number of minor units.
    #[error("an amount of the order can't be read")]
    UnreadableAmount,
}

impl Ignored {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Topic,
        Self::NoTopic,
        Self::TopicMismatch,
        Self::Draft,
        Self::EditWithoutOrder,
        Self::OldPayload,
        Self::Unreadable,
        Self::UnknownCurrency,
        Self::UnreadableAmount,
    ];

    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Topic => "topic_not_used",
            Self::NoTopic => "no_topic",
            Self::TopicMismatch => "topic_body_mismatch",
            Self::Draft => "draft",
            Self::EditWithoutOrder => "edit_without_order",
            Self::OldPayload => "old_payload",
            Self::Unreadable => "unreadable_body",
            Self::UnknownCurrency => "unknown_currency",
            Self::UnreadableAmount => "unreadable_amount",
        }
    }
}

impl From<Ignored> for Message {
    fn from(ignored: Ignored) -> Self {
        Self::Ignored(ignored)
    }
}
