//! Pulls on the wire, converted by hand.

use selektable_domain::report::reconciliation::{Comparison, FieldDifference};
use selektable_store::platforms::{PullLine, PullRun, PullState};
use serde::Serialize;
use utoipa::ToSchema;

/// A store's pulls, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PullsAnswer {
    /// At most 50.
    pub data: Vec<PullAnswer>,
}

/// One pull.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullAnswer {
    /// When it began; names it within its store.
    pub started_at: String,
    /// `bring_in` (orders are taken in) or `compare` (nothing is written).
    #[schema(example = "bring_in")]
    pub mode: &'static str,
    /// Orders changed since then.
    pub since: String,
    /// `running` (or interrupted: the same request goes on with it), `done` or `failed`.
    #[schema(example = "done")]
    pub state: &'static str,
    /// What to do, when it failed.
    pub problem: Option<String>,
    /// When it last moved on.
    pub updated_at: String,
    /// Orders the platform has.
    pub orders: u64,
    /// Those that were not here.
    pub missing: u64,
    /// Those that were here otherwise.
    pub differing: u64,
    /// Those that were the same.
    pub same: u64,
    /// Those that can't be taken, or are no orders, such as drafts.
    pub passed_over: u64,
    /// The first 500 that were missing, differed or were passed over.
    pub lines: Vec<PullLineAnswer>,
}

/// An order that was not here as the platform has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullLineAnswer {
    /// Which.
    pub order_id: String,
    /// The number the merchant knows it by.
    #[schema(example = "#1001")]
    pub number: Option<String>,
    /// `missing`, `differs` or `passed_over`.
    #[schema(example = "differs")]
    pub found: &'static str,
    /// Why it was passed over.
    pub code: Option<String>,
    /// What differed.
    pub differences: Vec<DifferenceAnswer>,
}

/// One amount or state that differed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DifferenceAnswer {
    /// `status`, `totalCents`, `refundedCents`, `currency` or `visitorId`.
    #[schema(example = "status")]
    pub field: String,
    /// As it was here.
    pub ours: String,
    /// As the platform has it.
    pub theirs: String,
}

/// How a store's orders are looked up. Keys, secrets and tokens are never given back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessAnswer {
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
    /// The shop's address as it is kept.
    #[schema(example = "https://shop.example/")]
    pub address: String,
    /// Whether the platform let us read orders just now. What was entered is kept either way.
    pub works: bool,
    /// Why not.
    pub problem: Option<AccessProblem>,
}

/// Why orders can't be looked up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessProblem {
    /// Stable code, such as `wrong_key`, `no_right`, `not_a_shop`, `private_address`, `unreachable`.
    #[schema(example = "wrong_key")]
    pub code: &'static str,
    /// A sentence to act on.
    pub detail: String,
}

impl From<&PullRun> for PullAnswer {
    fn from(run: &PullRun) -> Self {
        let (state, problem) = match &run.state {
            PullState::Running => ("running", None),
            PullState::Done => ("done", None),
            PullState::Failed(why) => ("failed", Some(why.clone())),
        };
        Self {
            started_at: run.started_at.to_rfc3339(),
            mode: run.mode.code(),
            since: run.since.to_rfc3339(),
            state,
            problem,
            updated_at: run.updated_at.to_rfc3339(),
            orders: run.orders,
            missing: run.missing,
            differing: run.differing,
            same: run.same,
            passed_over: run.passed_over,
            lines: run.lines.iter().map(PullLineAnswer::from).collect(),
        }
    }
}

impl From<&PullLine> for PullLineAnswer {
    fn from(line: &PullLine) -> Self {
        let (found, code, differences) = match &line.found {
            Comparison::Same => ("same", None, &[][..]),
            Comparison::Missing => ("missing", None, &[][..]),
            Comparison::Differs(fields) => ("differs", None, fields.as_slice()),
            Comparison::PassedOver(code) => ("passed_over", Some(code.clone()), &[][..]),
        };
        let difference = |one: &FieldDifference| DifferenceAnswer {
            field: one.field.clone(),
            ours: one.ours.clone(),
            theirs: one.theirs.clone(),
        };
        Self {
            order_id: line.order.to_string(),
            number: line.number.clone(),
            found,
            code,
            differences: differences.iter().map(difference).collect(),
        }
    }
}
