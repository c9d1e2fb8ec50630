//! `GET /api/v1/stores/{storeId}/conversions/{orderId}`: one conversion, and why it was decided so.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use selektable_domain::opaque::OrderId;

use super::decision_wire::{DecisionAnswer, DeliveryAnswer, ExplainedAnswer};
use super::scope::{Scope, json};
use super::wire::ConversionAnswer;
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "The store has no conversion with this order id.")
}

/// One conversion with its decision
///
/// The order id stands in the path percent-encoded (`a/b` as `a%2Fb`).
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/conversions/{orderId}",
    operation_id = "explainConversion",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("orderId" = String, Path, description = "The shop's own id of the order or lead"),
    ),
    responses(
        (status = 200, description = "The conversion", body = ExplainedAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 404, description = "No such order", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn explain(
    State(app): State<App>,
    scope: Scope,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let Path((_, order)) = path.map_err(|_| not_found())?;
    let order = OrderId::parse(&order).map_err(|_| not_found())?;
    let found = app.store.conversion(scope.tenant, order).await?.ok_or_else(not_found)?;
    json(&ExplainedAnswer {
        conversion: ConversionAnswer::from(found.record),
        decision: DecisionAnswer::from(found.decision),
        deliveries: found.deliveries.into_iter().map(DeliveryAnswer::from).collect(),
    })
}
