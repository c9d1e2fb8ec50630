//! A dry run on the wire.

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::report::dry_run::{DryRun, Flip, MoneyMove, OrderMove, WidgetMove};
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::RulesetAnswer;
use crate::http::reports::wire::summed_weight;

/// How far a dry run is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunningAnswer {
    /// Always `running`.
    #[schema(example = "running")]
    pub status: &'static str,
    /// Conversions decided.
    pub done: u64,
    /// Of about so many; 0 while that is not known.
    pub about: u64,
}

/// What a version would decide, against what stands. Test and cancelled orders are left out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DryRunAnswer {
    /// Always `done`.
    #[schema(example = "done")]
    pub status: &'static str,
    /// The rules that were tried.
    pub ruleset: RulesetAnswer,
    /// Conversions decided.
    pub conversions: u64,
    /// Those whose type, reason or credit would change.
    pub changed: u64,
    /// All nine ways from one type to another, or to itself.
    pub flips: Vec<FlipAnswer>,
    /// Attributed money, one entry a currency.
    pub revenue: Vec<MoneyMoveAnswer>,
    /// What each widget would win or lose, by id.
    pub widgets: Vec<WidgetMoveAnswer>,
    /// The changed orders that move most money, at most 200.
    pub orders: Vec<OrderMoveAnswer>,
}

/// How many conversions would go one way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlipAnswer {
    /// Type as it stands.
    pub before: &'static str,
    /// Type under the version.
    pub after: &'static str,
    /// How many.
    pub conversions: u64,
}

/// Attributed money of one currency, as it stands and under the version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MoneyMoveAnswer {
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: &'static str,
    /// Direct, as it stands.
    #[schema(value_type = i64)]
    pub direct_before_cents: i128,
    /// Direct, under the version.
    #[schema(value_type = i64)]
    pub direct_after_cents: i128,
    /// Assisted, as it stands.
    #[schema(value_type = i64)]
    pub assisted_before_cents: i128,
    /// Assisted, under the version.
    #[schema(value_type = i64)]
    pub assisted_after_cents: i128,
}

/// What a widget would win or lose.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WidgetMoveAnswer {
    /// The widget.
    pub widget_id: String,
    /// Sum of its shares as it stands: 1.5 is one and a half conversions.
    pub weight_before: f64,
    /// Sum of its shares under the version.
    pub weight_after: f64,
    /// Its money, one entry a currency.
    pub revenue: Vec<MoneyMoveAnswer>,
}

/// One order that would be decided differently.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderMoveAnswer {
    /// The shop's id.
    pub order_id: String,
    /// When it happened.
    pub occurred_at: String,
    /// ISO 4217.
    pub currency: &'static str,
    /// As it stands.
    pub before: OutcomeAnswer,
    /// Under the version.
    pub after: OutcomeAnswer,
}

/// A decision in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutcomeAnswer {
    /// `direct`, `assisted` or `none`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Attributed.
    pub attributed_cents: i64,
}

impl From<&DryRun> for DryRunAnswer {
    fn from(run: &DryRun) -> Self {
        Self {
            status: "done",
            ruleset: RulesetAnswer::from(&run.rules),
            conversions: run.conversions,
            changed: run.changed,
            flips: run.flips.iter().map(FlipAnswer::from).collect(),
            revenue: run.money.iter().map(MoneyMoveAnswer::from).collect(),
            widgets: run.widgets.iter().map(WidgetMoveAnswer::from).collect(),
            orders: run.orders.iter().map(OrderMoveAnswer::from).collect(),
        }
    }
}

impl From<&Flip> for FlipAnswer {
    fn from(flip: &Flip) -> Self {
        Self { before: flip.before.code(), after: flip.after.code(), conversions: flip.conversions }
    }
}

impl From<&MoneyMove> for MoneyMoveAnswer {
    fn from(money: &MoneyMove) -> Self {
        Self {
            currency: money.currency.code(),
            direct_before_cents: money.direct_before_minor,
            direct_after_cents: money.direct_after_minor,
            assisted_before_cents: money.assisted_before_minor,
            assisted_after_cents: money.assisted_after_minor,
        }
    }
}

impl From<&WidgetMove> for WidgetMoveAnswer {
    fn from(widget: &WidgetMove) -> Self {
        Self {
            widget_id: widget.widget.to_string(),
            weight_before: summed_weight(widget.weight_before),
            weight_after: summed_weight(widget.weight_after),
            revenue: widget.money.iter().map(MoneyMoveAnswer::from).collect(),
        }
    }
}

impl From<&OrderMove> for OrderMoveAnswer {
    fn from(order: &OrderMove) -> Self {
        Self {
            order_id: order.order.to_string(),
            occurred_at: order.occurred_at.to_rfc3339(),
            currency: order.currency.code(),
            before: OutcomeAnswer::from(order.before),
            after: OutcomeAnswer::from(order.after),
        }
    }
}

impl From<(AttributionType, Reason, i64)> for OutcomeAnswer {
    fn from((kind, reason, attributed_cents): (AttributionType, Reason, i64)) -> Self {
        Self { kind: kind.code(), reason: reason.code(), attributed_cents }
    }
}
