//! `PUT …/platform-access` and `DELETE …/platform-access`: how a store's orders are looked up.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use selektable_domain::json::{self, Limits};

use super::SMALL_BYTES_MAX;
use super::body::parse_access;
use super::wire::{AccessAnswer, AccessProblem};
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::scope::{WriteScope, json};
use crate::pulls;

/// Set how orders are looked up
///
/// For WooCommerce `address`, `key` and `secret` (a REST API key that may read), for Shopify `address` and `token` (an
/// Admin API access token with `read_orders`). They replace what was set before, are tried at once, and are never given
/// back.
#[utoipa::path(
    put,
    path = "/api/v1/stores/{storeId}/platform-access",
    operation_id = "setPlatformAccess",
    tag = "Platforms",
    params(("storeId" = String, Path, description = "One of the organization's stores, on Shopify or WooCommerce")),
    request_body(content = crate::http::openapi::pull_bodies::PlatformAccessBody, content_type = "application/json"),
    responses(
        (status = 200, description = "It is kept; whether it works is told", body = AccessAnswer),
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
pub(super) async fn set(
    State(app): State<App>,
    scope: WriteScope,
    JsonBody(body): JsonBody<SMALL_BYTES_MAX>,
) -> Result<Response, Problem> {
    let read = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
    let entered = parse_access(&read).map_err(Fault::all)?;
    let access = entered.judge(scope.store.platform, app.config.platform_reach).map_err(Fault::all)?;
    app.store.set_platform_access(scope.tenant, Some(access.clone())).await?;
    let problem = pulls::check_access(&app, &access).await.err();
    json(&AccessAnswer {
        success: true,
        address: access.address().to_owned(),
        works: problem.is_none(),
        problem: problem.map(|fault| AccessProblem { code: fault.code(), detail: fault.to_string() }),
    })
}

/// Forget how orders are looked up
///
/// Keys, secrets and tokens are deleted, and no further pull begins. What pulls found stays.
#[utoipa::path(
    delete,
    path = "/api/v1/stores/{storeId}/platform-access",
    operation_id = "removePlatformAccess",
    tag = "Platforms",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    responses(
        (status = 204, description = "Nothing is kept any more"),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 503, description = "Storage down or full", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn remove(State(app): State<App>, scope: WriteScope) -> Result<StatusCode, Problem> {
    app.store.set_platform_access(scope.tenant, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
