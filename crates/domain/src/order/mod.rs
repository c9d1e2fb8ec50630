//! One order or lead, as a snapshot that somebody sent us (SPEC section 5).

pub mod parse;
pub mod platform;
pub mod version;

use crate::money::{Currency, Money};
use crate::opaque::{OrderId, ProductId, SessionId, UserId, VisitorId};
use crate::time::Timestamp;
use platform::{LeftOut, Origin, PlatformPart};

/// Most lines of one order.
pub const ITEMS_MAX: usize = 1_000;
/// Most pieces of one line.
pub const QUANTITY_MAX: u32 = 1_000_000;
/// Longest `conversionType` label, in bytes.
pub const LABEL_BYTES_MAX: usize = 64;

/// An order's status: the seed's six.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStatus {
    /// Placed, not paid.
    Pending,
    /// Waiting for something.
    OnHold,
    /// Paid, being prepared.
    Processing,
    /// Done.
    Completed,
    /// Called off; its money is reversed.
    Cancelled,
    /// Paid back; its money is reversed.
    Refunded,
}

impl OrderStatus {
    /// Every status, in the order in which a later one beats an earlier one of the same age (SPEC section 5.1).
    pub const BY_RANK: [Self; 6] =
        [Self::Pending, Self::OnHold, Self::Processing, Self::Completed, Self::Cancelled, Self::Refunded];

    /// The name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::OnHold => "on-hold",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    /// Reads [`OrderStatus::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::BY_RANK.into_iter().find(|status| status.code() == code)
    }

    /// Place in [`OrderStatus::BY_RANK`].
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::OnHold => 1,
            Self::Processing => 2,
            Self::Completed => 3,
            Self::Cancelled => 4,
            Self::Refunded => 5,
        }
    }

    /// Whether money of this status is revenue (SPEC section 7).
    #[must_use]
    pub const fn counts_as_revenue(self) -> bool {
        matches!(self, Self::Processing | Self::Completed)
    }

    /// Whether money of this status may still become revenue.
    #[must_use]
    pub const fn is_provisional(self) -> bool {
        matches!(self, Self::Pending | Self::OnHold)
    }

    /// Whether the whole amount counts as given back.
    #[must_use]
    pub const fn is_reversed(self) -> bool {
        matches!(self, Self::Cancelled | Self::Refunded)
    }

    /// Whether the order counts as a conversion: every status does, except cancelled.
    #[must_use]
    pub const fn counts_as_conversion(self) -> bool {
        !matches!(self, Self::Cancelled)
    }
}

/// Who told us of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The shop's server, with its key.
    Server,
    /// The shopper's browser: unverified.
    Browser,
    /// Shopify's signed webhook.
    Shopify,
    /// WooCommerce's signed webhook.
    WooCommerce,
    /// A file the operator imported.
    Import,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 5] = [Self::Server, Self::Browser, Self::Shopify, Self::WooCommerce, Self::Import];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Browser => "browser",
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
            Self::Import => "import",
        }
    }

    /// Reads [`Source::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.code() == code)
    }

    /// Whether anybody in a browser could have made it up.
    #[must_use]
    pub const fn is_unverified(self) -> bool {
        matches!(self, Self::Browser)
    }
}

/// One line of an order. Amounts are in the order's currency, in minor units, 0 to 2^53 − 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// As passed to `Selektable.open()`.
    pub product: ProductId,
    /// The variant bought, where the shop says it.
    pub variant: Option<ProductId>,
    /// 1 to [`QUANTITY_MAX`].
    pub quantity: u32,
    /// Price of one piece.
    pub price_minor: i64,
    /// The line's total.
    pub total_minor: i64,
}

/// A snapshot of one order or lead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// The shop's id.
    pub id: OrderId,
    /// Who told us.
    pub source: Source,
    /// The browser it was placed in, where known.
    pub visitor: Option<VisitorId>,
    /// The tab's session it was placed in, where known.
    pub session: Option<SessionId>,
    /// The shop's customer, where said.
    pub user: Option<UserId>,
    /// Currency of every amount.
    pub currency: Currency,
    /// Gross total, minor units, 0 to 2^53 − 1.
    pub total_minor: i64,
    /// What was given back so far, minor units, as stated.
    pub refunded_minor: i64,
    /// Its status.
    pub status: OrderStatus,
    /// When it was placed, as stated (never more than 1 h after receipt).
    pub created_at: Timestamp,
    /// When this snapshot was true, where stated.
    pub updated_at: Option<Timestamp>,
    /// Its lines; none for a lead.
    pub items: Vec<Item>,
    /// Kept, and left out of every figure.
    pub test: bool,
    /// A label of the shop's own, such as `lead`.
    pub label: Option<String>,
    /// What only a platform says; `None` for orders of other sources.
    pub platform: Option<Box<PlatformPart>>,
}

impl Order {
    /// What was given back: the stated amount, or everything when the status says so; never more than the total.
    /// Where a platform tells of each repayment, they count and not the status: an order may be called refunded, or
    /// cancelled, and most of its money be kept.
    ///
    /// Example: total 100.00, stated 30.00, `completed`: 30.00. The same order `cancelled`: 100.00. The same order
    /// from a platform that tells of one repayment of 30.00, `cancelled`: 30.00.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        if self.status.is_reversed() && !self.is_refund_itemised() {
            self.total_minor
        } else {
            self.refunded_minor.clamp(0, self.total_minor)
        }
    }

    /// Whether single repayments are known that moved any money.
    #[must_use]
    pub fn is_refund_itemised(&self) -> bool {
        self.platform.as_ref().is_some_and(|part| part.refunds.iter().any(|refund| refund.minor > 0))
    }

    /// When money was last given back, where the platform says it.
    #[must_use]
    pub fn last_refund_at(&self) -> Option<Timestamp> {
        self.platform.as_ref()?.refunds.iter().filter_map(|refund| refund.at).max()
    }

    /// What kind of sale it is; orders of the shop's own server are online.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.platform.as_ref().map_or(Origin::Online, |part| part.origin)
    }

    /// Why it is kept and left out of every figure; `None` when it counts.
    #[must_use]
    pub fn left_out(&self) -> Option<LeftOut> {
        match self.origin() {
            _ if self.test => Some(LeftOut::Test),
            Origin::Renewal => Some(LeftOut::Renewal),
            Origin::PointOfSale | Origin::Draft | Origin::Staff | Origin::Api if self.visitor.is_none() => {
                Some(LeftOut::NoOnlineVisitor)
            }
            _ => None,
        }
    }

    /// Gross minus refunded, never below 0 (SPEC section 7).
    #[must_use]
    pub fn net(&self) -> Money {
        Money { minor: self.total_minor - self.refunded(), currency: self.currency }
    }
}
