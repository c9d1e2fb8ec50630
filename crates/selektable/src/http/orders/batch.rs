//! `POST /api/webhooks/orders/batch`: up to 1,000 orders in one array, each its own success or failure.
//!
//! The status is 200 as soon as the array was processed, also when items were refused: a sender that repeated the
//! whole batch on any other status would never get past one bad item. `success` at the top is true only when every
//! item's is, so that a client that knows only `success` is not misled.

use axum::Json as JsonAnswer;
use axum::extract::State;
use futures::StreamExt;
use selektable_domain::json::{self, Limits};
use selektable_store::ingest::OrderDelivery;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::OrderAnswer;
use super::intake::{Arrival, Refused, answer, unanswered};
use super::single::not_json;
use crate::app::App;
use crate::http::auth::WriteKey;
use crate::http::body::JsonBody;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::request_id::RequestId;

/// Most orders of one batch (SPEC section 5.1).
pub(super) const BATCH_ORDERS_MAX: usize = 1_000;
/// Largest body of a batch.
pub(super) const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Refusals of one batch that are recorded at the same time.
const RECORDING_MAX: usize = 64;

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchAnswer {
    /// Whether every item was taken.
    pub success: bool,
    /// One result an item, in their order.
    pub results: Vec<ItemResult>,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ItemResult {
    /// It is on disk.
    Taken {
        /// Its place in the array, from 0.
        index: usize,
        /// As the single route answers.
        #[serde(flatten)]
        order: OrderAnswer,
    },
    /// It is not.
    Refused {
        /// Its place in the array, from 0.
        index: usize,
        /// Always false.
        success: bool,
        /// The status the single route would have answered.
        status: u16,
        /// Stable code.
        code: String,
        /// A sentence to act on.
        detail: String,
        /// For 422: every fault; pointers start at the item.
        errors: Vec<Fault>,
    },
}

impl ItemResult {
    fn new(index: usize, result: Result<OrderAnswer, Problem>) -> Self {
        match result {
            Ok(order) => Self::Taken { index, order },
            Err(Problem { status, code, detail, faults, .. }) => Self::Refused {
                index,
                success: false,
                status: status.as_u16(),
                code: code.to_owned(),
                detail,
                errors: faults,
            },
        }
    }
}

/// Send many orders
///
/// At most 1,000 orders and 8 MiB. The status is 200 when the array was processed, also when items were refused;
/// `success` is true only when every item was taken.
#[utoipa::path(
    post,
    path = "/api/webhooks/orders/batch",
    operation_id = "receiveOrders",
    tag = "Orders",
    request_body(content = Vec<crate::http::openapi::bodies::OrderBody>, content_type = "application/json"),
    responses(
        (status = 200, description = "One result an item, in their order", body = BatchAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 413, description = "Larger than 8 MiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "Not an array, or more than 1,000 orders", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn receive(
    State(app): State<App>,
    key: WriteKey,
    request_id: RequestId,
    body: Result<JsonBody<BATCH_BYTES_MAX>, Problem>,
) -> Result<JsonAnswer<BatchAnswer>, Problem> {
    let arrival = Arrival::new(&key, request_id);
    let judged = match judge_all(&app, &arrival, body).await {
        Ok(judged) => judged,
        Err(problem) => {
            let refused = Refused::from(problem);
            arrival.record(&app, &refused).await;
            return Err(refused.problem);
        }
    };
    let results = ingest(&app, &arrival, judged).await?;
    let success = results.iter().all(|result| matches!(result, ItemResult::Taken { .. }));
    Ok(JsonAnswer(BatchAnswer { success, results }))
}

type Judged = Result<OrderDelivery, Refused>;

async fn judge_all(
    app: &App,
    arrival: &Arrival,
    body: Result<JsonBody<BATCH_BYTES_MAX>, Problem>,
) -> Result<Vec<Judged>, Problem> {
    let JsonBody(body) = body?;
    let json = json::parse(&body, Limits::BATCH).map_err(|fault| not_json(&fault))?;
    let Some(items) = json.as_array() else {
        return Err(whole("wrong_type", format!("must be an array of orders, not {}", json.kind())));
    };
    if items.len() > BATCH_ORDERS_MAX {
        return Err(whole("too_many_orders", format!("must hold at most {BATCH_ORDERS_MAX} orders")));
    }
    let mut judged = Vec::with_capacity(items.len());
    for item in items {
        judged.push(arrival.judge(app, item).await);
    }
    Ok(judged)
}

fn whole(code: &str, detail: String) -> Problem {
    Problem::content(vec![Fault { pointer: String::new(), code: code.to_owned(), detail }])
}

/// One call of the store for all that is taken, then the records of what is refused. In that order: when the store is
/// down the whole batch is answered 503 and sent again, and nothing is recorded twice.
async fn ingest(app: &App, arrival: &Arrival, judged: Vec<Judged>) -> Result<Vec<ItemResult>, Problem> {
    let taken: Vec<OrderDelivery> = judged.iter().filter_map(|item| item.as_ref().ok().cloned()).collect();
    let mut ingested =
        if taken.is_empty() { Vec::new() } else { app.store.ingest_orders(taken).await? }.into_iter();
    let refusals = judged.iter().filter_map(|item| item.as_ref().err());
    futures::stream::iter(refusals)
        .for_each_concurrent(RECORDING_MAX, |refused| arrival.record(app, refused))
        .await;
    let results = judged.into_iter().map(|item| match item {
        Ok(delivery) => {
            ingested.next().ok_or_else(unanswered).and_then(|one| answer(&delivery.order.id, one))
        }
        Err(refused) => Err(refused.problem),
    });
    Ok(results.enumerate().map(|(index, result)| ItemResult::new(index, result)).collect())
}
