//! What an explanation adds to a decision: the rules, what would have made another one, and the ledger.

use selektable_domain::attribution::{Change, Decision};
use selektable_domain::ledger::LedgerEntry;
use selektable_store::ingest::ExplainedConversion;
use serde::Serialize;
use utoipa::ToSchema;

use super::decision_wire::{DecisionAnswer, DeliveryAnswer};
use super::wire::{ConversionAnswer, seconds, seconds_up};
use crate::words;

/// One conversion with everything its decision rests on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExplainedAnswer {
    /// The conversion.
    #[serde(flatten)]
    pub conversion: ConversionAnswer,
    /// The decision, made again from the evidence as it is now.
    pub decision: DecisionAnswer,
    /// What the order was worth when, oldest first, at most the 200 latest entries. Nothing in it is ever changed.
    pub ledger: Vec<LedgerAnswer>,
    /// The requests that brought it in, newest first, at most 100.
    pub deliveries: Vec<DeliveryAnswer>,
}

/// One change that would have made another decision. Which of the optional fields are there depends on `code`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeAnswer {
    /// `longer_window`, `shorter_window`, `one_product`, `one_session` or `earlier_visualization`.
    pub code: &'static str,
    /// `direct`, `assisted` or `none`.
    pub would_be: &'static str,
    /// All of it in a sentence.
    pub detail: String,
    /// Which visualization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visualization_id: Option<String>,
    /// By how much it missed the window, or came too late; rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_seconds: Option<i64>,
    /// `longer_window`: the shortest window that would do, rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<i64>,
    /// `shorter_window`: the window would have to be shorter than this, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below_seconds: Option<i64>,
    /// `one_product`: the id that was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_product_id: Option<String>,
    /// `one_product`: the id that was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visualized_product_id: Option<String>,
}

/// The state after one change of an order or of its decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LedgerAnswer {
    /// 1 for the first of its conversion.
    pub entry: u32,
    /// `created`, `paid`, `edited`, `partly_refunded`, `refunded`, `cancelled`, `reopened`, `evidence` or `rules`.
    pub cause: &'static str,
    /// Since when it is so.
    pub at: String,
    /// Since when it is known here.
    pub known_at: String,
    /// The order's status.
    pub status: &'static str,
    /// Gross.
    pub gross_cents: i64,
    /// Given back by then.
    pub refunded_cents: i64,
    /// Gross minus refunded.
    pub net_cents: i64,
    /// `direct`, `assisted` or `none`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Version of the rules that decided.
    pub ruleset_version: u32,
    /// Attributed.
    pub attributed_cents: i64,
    /// Would be attributed once it counts as revenue.
    pub provisional_cents: i64,
}

impl From<ExplainedConversion> for ExplainedAnswer {
    fn from(found: ExplainedConversion) -> Self {
        let ExplainedConversion { record, decision, changes, ledger, seal, deliveries } = found;
        let detail = words::decision::because(&decision, &record.order);
        let changes = changes.iter().map(|change| ChangeAnswer::new(change, &decision)).collect();
        Self {
            conversion: ConversionAnswer::from(record),
            decision: DecisionAnswer::new(&decision, detail, changes, words::format::hex(&seal)),
            ledger: ledger.iter().map(LedgerAnswer::from).collect(),
            deliveries: deliveries.into_iter().map(DeliveryAnswer::from).collect(),
        }
    }
}

impl ChangeAnswer {
    fn new(change: &Change, decision: &Decision) -> Self {
        let mut answer = Self {
            code: change.code(),
            would_be: change.would_be().code(),
            detail: words::change::sentence(change, decision),
            visualization_id: None,
            by_seconds: None,
            window_seconds: None,
            below_seconds: None,
            ordered_product_id: None,
            visualized_product_id: None,
        };
        match change {
            Change::LongerWindow { by_ms, window_ms, visualization, .. } => {
                answer.by_seconds = Some(seconds_up(*by_ms));
                answer.window_seconds = Some(seconds_up(*window_ms));
                answer.visualization_id = Some(visualization.to_string());
            }
            Change::ShorterWindow { below_ms, .. } => answer.below_seconds = Some(seconds(*below_ms)),
            Change::OneProduct { ordered, visualized, visualization, .. } => {
                answer.ordered_product_id = Some(ordered.to_string());
                answer.visualized_product_id = Some(visualized.to_string());
                answer.visualization_id = Some(visualization.to_string());
            }
            Change::OneSession { visualization, .. } => {
                answer.visualization_id = Some(visualization.to_string());
            }
            Change::EarlierVisualization { by_ms, visualization, .. } => {
                answer.by_seconds = Some(seconds_up(*by_ms));
                answer.visualization_id = Some(visualization.to_string());
            }
        }
        answer
    }
}

impl From<&LedgerEntry> for LedgerAnswer {
    fn from(entry: &LedgerEntry) -> Self {
        Self {
            entry: entry.entry,
            cause: entry.cause.code(),
            at: entry.at.to_rfc3339(),
            known_at: entry.known_at.to_rfc3339(),
            status: entry.status.code(),
            gross_cents: entry.gross_minor,
            refunded_cents: entry.refunded_minor,
            net_cents: entry.net_minor(),
            kind: entry.kind.code(),
            reason: entry.reason.code(),
            ruleset_version: entry.ruleset_version,
            attributed_cents: entry.attributed_minor,
            provisional_cents: entry.provisional_minor,
        }
    }
}
