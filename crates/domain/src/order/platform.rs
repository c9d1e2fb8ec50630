//! What only a platform says of an order: what kind of sale it was, how its visitor was told, what was given back
//! piece by piece (SPEC section 5.3).

use crate::money::Currency;
use crate::opaque::{CartToken, EventId, RefundId, SessionId, VisitorId};
use crate::time::Timestamp;

/// Longest order number and longest status of the platform's own that is kept, in bytes; the rest is cut off.
pub const PLATFORM_TEXT_BYTES_MAX: usize = 64;
/// Most refunds of one order; a snapshot with more keeps those with the smallest ids.
pub const REFUNDS_MAX: usize = 500;

/// The id of what an export says was given back in all, without telling single repayments.
pub const EXPORT_REFUND: &str = "export";

/// What kind of sale an order is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A shopper's own checkout.
    #[default]
    Online,
    /// A later payment of a subscription. The first order earned it: it is never credited.
    Renewal,
    /// Sold in a physical shop.
    PointOfSale,
    /// Made by the merchant as a draft and sent as an invoice.
    Draft,
    /// Typed in by the merchant's staff.
    Staff,
    /// Made by a program: an app, the platform's API.
    Api,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 6] =
        [Self::Online, Self::Renewal, Self::PointOfSale, Self::Draft, Self::Staff, Self::Api];

    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Renewal => "renewal",
            Self::PointOfSale => "point_of_sale",
            Self::Draft => "draft",
            Self::Staff => "staff",
            Self::Api => "api",
        }
    }

    /// Reads [`Origin::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.code() == code)
    }
}

/// How an order's visitor came to be known; the first of the list that says one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// A property of an order line (Shopify).
    LineProperty,
    /// An attribute of the cart (Shopify).
    CartAttribute,
    /// A hidden field of the classic checkout (`WooCommerce`).
    FormField,
    /// The extension of the block checkout (`WooCommerce`).
    StoreApi,
    /// The first-party cookie that the shop's own server read (`WooCommerce`).
    Cookie,
    /// Metadata of the order that does not say how it got there (`WooCommerce`).
    OrderMeta,
    /// The cart's token, which the shop's page told us of (Shopify).
    CartToken,
    /// The checkout's token, which the web pixel told us of (Shopify).
    Pixel,
}

impl Carrier {
    /// Every carrier, the one that counts first first.
    pub const ALL: [Self; 8] = [
        Self::LineProperty,
        Self::CartAttribute,
        Self::FormField,
        Self::StoreApi,
        Self::Cookie,
        Self::OrderMeta,
        Self::CartToken,
        Self::Pixel,
    ];

    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LineProperty => "line_property",
            Self::CartAttribute => "cart_attribute",
            Self::FormField => "form_field",
            Self::StoreApi => "store_api",
            Self::Cookie => "cookie",
            Self::OrderMeta => "order_meta",
            Self::CartToken => "cart_token",
            Self::Pixel => "pixel",
        }
    }

    /// Reads [`Carrier::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.code() == code)
    }
}

/// Which of a shop's tokens names an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// The cart it was made from.
    Cart,
    /// The checkout it went through.
    Checkout,
}

impl TokenKind {
    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cart => "cart",
            Self::Checkout => "checkout",
        }
    }

    /// Reads [`TokenKind::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Cart, Self::Checkout].into_iter().find(|kind| kind.code() == code)
    }

    /// How a visitor that such a token brought came to be known.
    #[must_use]
    pub const fn carrier(self) -> Carrier {
        match self {
            Self::Cart => Carrier::CartToken,
            Self::Checkout => Carrier::Pixel,
        }
    }
}

/// A token of an order, long and random, so that only who was there knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// What it names.
    pub kind: TokenKind,
    /// The token, without the `?key=…` that some pages add.
    pub text: CartToken,
}

/// A browser's word that a token is its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// When, by our clock.
    pub at: Timestamp,
    /// The event that told it; of two claims of one instant it says which is the later, whoever's they are.
    pub event: EventId,
    /// The browser.
    pub visitor: VisitorId,
    /// The tab's session.
    pub session: SessionId,
    /// By which kind of token.
    pub kind: TokenKind,
}

