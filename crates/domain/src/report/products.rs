//! Products: how often shown, how often bought, how often bought after being shown; and the near misses.

use crate::money::Currency;
use crate::opaque::{OrderId, ProductId};

/// Most near misses told.
pub const NEAR_MISSES_MAX: usize = 50;
/// Most products told.
pub const PRODUCTS_MAX: usize = 500;

/// Lines of one currency, minor units; refunds can't be told by line and are not taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineMoney {
    /// The currency.
    pub currency: Currency,
    /// Every line of the product whose order counts as revenue.
    pub lines_minor: i128,
    /// Those of orders whose person visualized it in the window before.
    pub visualized_minor: i128,
}

/// One product, under its group's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductRow {
    /// The product that names the group.
    pub product: ProductId,
    /// Visualizations that showed it.
    pub visualizations: u64,
    /// Conversions with a line of it.
    pub ordered: u64,
    /// Those whose person visualized it in the window before.
    pub ordered_after_visualization: u64,
    /// Money, a line a currency, by code.
    pub money: Vec<LineMoney>,
}

/// Money of one currency, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissedMoney {
    /// The currency.
    pub currency: Currency,
    /// Net of the orders that count as revenue.
    pub net_minor: i128,
}

/// Assisted orders that would be direct if two ids were one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The id that was ordered.
    pub ordered: ProductId,
    /// The id that was visualized before, in the window.
    pub visualized: ProductId,
    /// How many orders.
    pub conversions: u64,
    /// Their money, a line a currency, by code.
    pub money: Vec<MissedMoney>,
    /// The latest of them, to look at.
    pub example: OrderId,
}

/// What says that one id is a variant of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AliasOrigin {
    /// The store's table.
    Table,
    /// Visualizations or orders that carried both ids.
    Carried,
    /// Facts that contradict each other: it does not count until the table decides.
    Contradicted,
}

/// One line of the alias table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasRow {
    /// The id.
    pub variant: ProductId,
    /// What it is a variant of; `None` when the table says that it is a product of its own.
    pub product: Option<ProductId>,
    /// What says so.
    pub origin: AliasOrigin,
}
