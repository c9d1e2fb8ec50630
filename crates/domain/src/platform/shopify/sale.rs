//! What a Shopify order says, before it is judged: the same for webhook, pull and export, so that one mapping serves
//! all three.

use std::borrow::Cow;

use crate::opaque::ProductId;
use crate::platform::carried::Pair;

/// Most lines, repayments and payments that are looked at.
pub(super) const LISTED_MAX: usize = 10_000;

/// An order's facts as texts. Every amount is in the shop's currency.
#[derive(Debug, Default)]
pub(super) struct Sale<'a> {
    /// Above 0.
    pub(super) id: Option<u64>,
    /// The id that `admin_graphql_api_id` tells.
    pub(super) exact_id: Option<u64>,
    /// ISO 4217.
    pub(super) currency: Option<Cow<'a, str>>,
    pub(super) total: Option<Cow<'a, str>>,
    pub(super) financial_status: Option<Cow<'a, str>>,
    /// `None` while nothing was sent.
    pub(super) fulfillment_status: Option<Cow<'a, str>>,
    pub(super) is_cancelled: bool,
    pub(super) created_at: Option<Cow<'a, str>>,
    pub(super) processed_at: Option<Cow<'a, str>>,
    pub(super) updated_at: Option<Cow<'a, str>>,
    pub(super) source_name: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) is_test: bool,
    pub(super) cart_token: Option<Cow<'a, str>>,
    pub(super) checkout_token: Option<Cow<'a, str>>,
    /// The cart's attributes.
    pub(super) attributes: Vec<Pair<'a>>,
    pub(super) lines: Vec<SaleLine<'a>>,
    pub(super) repayments: Vec<Repayment<'a>>,
    /// What was given back, in all, where single repayments are not told.
    pub(super) refunded: Option<Cow<'a, str>>,
}

/// A line of an order.
#[derive(Debug, Default)]
pub(super) struct SaleLine<'a> {
    pub(super) product: Option<ProductId>,
    pub(super) variant: Option<ProductId>,
    /// As ordered, before edits; a decimal number.
    pub(super) quantity: Option<Cow<'a, str>>,
    /// Of one piece, before discounts.
    pub(super) price: Option<Cow<'a, str>>,
    /// What discounts take off the line.
    pub(super) discounts: Vec<Cow<'a, str>>,
    pub(super) properties: Vec<Pair<'a>>,
}

/// A repayment.
#[derive(Debug, Default)]
pub(super) struct Repayment<'a> {
    pub(super) id: Option<u64>,
    pub(super) created_at: Option<Cow<'a, str>>,
    pub(super) payments: Vec<Payment<'a>>,
    /// What it is made of, in the shop's currency.
    pub(super) parts: Vec<Part<'a>>,
}

/// A movement of money.
#[derive(Debug)]
pub(super) struct Payment<'a> {
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) status: Option<Cow<'a, str>>,
    pub(super) amount: Option<Cow<'a, str>>,
    /// Which may be the shopper's and not the shop's.
    pub(super) currency: Option<Cow<'a, str>>,
}

/// A part of a repayment.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) amount: Cow<'a, str>,
    pub(super) currency: Option<Cow<'a, str>>,
    /// Adjustments are told from the order's side: −5.00 of shipping is 5.00 given back.
    pub(super) is_adjustment: bool,
}
