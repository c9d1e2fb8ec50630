//! What other rules would have decided: tried on history before they count.

use crate::attribution::{AttributionType, Reason};
use crate::id::WidgetId;
use crate::money::Currency;
use crate::opaque::OrderId;
use crate::rules::Ruleset;
use crate::time::Timestamp;

/// Most changed orders told one by one: those that move most money.
pub const DRY_RUN_ORDERS_MAX: usize = 200;

/// Attributed money before and after, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoneyMove {
    /// The currency.
    pub currency: Currency,
    /// Direct, as it stands.
    pub direct_before_minor: i128,
    /// Direct, under the draft.
    pub direct_after_minor: i128,
    /// Assisted, as it stands.
    pub assisted_before_minor: i128,
    /// Assisted, under the draft.
    pub assisted_after_minor: i128,
}

/// What a widget would win or lose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetMove {
    /// The widget.
    pub widget: WidgetId,
    /// Sum of its weights as it stands, billionths.
    pub weight_before: u128,
    /// Under the draft.
    pub weight_after: u128,
    /// Its money, a line a currency, by code.
    pub money: Vec<MoneyMove>,
}

/// How many conversions would go from one type to another (or stay).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flip {
    /// As it stands.
    pub before: AttributionType,
    /// Under the draft.
    pub after: AttributionType,
    /// How many.
    pub conversions: u64,
}

/// One order that would be decided differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderMove {
    /// The shop's id.
    pub order: OrderId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Its currency.
    pub currency: Currency,
    /// Type, reason and attributed minor units as it stands.
    pub before: (AttributionType, Reason, i64),
    /// And under the draft.
    pub after: (AttributionType, Reason, i64),
}

/// The difference between what stands and what a draft would decide. Tests are left out; cancelled orders too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// The rules that were tried.
    pub rules: Ruleset,
    /// Conversions decided.
    pub conversions: u64,
    /// Those whose type, reason or credit would change.
    pub changed: u64,
    /// All nine ways, in the order of [`AttributionType::ALL`] before, then after.
    pub flips: Vec<Flip>,
    /// Money, a line a currency, by code.
    pub money: Vec<MoneyMove>,
    /// Widgets, by id.
    pub widgets: Vec<WidgetMove>,
    /// The changed orders that move most money, at most [`DRY_RUN_ORDERS_MAX`].
    pub orders: Vec<OrderMove>,
}
