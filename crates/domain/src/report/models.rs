//! The same conversions under every model, side by side (SPEC section 6). A model only shares credit among the
//! eligible visualizations, so the totals are equal under all five; what differs is which widget and which product
//! gets how much.

use super::TypeCounts;
use crate::attribution::Reason;
use crate::id::WidgetId;
use crate::money::Currency;
use crate::opaque::ProductId;
use crate::rules::Model;

/// Most products told.
pub const MODEL_PRODUCTS_MAX: usize = 50;

/// What a row of the comparison stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Credited {
    /// A widget.
    Widget(WidgetId),
    /// A product that was shown (the first product of a picture, under the group's name).
    Product(ProductId),
}

/// Money of one currency, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditedMoney {
    /// The currency.
    pub currency: Currency,
    /// Attributed to direct conversions.
    pub direct_minor: i128,
    /// Attributed to assisted conversions.
    pub assisted_minor: i128,
}

/// What one widget or product gets under one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelShare {
    /// Which one.
    pub credited: Credited,
    /// Sum of its weights in billionths: 1,500,000,000 is one and a half conversions.
    pub weight: u128,
    /// Money, a line a currency, by code.
    pub money: Vec<CreditedMoney>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelColumn {
    /// Which one.
    pub model: Model,
    /// Whether it is the one in force.
    pub in_force: bool,
    /// Widgets, then products (the [`MODEL_PRODUCTS_MAX`] with most weight), both by
    /// weight under the model in force; the same rows in every column.
    pub shares: Vec<ModelShare>,
    /// Sum over the widgets, a line a currency, by code: the same under every model.
    pub total: Vec<CreditedMoney>,
}

/// Unattributed net revenue of one currency, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnattributedMoney {
    /// The currency.
    pub currency: Currency,
    /// Net of the orders that were not attributed and count as revenue.
    pub net_minor: i128,
}

/// The comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelsReport {
    /// Conversions by type: the same under every model.
    pub by_type: TypeCounts,
    /// One column a model, in the order of [`Model::ALL`].
    pub models: Vec<ModelColumn>,
    /// Unattributed conversions by reason, most first.
    pub unattributed: Vec<(Reason, u64)>,
    /// Their money, a line a currency, by code.
    pub unattributed_money: Vec<UnattributedMoney>,
}
