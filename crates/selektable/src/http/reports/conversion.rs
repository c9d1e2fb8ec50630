//! `GET /api/v1/stores/{storeId}/conversions/{orderId}`: one conversion, and why it was decided so.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use selektable_domain::opaque::OrderId;
use selektable_store::ingest::ExplainedConversion;

use super::explain_wire::ExplainedAnswer;
use super::scope::{Scope, json};
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "The store has no conversion with this order id.")
}

/// The same document without the server around it, for the command line.
///
/// # Errors
/// When it can't be written as JSON.
pub(super) fn document(found: ExplainedConversion) -> serde_json::Result<String> {
    serde_json::to_string(&ExplainedAnswer::from(found))
}

/// One conversion with its decision, explained
///
/// Every visualization that was considered, the rules, the smallest change that would have made another decision, and
/// what the order was worth when.
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
    json(&ExplainedAnswer::from(found))
}