/// Which of several claims on an order's tokens counts: a cart's before a checkout's; the latest one made before the
/// order was, since carts live for weeks; without such a one the earliest, so that nobody takes an order over
/// afterwards. Does not depend on the order in which claims arrive.
#[must_use]
pub fn counting_claim(claims: &[Claim], placed_at: Timestamp) -> Option<&Claim> {
    let of = |kind: TokenKind| claims.iter().filter(move |claim| claim.kind == kind);
    [TokenKind::Cart, TokenKind::Checkout]
        .into_iter()
        .find_map(|kind| of(kind).filter(|claim| claim.at <= placed_at).max().or_else(|| of(kind).min()))
}

/// One repayment, as often as the platform tells of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refund {
    /// The platform's id.
    pub id: RefundId,
    /// What was given back, minor units of the order's currency, 0 or more.
    pub minor: i64,
    /// When, where the platform says it.
    pub at: Option<Timestamp>,
}

/// What only a platform says of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlatformPart {
    /// What kind of sale it is.
    pub origin: Origin,
    /// How the visitor came to be known; `None` without one.
    pub carrier: Option<Carrier>,
    /// What was given back, by id ascending, each id once. Where it is not empty it is what was given back, whatever
    /// the status says.
    pub refunds: Vec<Refund>,
    /// Tokens by which browsers can claim it, ascending.
    pub tokens: Vec<Token>,
    /// The platform's own status, at most [`PLATFORM_TEXT_BYTES_MAX`] bytes, such as `paid/fulfilled`.
    pub raw_status: String,
    /// The number the merchant knows it by, such as `#1001`, at most [`PLATFORM_TEXT_BYTES_MAX`] bytes.
    pub number: Option<String>,
}

/// Why an order is kept and left out of every figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// It is a test.
    Test,
    /// It is a later payment of a subscription.
    Renewal,
    /// It was not placed in the shop's pages, and no visitor is known.
    NoOnlineVisitor,
}

impl LeftOut {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Test, Self::Renewal, Self::NoOnlineVisitor];

    /// Reads [`LeftOut::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Renewal => "renewal",
            Self::NoOnlineVisitor => "no_online_visitor",
        }
    }
}

/// What a platform tells of an order without the order itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderNote {
    /// Something was given back, in this currency; told of an order in another one it says nothing.
    Refund {
        /// The repayment.
        refund: Refund,
        /// Its currency.
        currency: Currency,
    },
    /// The order was deleted.
    Deleted,
    /// A deleted order is back.
    Restored,
}

impl OrderNote {
    /// The name in the database.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refund { .. } => "refund",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(at: i64, visitor: &str, kind: TokenKind) -> Claim {
        Claim {
            at: Timestamp::from_millis(at),
            event: EventId::parse(visitor).unwrap(),
            visitor: VisitorId::parse(visitor).unwrap(),
            session: SessionId::parse("s").unwrap(),
            kind,
        }
    }

    fn counting(claims: &[Claim]) -> Option<String> {
        let there = counting_claim(claims, Timestamp::from_millis(10)).map(|claim| claim.visitor.to_string());
        let reversed: Vec<Claim> = claims.iter().rev().cloned().collect();
        let back =
            counting_claim(&reversed, Timestamp::from_millis(10)).map(|claim| claim.visitor.to_string());
        assert_eq!(there, back);
        there
    }

    #[test]
    fn the_latest_claim_before_the_order_counts_and_nobody_takes_it_over_afterwards() {
        use TokenKind::{Cart, Checkout};
        let told = [claim(2, "a", Cart), claim(9, "b", Cart), claim(11, "c", Cart), claim(10, "d", Checkout)];
        assert_eq!(counting(&told).as_deref(), Some("b"));
        assert_eq!(
            counting(&[claim(12, "late", Checkout), claim(11, "first", Checkout)]).as_deref(),
            Some("first")
        );
        assert_eq!(counting(&[]), None);
    }
}
