//! `POST …/rulesets/{version}/dry-run`: what a version would have decided, before it counts.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use selektable_domain::json::{self, Limits};
use selektable_domain::time::{Range, parse_range};

use super::dry_run_wire::{DryRunAnswer, RunningAnswer};
use super::{AskedVersion, SMALL_BYTES_MAX, unknown_version};
use crate::app::App;
use crate::dry_runs::{self, DryRunStatus};
use crate::http::body::MaybeJsonBody;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::scope::{Scope, json};

/// Seconds after which to look again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// Try a version of the rules on history
///
/// Decides the conversions of a range (all of history when the body says nothing) under a version and compares with
/// what stands; writes nothing. Answered 202 while it goes on: the same request again tells how far it is, then gives
/// the result, which is kept for five minutes.
#[utoipa::path(
    post,
    path = "/api/v1/stores/{storeId}/rulesets/{version}/dry-run",
    operation_id = "dryRunRuleset",
    tag = "Rules",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("version" = u32, Path, description = "One of the store's versions, draft or not"),
    ),
    request_body(content = Option<crate::http::openapi::rules_bodies::RangeBody>, content_type = "application/json"),
    responses(
        (status = 200, description = "The difference", body = DryRunAnswer),
        (status = 202, description = "It goes on; ask again after `Retry-After` seconds", body = RunningAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 404, description = "No such version", body = ProblemDocument),
        (status = 409, description = "`dry_run_running`: another dry run goes on", body = ProblemDocument),
        (status = 413, description = "Larger than 16 KiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong; `errors` has every fault", body = ProblemDocument),
        (status = 503, description = "Storage down", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn dry_run(
    State(app): State<App>,
    scope: Scope,
    AskedVersion(version): AskedVersion,
    MaybeJsonBody(body): MaybeJsonBody<SMALL_BYTES_MAX>,
) -> Result<Response, Problem> {
    let range = match body {
        None => Range::ALL,
        Some(body) => {
            let read = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
            parse_range(&read).map_err(Fault::all)?
        }
    };
    match dry_runs::start_or_look(&app, scope.tenant, version, range).await? {
        DryRunStatus::Done(found) => json(&DryRunAnswer::from(&*found)),
        DryRunStatus::Running { done, about } => running(done, about),
        DryRunStatus::Unknown => Err(unknown_version()),
        DryRunStatus::Busy => Err(busy()),
    }
}

fn running(done: u64, about: u64) -> Result<Response, Problem> {
    let mut response = json(&RunningAnswer { status: "running", done, about })?;
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    Ok(response)
}

fn busy() -> Problem {
    let detail = "Another dry run goes on, of this store or of several others: try again when it is done.";
    Problem::new(StatusCode::CONFLICT, "dry_run_running", detail)
        .with_header(header::RETRY_AFTER, RETRY_AFTER)
}
