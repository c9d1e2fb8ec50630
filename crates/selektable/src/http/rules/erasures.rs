//! `POST …/erasures`: forgetting a person.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::identity::parse_person;
use selektable_domain::json::{self, Limits};
use selektable_store::rules::Erased;
use serde::Serialize;
use utoipa::ToSchema;

use super::SMALL_BYTES_MAX;
use crate::ambient;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::scope::{WriteScope, json};

/// What an erasure went through. All are 0 for a person nobody knows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErasedAnswer {
    /// Facts whose ids were replaced.
    pub facts: u64,
    /// Conversions among them.
    pub conversions: u64,
    /// Visualizations among them.
    pub visualizations: u64,
    /// Kept pictures that were deleted.
    pub pictures: u64,
}

impl From<Erased> for ErasedAnswer {
    fn from(erased: Erased) -> Self {
        Self {
            facts: erased.facts,
            conversions: erased.conversions,
            visualizations: erased.visualizations,
            pictures: erased.pictures,
        }
    }
}

/// Erase a person
///
/// A user with all of the user's browsers, or one browser: ids are replaced by ids that mean nothing, traits and
/// pictures are deleted. Counts and money stay as they are. It can't be undone.
#[utoipa::path(
    post,
    path = "/api/v1/stores/{storeId}/erasures",
    operation_id = "erasePerson",
    tag = "Privacy",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    request_body(content = crate::http::openapi::rules_bodies::ErasureBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The person is erased", body = ErasedAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 413, description = "Larger than 16 KiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong; `errors` has every fault", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn erase(
    State(app): State<App>,
    scope: WriteScope,
    JsonBody(body): JsonBody<SMALL_BYTES_MAX>,
) -> Result<Response, Problem> {
    let read = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
    let person = parse_person(&read).map_err(Fault::all)?;
    let erased =
        app.store.erase_person(scope.tenant, person, ambient::now(), ambient::pseudonym_seed()).await?;
    json(&ErasedAnswer::from(erased))
}
