//! `GET /api/v1/stores/{storeId}/privacy-requests`: what a platform asked for on behalf of its customers.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::time::{DAY_MS, Timestamp};
use selektable_store::platforms::{PRIVACY_DAYS, PrivacyRecord};
use serde::Serialize;
use utoipa::ToSchema;

use super::scope::{Scope, json};
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

/// Requests under privacy law, newest first, at most 500.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PrivacyRequestsAnswer {
    /// The requests.
    pub data: Vec<PrivacyRequestAnswer>,
}

/// One request under privacy law.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PrivacyRequestAnswer {
    /// Names it within its store.
    pub number: u32,
    /// `data`: a customer wants to know what is kept; `erase_customer`: done by itself when it came; `erase_shop`: the
    /// shop's data is to go.
    #[schema(example = "data")]
    pub kind: String,
    /// The platform's id of the customer, where it is said.
    pub customer: Option<String>,
    /// The customer's orders.
    pub order_ids: Vec<String>,
    /// When it came.
    pub received_at: String,
    /// By when it is to be done.
    pub due_at: String,
    /// When it was done; null while it is open.
    pub done_at: Option<String>,
}

impl From<PrivacyRecord> for PrivacyRequestAnswer {
    fn from(record: PrivacyRecord) -> Self {
        Self {
            number: record.number,
            kind: record.kind,
            customer: record.customer,
            order_ids: record.orders.iter().map(ToString::to_string).collect(),
            received_at: record.received_at.to_rfc3339(),
            due_at: record.received_at.plus_millis(PRIVACY_DAYS * DAY_MS).to_rfc3339(),
            done_at: record.done_at.map(Timestamp::to_rfc3339),
        }
    }
}

/// Requests under privacy law
///
/// As the store's platform passed them on. They are to be done within 30 days.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/privacy-requests",
    operation_id = "listPrivacyRequests",
    tag = "Privacy",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    responses(
        (status = 200, description = "The requests", body = PrivacyRequestsAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn list(State(app): State<App>, scope: Scope) -> Result<Response, Problem> {
    let kept = app.store.privacy_requests(scope.tenant).await?;
    json(&PrivacyRequestsAnswer { data: kept.into_iter().map(PrivacyRequestAnswer::from).collect() })
}
