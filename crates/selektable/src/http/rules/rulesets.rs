//! `GET …/rulesets` and `POST …/rulesets`: every version of a store's rules, and a new one to try.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use selektable_domain::json::{self, Limits};
use selektable_domain::rules::parse_draft;
use selektable_store::rules::{RULESETS_MAX, RulesetVersion};

use super::SMALL_BYTES_MAX;
use super::wire::{RulesetsAnswer, VersionAnswer};
use crate::ambient;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::scope::{Scope, WriteScope, json};

/// Every version of the rules
///
/// Versions, newest first, and the schedule that says which one decides conversions of when, with its history.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/rulesets",
    operation_id = "listRulesets",
    tag = "Rules",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    responses(
        (status = 200, description = "The versions and the schedule", body = RulesetsAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn list(State(app): State<App>, scope: Scope) -> Result<Response, Problem> {
    json(&RulesetsAnswer::from(&app.store.rulesets(scope.tenant).await?))
}

/// Draft a version of the rules
///
/// What the body leaves out is as in the version in force. A draft decides nothing until it is published, and is
/// never changed.
#[utoipa::path(
    post,
    path = "/api/v1/stores/{storeId}/rulesets",
    operation_id = "draftRuleset",
    tag = "Rules",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    request_body(content = crate::http::openapi::rules_bodies::RulesetBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The draft, with its number", body = VersionAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 409, description = "The store has 1,000 versions already", body = ProblemDocument),
        (status = 413, description = "Larger than 16 KiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong; `errors` has every fault", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn draft(
    State(app): State<App>,
    scope: WriteScope,
    JsonBody(body): JsonBody<SMALL_BYTES_MAX>,
) -> Result<Response, Problem> {
    let read = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
    let rules = parse_draft(&read, &scope.store.ruleset).map_err(Fault::all)?;
    let now = ambient::now();
    let Some(rules) = app.store.draft_ruleset(scope.tenant, rules, now).await? else {
        return Err(too_many());
    };
    let version = RulesetVersion { rules, created_at: now, published_at: None };
    let mut response = json(&VersionAnswer::new(&version, &[]))?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn too_many() -> Problem {
    let detail = format!("The store has {RULESETS_MAX} versions of its rules, the most there can be.");
    Problem::new(StatusCode::CONFLICT, "too_many_rulesets", detail)
}
