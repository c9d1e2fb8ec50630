//! From one JSON order to a delivery that the store takes, or a refusal that its owner can read. Shared by the single
//! route and the batch, so that an order is judged the same way whichever it came by.

use http::StatusCode;
use selektable_domain::id::OrganizationId;
use selektable_domain::json::Json;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::Source;
use selektable_domain::order::parse::{parse_webhook, peek_order_id, peek_text};
use selektable_domain::order::version::CurrencyChanged;
use selektable_domain::report::{DeliveryFault, DeliveryOutcome, DeliveryRecord};
use selektable_domain::time::Timestamp;
use selektable_store::Tenant;
use selektable_store::ingest::{OrderDelivery, OrderIngested, Refusal};

use super::answer::OrderAnswer;
use crate::ambient;
use crate::app::App;
use crate::http::auth::WriteKey;
use crate::http::metrics;
use crate::http::problem::{Fault, Problem};
use crate::http::request_id::RequestId;
use crate::http::tenant::{forbidden, own_store};

/// What all orders of one request have in common.
pub(super) struct Arrival {
    organization: OrganizationId,
    request_id: RequestId,
    /// When the request was whole.
    pub(super) at: Timestamp,
}

/// One order that is not taken, with what can be told of it.
pub(super) struct Refused {
    /// The answer.
    pub(super) problem: Problem,
    tenant: Option<Tenant>,
    order_id: Option<OrderId>,
}

impl From<Problem> for Refused {
    /// A refusal of a body in which nothing can be read.
    fn from(problem: Problem) -> Self {
        Self { problem, tenant: None, order_id: None }
    }
}

impl Arrival {
    pub(super) fn new(WriteKey(caller): &WriteKey, request_id: RequestId) -> Self {
        Self { organization: caller.organization, request_id, at: ambient::now() }
    }

    /// Parses one order and finds the tenant it is for.
    pub(super) async fn judge(&self, app: &App, json: &Json<'_>) -> Result<OrderDelivery, Refused> {
        let parsed = match parse_webhook(json, self.at) {
            Ok(parsed) => parsed,
            Err(faults) => {
                let problem = Problem::content(faults.into_iter().map(Fault::from).collect());
                return Err(self.refused(app, json, problem).await);
            }
        };
        if parsed.organization_id != self.organization.to_string() {
            return Err(self.refused(app, json, forbidden()).await);
        }
        match own_store(app, self.organization, &parsed.store_id).await {
            Err(problem) => Err(self.refused(app, json, problem).await),
            Ok(tenant) => Ok(OrderDelivery {
                tenant,
                id: ambient::new_id(),
                conversion: ambient::new_id(),
                request_id: self.request_id.0.clone(),
                received_at: self.at,
                topic: None,
                order: parsed.order,
                warnings: parsed.warnings.into_iter().map(DeliveryFault::from).collect(),
                sample: false,
            }),
        }
    }

    async fn refused(&self, app: &App, json: &Json<'_>, problem: Problem) -> Refused {
        let tenant = match peek_text(json, "storeId") {
            Some(store) => own_store(app, self.organization, store).await.ok(),
            None => None,
        };
        Refused { problem, tenant, order_id: peek_order_id(json) }
    }

    /// Keeps a refusal for the list of deliveries: codes, places and sentences, never a value. The sender's answer
    /// is the refusal itself, so trouble with the record only goes to the log.
    pub(super) async fn record(&self, app: &App, refused: &Refused) {
        let problem = &refused.problem;
        if !is_recorded(problem.status) {
            return;
        }
        metrics::order_refused();
        let record = DeliveryRecord {
            id: ambient::new_id(),
            received_at: self.at,
            source: Source::Server,
            order_id: refused.order_id.clone(),
            request_id: self.request_id.0.clone(),
            topic: None,
            outcome: DeliveryOutcome::Refused {
                status: problem.status.as_u16(),
                code: problem.code.to_owned(),
                faults: notes_of(problem),
            },
        };
        let refusal = Refusal { organization: self.organization, tenant: refused.tenant, record };
        if let Err(error) = app.store.record_refusal(refusal).await {
            tracing::warn!(%error, "a refused delivery was not recorded");
        }
    }
}

/// What the sender can mend. 408 and 503 are not about the delivery.
fn is_recorded(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::FORBIDDEN
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY
    )
}

fn notes_of(problem: &Problem) -> Vec<DeliveryFault> {
    if problem.faults.is_empty() {
        let (code, detail) = (problem.code.to_owned(), problem.detail.clone());
        return vec![DeliveryFault { pointer: None, code, detail }];
    }
    let note =
        |Fault { pointer, code, detail }: Fault| DeliveryFault { pointer: Some(pointer), code, detail };
    problem.faults.iter().cloned().map(note).collect()
}

/// The answer to an order the store has judged. A changed currency was recorded by the store already, in the
/// transaction that found it.
pub(super) fn answer(order: &OrderId, ingested: OrderIngested) -> Result<OrderAnswer, Problem> {
    metrics::ingested(&ingested);
    match ingested {
        OrderIngested::Taken { conversion, outcome, decision, warnings } => {
            Ok(OrderAnswer::new(conversion, order, outcome, &decision, warnings))
        }
        OrderIngested::CurrencyChanged(changed) => Err(currency_changed(changed)),
    }
}

/// 409: an order keeps its currency for ever.
pub(in crate::http) fn currency_changed(changed: CurrencyChanged) -> Problem {
    let detail = format!("{changed}. Nothing was stored.");
    Problem::new(StatusCode::CONFLICT, "currency_changed", detail)
}

/// The store answers one result an order; anything else is a defect that must not look like an acknowledgement.
pub(in crate::http) fn unanswered() -> Problem {
    tracing::error!("the storage gave fewer results than it was given orders");
    let detail =
        "The storage gave no answer for this order. Send it again: the same content twice is one order.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage_unavailable", detail)
        .with_header(http::header::RETRY_AFTER, http::HeaderValue::from_static("5"))
}
