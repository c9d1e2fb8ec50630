//! The addresses that platforms send to.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};

use super::Sender;
use super::answer::PlatformAnswer;
use super::receive::Arrival;
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::request_id::RequestId;

type Answer = Result<Json<PlatformAnswer>, Problem>;

/// Receive from Shopify
///
/// Signed by Shopify with a secret of the store (`X-Shopify-Hmac-Sha256`, or `shopify-hmac-sha256`); the store is found
/// by `X-Shopify-Shop-Domain`. Takes orders, refunds, deletions, privacy requests and the app's removal. What is signed
/// well is answered 200, also when it is ignored.
#[utoipa::path(
    post,
    path = "/api/webhooks/shopify/orders",
    operation_id = "receiveShopify",
    tag = "Platforms",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As Shopify sends it"),
    responses(
        (status = 200, description = "What became of it", body = PlatformAnswer),
        (status = 401, description = "Not signed with a secret of the store, or no such store: the same for all of these", body = ProblemDocument),
        (status = 413, description = "Larger than 4 MiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
)]
pub(super) async fn shopify(State(app): State<App>, request_id: RequestId, request: Request) -> Answer {
    answer(&app, Sender::Shopify, None, request_id, request).await
}

/// Receive from Shopify, for one store
///
/// The same with the store in the address, whatever the headers say.
#[utoipa::path(
    post,
    path = "/api/webhooks/shopify/{storeId}/orders",
    operation_id = "receiveShopifyStore",
    tag = "Platforms",
    params(("storeId" = String, Path, description = "The store")),
    request_body(content = serde_json::Value, content_type = "application/json", description = "As Shopify sends it"),
    responses(
        (status = 200, description = "What became of it", body = PlatformAnswer),
        (status = 401, description = "Not signed with a secret of the store, or no such store: the same for all of these", body = ProblemDocument),
        (status = 413, description = "Larger than 4 MiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
)]
pub(super) async fn shopify_store(
    State(app): State<App>,
    store: Result<Path<String>, PathRejection>,
    request_id: RequestId,
    request: Request,
) -> Answer {
    answer(&app, Sender::Shopify, Some(store), request_id, request).await
}

/// Receive from WooCommerce
///
/// Signed by `WooCommerce` with a secret of the store (`X-WC-Webhook-Signature`); the store is found by
/// `X-WC-Webhook-Source`. Takes orders that were created, updated, deleted or restored. What is signed well is answered
/// 200, also when it is ignored. The unsigned `webhook_id=…` that `WooCommerce` sends when a webhook is switched on is
/// answered 200 too.
#[utoipa::path(
    post,
    path = "/api/webhooks/woocommerce/orders",
    operation_id = "receiveWooCommerce",
    tag = "Platforms",
    request_body(content = serde_json::Value, content_type = "application/json", description = "As WooCommerce sends it"),
    responses(
        (status = 200, description = "What became of it", body = PlatformAnswer),
        (status = 401, description = "Not signed with a secret of the store, or no such store: the same for all of these", body = ProblemDocument),
        (status = 413, description = "Larger than 4 MiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
)]
pub(super) async fn woocommerce(State(app): State<App>, request_id: RequestId, request: Request) -> Answer {
    answer(&app, Sender::WooCommerce, None, request_id, request).await
}

/// Receive from WooCommerce, for one store
///
/// The same with the store in the address, whatever the headers say.
#[utoipa::path(
    post,
    path = "/api/webhooks/woocommerce/{storeId}/orders",
    operation_id = "receiveWooCommerceStore",
    tag = "Platforms",
    params(("storeId" = String, Path, description = "The store")),
    request_body(content = serde_json::Value, content_type = "application/json", description = "As WooCommerce sends it"),
    responses(
        (status = 200, description = "What became of it", body = PlatformAnswer),
        (status = 401, description = "Not signed with a secret of the store, or no such store: the same for all of these", body = ProblemDocument),
        (status = 413, description = "Larger than 4 MiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
)]
pub(super) async fn woocommerce_store(
    State(app): State<App>,
    store: Result<Path<String>, PathRejection>,
    request_id: RequestId,
    request: Request,
) -> Answer {
    answer(&app, Sender::WooCommerce, Some(store), request_id, request).await
}

/// A name of a store that is no UTF-8 names none, like any other that is not here.
async fn answer(
    app: &App,
    sender: Sender,
    store: Option<Result<Path<String>, PathRejection>>,
    request_id: RequestId,
    request: Request,
) -> Answer {
    let named = store.map(|store| store.map(|Path(store)| store).unwrap_or_default());
    Arrival { sender, named: named.as_deref(), request_id }.receive(app, request).await.map(Json)
}
