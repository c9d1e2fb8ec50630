//! One conversion's decision on the wire: everything that was considered, and what became of it.

use selektable_domain::attribution::{Candidate, Decision};
use selektable_domain::report::{DeliveryFault, DeliveryOutcome, DeliveryRecord};
use serde::Serialize;
use utoipa::ToSchema;

use super::explain_wire::ChangeAnswer;
use super::wire::{ProductAnswer, seconds, seconds_up, weight};
use crate::http::rules::RulesetAnswer;
use crate::words;

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecisionAnswer {
    /// The rules that decided.
    pub ruleset: RulesetAnswer,
    /// Version of the rules that decided.
    pub ruleset_version: u32,
    /// How credit was shared.
    pub model: &'static str,
    /// Which money is attributed: `order` or `matched_lines`.
    pub basis: &'static str,
    /// The attribution window.
    pub window_seconds: i64,
    /// `direct`, `assisted` or `none`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Why.
    pub reason: &'static str,
    /// The decision in a sentence.
    pub detail: String,
    /// The net order, which the basis `order` attributes or would attribute.
    pub order_cents: i64,
    /// Lines of visualized products, which `matched_lines` attributes or would attribute.
    pub matched_cents: i64,
    /// Attributed under the basis; 0 unless the status counts as revenue.
    pub attributed_cents: i64,
    /// What would be attributed once the order is paid.
    pub provisional_cents: i64,
    /// From the latest credited visualization to the conversion.
    pub time_to_conversion_seconds: Option<i64>,
    /// For `out_of_window`: by how much the latest visualization missed it, rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_missed_by_seconds: Option<i64>,
    /// Age of the latest visualization that makes it direct, in the window or not: with any window at least this long
    /// it is direct. Rounded up.
    pub lag_direct_seconds: Option<i64>,
    /// Age of the latest visualization, in the window or not: with any window at least this long it is credited.
    /// Rounded up.
    pub lag_any_seconds: Option<i64>,
    /// The smallest change that would have made another decision; null when no single one would.
    pub smallest_change: Option<ChangeAnswer>,
    /// Every such change, the smallest first, at most 20.
    pub changes: Vec<ChangeAnswer>,
    /// SHA-256 over ruleset, evidence and outcome of the stored decision, 64 hexadecimal digits.
    pub seal: String,
    /// Every visualization that was considered, oldest first.
    pub candidates: Vec<CandidateAnswer>,
}

/// A visualization that was considered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CandidateAnswer {
    /// Which one.
    pub visualization_id: String,
    /// Its widget.
    pub widget_id: String,
    /// When it was made.
    pub created_at: String,
    /// How long before the conversion; negative when it came after.
    pub age_seconds: i64,
    /// What was shown.
    pub products: Vec<ProductAnswer>,
    /// `same_visitor`, `same_user` or `same_session`.
    pub person_link: &'static str,
    /// Whether one of its products was bought.
    pub matches_product: bool,
    /// `credited`, `no_weight`, `product_mismatch`, `other_session`, `out_of_window` or `after_order`.
    pub code: &'static str,
    /// What that means.
    pub detail: &'static str,
    /// Its share, 0 to 1.
    pub weight: f64,
    /// Its share of the net order.
    pub order_cents: i64,
    /// Its share of the matched lines.
    pub matched_cents: i64,
}

/// One request that brought, or should have brought, a conversion in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryAnswer {
    /// Its id.
    pub delivery_id: String,
    /// When it reached us.
    pub received_at: String,
    /// Which way it came.
    pub source: &'static str,
    /// The order it spoke of, where that could be read.
    pub order_id: Option<String>,
    /// The request it came in (`X-Request-Id`).
    pub request_id: String,
    /// The topic, as the platform named it; null for what no platform sent.
    pub topic: Option<String>,
    /// `accepted`, `refused`, `ignored` (from a platform, and of no use) or `noted` (word about an order, such as a
    /// refund or that it was deleted).
    pub outcome: &'static str,
    /// Accepted: `created`, `updated`, `unchanged` or `stale`. Noted: `updated` or `unchanged`, or `created` while it
    /// waits for its order.
    pub result: Option<&'static str>,
    /// Accepted: its conversion.
    pub conversion_id: Option<String>,
    /// Refused: the HTTP status that was answered.
    pub status: Option<u16>,
    /// Refused: the answer's code. Ignored: why.
    pub code: Option<String>,
    /// Refused or ignored: what to fix.
    pub errors: Vec<NoteAnswer>,
    /// Accepted: what was odd.
    pub warnings: Vec<NoteAnswer>,
}

