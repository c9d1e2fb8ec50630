//! `POST /api/webhooks/orders`: one order or lead from a shop's server.

use axum::Json as JsonAnswer;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::json::{self, Json, JsonFault, Limits};

use super::answer::OrderAnswer;
use super::intake::{Arrival, Refused, answer, unanswered};
use crate::app::App;
use crate::http::auth::WriteKey;
use crate::http::body::JsonBody;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::request_id::RequestId;

/// Largest body of one order (SPEC section 5.1).
pub(super) const ORDER_BYTES_MAX: usize = 256 * 1024;

/// 400 with the sentence of what is wrong; it repeats no value of the body.
pub(in crate::http) fn not_json(fault: &JsonFault) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, fault.code(), fault.to_string())
}

/// Send one order or lead
///
/// Answered when the order is on disk. One order per store and `orderId`, for ever: the same content again is
/// `unchanged`, other content is a newer snapshot or an older one (`stale`), whatever the order of arrival.
#[utoipa::path(
    post,
    path = "/api/webhooks/orders",
    operation_id = "receiveOrder",
    tag = "Orders",
    request_body(content = crate::http::openapi::bodies::OrderBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The order is stored", body = OrderAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Organization or store is not the key's own; or the key came from a browser", body = ProblemDocument),
        (status = 409, description = "The order is known in another currency", body = ProblemDocument),
        (status = 413, description = "Larger than 256 KiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong; `errors` has every fault", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn receive(
    State(app): State<App>,
    key: WriteKey,
    request_id: RequestId,
    body: Result<JsonBody<ORDER_BYTES_MAX>, Problem>,
) -> Result<JsonAnswer<OrderAnswer>, Problem> {
    let arrival = Arrival::new(&key, request_id);
    match take(&app, &arrival, body).await {
        Ok(taken) => taken.map(JsonAnswer),
        Err(refused) => {
            arrival.record(&app, &refused).await;
            Err(refused.problem)
        }
    }
}

/// The outer error is still to be recorded; the inner one is the store's own.
async fn take(
    app: &App,
    arrival: &Arrival,
    body: Result<JsonBody<ORDER_BYTES_MAX>, Problem>,
) -> Result<Result<OrderAnswer, Problem>, Refused> {
    let JsonBody(body) = body?;
    let json: Json<'_> = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
    let delivery = arrival.judge(app, &json).await?;
    let order = delivery.order.id.clone();
    Ok(match app.store.ingest_orders(vec![delivery]).await {
        Ok(ingested) => {
            ingested.into_iter().next().ok_or_else(unanswered).and_then(|one| answer(&order, one))
        }
        Err(error) => Err(error.into()),
    })
}
