//! `POST …/pulls` and `GET …/pulls`.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use selektable_domain::json::{self, Limits};

use super::SMALL_BYTES_MAX;
use super::body::parse_pull;
use super::wire::{PullAnswer, PullsAnswer};
use crate::ambient;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::scope::{Scope, WriteScope, json};
use crate::pulls::StartFault;

/// Look orders up at the platform
///
/// Every order that changed since then, in the background. With the mode `compare` nothing is written but what was
/// found. An interrupted pull of the same beginning is gone on with.
#[utoipa::path(
    post,
    path = "/api/v1/stores/{storeId}/pulls",
    operation_id = "startPull",
    tag = "Platforms",
    params(("storeId" = String, Path, description = "One of the organization's stores, on Shopify or WooCommerce")),
    request_body(content = crate::http::openapi::pull_bodies::PullBody, content_type = "application/json"),
    responses(
        (status = 202, description = "It goes on; the list of pulls tells how far it is", body = PullAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 409, description = "`pull_running`: orders of this store are being looked up already", body = ProblemDocument),
        (status = 413, description = "Larger than 16 KiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong, or `no_platform_access` was set", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was begun", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn start(
    State(app): State<App>,
    scope: WriteScope,
    JsonBody(body): JsonBody<SMALL_BYTES_MAX>,
) -> Result<Response, Problem> {
    let read = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
    let (since, mode) = parse_pull(&read, ambient::now()).map_err(Fault::all)?;
    let run = app.pulls.begin(&app, scope.tenant, since, mode).await.map_err(problem)?;
    let mut response = json(&PullAnswer::from(&run))?;
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

fn problem(fault: StartFault) -> Problem {
    match fault {
        StartFault::Storage(error) => error.into(),
        StartFault::NoAccess => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "no_platform_access",
            "How orders are looked up was not entered yet: PUT it to this store's platform-access first.",
        ),
        StartFault::Running => Problem::new(
            StatusCode::CONFLICT,
            "pull_running",
            "Orders of this store are being looked up already: wait until that is done.",
        )
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("5")),
    }
}

/// Pulls, newest first
///
/// What each one found at the platform: orders that were not here, and amounts and states that differed.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/pulls",
    operation_id = "listPulls",
    tag = "Platforms",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    responses(
        (status = 200, description = "The 50 newest", body = PullsAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 503, description = "Storage down", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn list(State(app): State<App>, scope: Scope) -> Result<Response, Problem> {
    let runs = app.store.pulls(scope.tenant).await?;
    json(&PullsAnswer { data: runs.iter().map(PullAnswer::from).collect() })
}
