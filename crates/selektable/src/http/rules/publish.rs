//! `POST …/rulesets/{version}/publish` and `POST …/rulesets/rollback`: what is in force.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use selektable_domain::json::{self, Limits};
use selektable_domain::schedule::parse_effective;
use selektable_store::rules::Published;

use super::wire::ScheduleAnswer;
use super::{AskedVersion, SMALL_BYTES_MAX, unknown_version};
use crate::ambient;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::scope::{WriteScope, json};

/// Put a version of the rules in force
///
/// `effective` says for which conversions: `now` for those that happen from now on, `everything`, or an instant in
/// the past for those since then. Conversions of the past are decided again beside what stands, and shown all at once
/// when all are; `GET …/rulesets` tells how far that is.
#[utoipa::path(
    post,
    path = "/api/v1/stores/{storeId}/rulesets/{version}/publish",
    operation_id = "publishRuleset",
    tag = "Rules",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("version" = u32, Path, description = "One of the store's versions"),
    ),
    request_body(content = crate::http::openapi::rules_bodies::PublishBody, content_type = "application/json"),
    responses(
        (status = 200, description = "What is in force now", body = ScheduleAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 404, description = "No such version", body = ProblemDocument),
        (status = 409, description = "`redeciding`: conversions are still being decided again", body = ProblemDocument),
        (status = 413, description = "Larger than 16 KiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong; `errors` has every fault", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn publish(
    State(app): State<App>,
    scope: WriteScope,
    AskedVersion(version): AskedVersion,
    JsonBody(body): JsonBody<SMALL_BYTES_MAX>,
) -> Result<Response, Problem> {
    let now = ambient::now();
    let read = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
    let effective = parse_effective(&read, now).map_err(Fault::all)?;
    answer(app.store.publish_ruleset(scope.tenant, version, effective, now).await?, unknown_version)
}

/// Take the newest publication back
///
/// What was in force before it is in force again, for the past too.
#[utoipa::path(
    post,
    path = "/api/v1/stores/{storeId}/rulesets/rollback",
    operation_id = "rollBackRules",
    tag = "Rules",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    responses(
        (status = 200, description = "What is in force now", body = ScheduleAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 404, description = "Nothing was published that could be taken back", body = ProblemDocument),
        (status = 409, description = "`redeciding`: conversions are still being decided again", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn roll_back(State(app): State<App>, scope: WriteScope) -> Result<Response, Problem> {
    answer(app.store.roll_back_rules(scope.tenant, ambient::now()).await?, nothing_to_roll_back)
}

fn answer(published: Published, unknown: fn() -> Problem) -> Result<Response, Problem> {
    match published {
        Published::InForce(schedule) => json(&ScheduleAnswer::from(&schedule)),
        Published::Unknown => Err(unknown()),
        Published::Busy => Err(redeciding()),
    }
}

fn nothing_to_roll_back() -> Problem {
    let detail = "Nothing was published that could be taken back.";
    Problem::new(StatusCode::NOT_FOUND, "nothing_to_roll_back", detail)
}

fn redeciding() -> Problem {
    let detail = "Conversions are still being decided again after the change before. The store's rulesets tell how \
                  far that is; try again when it is done.";
    Problem::new(StatusCode::CONFLICT, "redeciding", detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
}