/// One thing that is wrong or odd, without any value of the payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteAnswer {
    /// Stable code.
    pub code: String,
    /// JSON Pointer (RFC 6901) to the place, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// A sentence to act on.
    pub detail: String,
}

impl From<DeliveryFault> for NoteAnswer {
    fn from(DeliveryFault { pointer, code, detail }: DeliveryFault) -> Self {
        Self { code, pointer, detail }
    }
}

impl DecisionAnswer {
    /// A decision with what is told beside it.
    pub(super) fn new(decision: &Decision, detail: String, changes: Vec<ChangeAnswer>, seal: String) -> Self {
        Self {
            ruleset: RulesetAnswer::from(&decision.rules),
            ruleset_version: decision.rules.version,
            model: decision.rules.model.code(),
            basis: decision.rules.basis.code(),
            window_seconds: seconds(decision.rules.window.as_millis()),
            kind: decision.kind.code(),
            reason: decision.reason.code(),
            detail,
            order_cents: decision.order_minor,
            matched_cents: decision.matched_minor,
            attributed_cents: decision.attributed_minor,
            provisional_cents: decision.provisional_minor,
            time_to_conversion_seconds: decision.time_to_conversion_ms.map(seconds),
            window_missed_by_seconds: decision.window_missed_by_ms.map(seconds_up),
            lag_direct_seconds: decision.lag_direct_ms.map(seconds_up),
            lag_any_seconds: decision.lag_any_ms.map(seconds_up),
            smallest_change: changes.first().cloned(),
            changes,
            seal,
            candidates: decision.candidates.iter().map(CandidateAnswer::from).collect(),
        }
    }
}

impl From<&Candidate> for CandidateAnswer {
    fn from(candidate: &Candidate) -> Self {
        let visualization = &candidate.visualization;
        Self {
            visualization_id: visualization.id.to_string(),
            widget_id: visualization.widget.to_string(),
            created_at: visualization.at.to_rfc3339(),
            age_seconds: seconds(candidate.age_ms),
            products: visualization.products.iter().map(ProductAnswer::from).collect(),
            person_link: candidate.person_link.code(),
            matches_product: candidate.matches_product,
            code: candidate.code.code(),
            detail: words::codes::candidate(candidate.code),
            weight: weight(candidate.weight),
            order_cents: candidate.order_minor,
            matched_cents: candidate.matched_minor,
        }
    }
}

impl From<DeliveryRecord> for DeliveryAnswer {
    fn from(record: DeliveryRecord) -> Self {
        let notes = |faults: Vec<DeliveryFault>| faults.into_iter().map(NoteAnswer::from).collect();
        let mut answer = Self {
            delivery_id: record.id.to_string(),
            received_at: record.received_at.to_rfc3339(),
            source: record.source.code(),
            order_id: record.order_id.map(|id| id.to_string()),
            request_id: record.request_id,
            topic: record.topic,
            outcome: "accepted",
            result: None,
            conversion_id: None,
            status: None,
            code: None,
            errors: Vec::new(),
            warnings: Vec::new(),
        };
        match record.outcome {
            DeliveryOutcome::Accepted { outcome, conversion, warnings } => {
                answer.result = Some(outcome.code());
                answer.conversion_id = Some(conversion.to_string());
                answer.warnings = notes(warnings);
            }
            DeliveryOutcome::Refused { status, code, faults } => {
                answer.outcome = "refused";
                answer.status = Some(status);
                answer.code = Some(code);
                answer.errors = notes(faults);
            }
            DeliveryOutcome::Ignored { code, faults } => {
                answer.outcome = "ignored";
                answer.code = Some(code);
                answer.errors = notes(faults);
            }
            DeliveryOutcome::Noted { outcome } => {
                answer.outcome = "noted";
                answer.result = Some(outcome.code());
            }
        }
        answer
    }
}
