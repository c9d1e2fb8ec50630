//! `POST /api/events`: what a browser reports (SPEC section 3), with no key, from the store's own pages.
//!
//! The answer says what was kept and what was not, and nothing about attribution: everybody can read it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Json as JsonAnswer, routing};
use http::{HeaderMap, Method, StatusCode};
use selektable_domain::event::{self, ParsedBatch, RefusedEvent, parse_batch};
use selektable_domain::json::{self, Limits};
use selektable_domain::opaque::EventId;
use selektable_domain::order::platform::TokenKind;
use selektable_domain::report::DeliveryFault;
use selektable_domain::time::Timestamp;
use selektable_store::Tenant;
use selektable_store::ingest::{Event, EventBatch, EventKind, EventsRecorded, OrderDelivery, OrderIngested};
use selektable_store::settings::{Platform, StoreRecord};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::BeaconBody;
use super::client_address::ClientAddress;
use super::cors::{Origin, preflight};
use super::metrics;
use super::orders::{currency_changed, not_json, unanswered};
use super::problem::{Fault, Problem, ProblemDocument};
use super::reports::NoteAnswer;
use super::request_id::RequestId;
use super::{privacy, rate};
use crate::ambient;
use crate::app::App;

/// Largest body: what browsers let a beacon carry.
pub const EVENTS_BYTES_MAX: usize = 64 * 1024;

/// What became of a batch of events.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct EventsAnswer {
    /// Always true.
    pub success: bool,
    /// New events that were kept, conversions apart.
    pub recorded: u64,
    /// Events whose id was known.
    pub duplicates: u64,
    /// Why nothing was kept: `gpc` (the browser sends `Sec-GPC: 1` and the shopper did not say yes) or `consent`
    /// (the shopper said no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored: Option<&'static str>,
    /// What was not taken, and why.
    pub refused: Vec<RefusedAnswer>,
    /// What became of `conversion` events.
    pub conversions: Vec<BrowserConversion>,
}

/// One reason why an event was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedAnswer {
    /// The event's own id, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// JSON Pointer (RFC 6901) into the body.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// A sentence to act on.
    pub detail: String,
}

/// A conversion that a browser reported; it counts as unverified.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrowserConversion {
    /// The event's id.
    pub id: String,
    /// The shop's id of the order.
    pub order_id: String,
    /// Our id of the conversion.
    pub conversion_id: String,
    /// `created`, `updated`, `unchanged` or `stale`.
    pub result: &'static str,
    /// What is odd about it.
    pub warnings: Vec<NoteAnswer>,
}

fn unknown_store() -> Problem {
    let detail = "There is no store with this id: check data-store-id of the script's tag.";
    Problem::new(StatusCode::NOT_FOUND, "unknown_store", detail)
}

fn origin_refused() -> Problem {
    let detail = "This page's origin is not one of the store's domains: add it in the store's settings.";
    Problem::new(StatusCode::FORBIDDEN, "origin_refused", detail)
}

/// The routes of events, with their preflight.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive)).route("/api/events", routing::options(answer_preflight))
}

/// A preflight has no body, so its store is not known yet: any page may ask, and the request itself is judged.
async fn answer_preflight(State(app): State<App>, headers: HeaderMap) -> Response {
    preflight(&Origin::judge(&headers, &[], &app), &Method::POST)
}

/// Report a browser's events
///
/// Sent by the embed script, without a key, also as `text/plain` (a request that needs no preflight). CORS is open to
/// the store's domains, to any origin while it has none; `checkout_completed` of a Shopify store is also taken from the
/// origin `null`, which web pixels have. An event id counts once.
#[utoipa::path(
    post,
    path = "/api/events",
    operation_id = "receiveEvents",
    tag = "Browser",
    request_body(content = crate::http::openapi::bodies::EventsBody, content_type = "application/json"),
    responses(
        (status = 200, description = "What was kept and what was not", body = EventsAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 403, description = "The page's origin is not one of the store's", body = ProblemDocument),
        (status = 404, description = "No such store", body = ProblemDocument),
        (status = 413, description = "Larger than 64 KiB", body = ProblemDocument),
        (status = 415, description = "Neither `application/json` nor `text/plain`", body = ProblemDocument),
        (status = 422, description = "The batch itself is wrong", body = ProblemDocument),
        (status = 429, description = "Too many from this address", body = ProblemDocument),
        (status = 503, description = "Storage down or full; send it again", body = ProblemDocument),
    ),
)]
pub async fn receive(
    State(app): State<App>,
    address: ClientAddress,
    request_id: RequestId,
    headers: HeaderMap,
    body: Result<BeaconBody<EVENTS_BYTES_MAX>, Problem>,
) -> Response {
    // Until the store is known every page may read what is wrong.
    let open = Origin::judge(&headers, &[], &app);
    let known = async {
        let BeaconBody(body) = body?;
        let json = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
        let now = ambient::now();
        let batch = parse_batch(&json, now)
            .map_err(|faults| Problem::content(faults.into_iter().map(Fault::from).collect()))?;
        let store = batch.store_id.parse().map_err(|_| unknown_store())?;
        let (tenant, record) = app.store.public_store(store).await?.ok_or_else(unknown_store)?;
        let ids = if tells_of_single_events(&batch) { event_ids(&json) } else { Vec::new() };
        Ok::<_, Problem>((Intake { app: &app, tenant, record, request_id: request_id.0, now, ids }, batch))
    };
    match known.await {
        Err(problem) => open.decorate(problem.into_response()),
        Ok((intake, batch)) => {
            let origin = Origin::judge(&headers, &intake.record.settings.origins, &app);
            let answer = if origin.may_call() || is_pixel(&headers, &intake.record, &batch) {
                intake.take(address, &headers, batch).await.map(JsonAnswer)
            } else {
                Err(origin_refused())
            };
            origin.decorate(answer.into_response())
        }
    }
}

/// Whether a batch comes from a web pixel of Shopify's: it runs in a frame without an origin, on whichever page the
/// checkout is, and says nothing but that a checkout was completed. Its answer is not readable to it.
fn is_pixel(headers: &HeaderMap, store: &StoreRecord, batch: &ParsedBatch) -> bool {
    let without_origin = headers.get(http::header::ORIGIN).is_some_and(|origin| origin.as_bytes() == b"null");
    let is_checkout = |event: &event::Event| match &event.kind {
        event::EventKind::Claim { tokens } => tokens.iter().any(|token| token.kind == TokenKind::Checkout),
        _ => false,
    };
    store.platform == Platform::Shopify && without_origin && batch.events.iter().all(is_checkout)
}

/// Whether the answer may name events: those that are refused, now or by the storage.
fn tells_of_single_events(batch: &ParsedBatch) -> bool {
    let may_be_refused = |event: &event::Event| matches!(event.kind, event::EventKind::Conversion { .. });
    !batch.refused.is_empty() || batch.events.iter().any(may_be_refused)
}

/// The ids of a batch's events by their place, for the answer about those that were refused.
fn event_ids(batch: &json::Json<'_>) -> Vec<Option<String>> {
    let events = batch.as_object().and_then(|batch| batch.get("events")).and_then(json::Json::as_array);
    let id = |event: &json::Json<'_>| event.as_object()?.get("id")?.as_text().map(str::to_owned);
    events.unwrap_or_default().iter().map(id).collect()
}

/// A batch's store, and what is the same for all of its events.
struct Intake<'a> {
    app: &'a App,
    tenant: Tenant,
    record: std::sync::Arc<StoreRecord>,
    request_id: String,
    now: Timestamp,
    ids: Vec<Option<String>>,
}

impl Intake<'_> {
    async fn take(
        &self,
        address: ClientAddress,
        headers: &HeaderMap,
        batch: ParsedBatch,
    ) -> Result<EventsAnswer, Problem> {
        let limit = self.app.limits.events.check(&(address.limit_key(), self.tenant.store));
        limit.map_err(|wait| {
            rate::too_many("too_many_events", "Too many events came from this address.", wait)
        })?;
        if let Some(ignored) = privacy::ignored(headers, batch.consent) {
            return Ok(EventsAnswer { success: true, ignored: Some(ignored), ..EventsAnswer::default() });
        }
        let refused = batch.refused.iter().flat_map(|refused| self.told(refused)).collect();
        let (events, orders) = self.sort(batch);
        // Links first: a conversion of the same batch then finds its user.
        let EventsRecorded { recorded, duplicates, .. } = match events {
            Some(events) => self.app.store.record_events(events).await?,
            None => EventsRecorded::default(),
        };
        let answer = EventsAnswer { success: true, recorded, duplicates, refused, ..EventsAnswer::default() };
        self.take_conversions(orders, answer).await
    }

    fn told(&self, refused: &RefusedEvent) -> Vec<RefusedAnswer> {
        let id = self.ids.get(refused.index).cloned().flatten();
        let told = |fault: &selektable_domain::fault::Fault| RefusedAnswer {
            id: id.clone(),
            pointer: fault.pointer.clone(),
            code: fault.code.to_owned(),
            detail: fault.detail.clone(),
        };
        refused.faults.iter().map(told).collect()
    }

    /// Conversions go the way of orders; everything else is an event.
    fn sort(&self, batch: ParsedBatch) -> (Option<EventBatch>, Vec<(EventId, OrderDelivery)>) {
        let ParsedBatch { visitor, session, events, .. } = batch;
        let (mut kept, mut orders) = (Vec::new(), Vec::new());
        for event::Event { id, at, kind } in events {
            match kind {
                event::EventKind::Seen { seen, properties } => {
                    kept.push(Event {
                        id,
                        at,
                        kind: EventKind::Seen { name: seen.code().to_owned(), properties },
                    });
                }
                event::EventKind::Identify { user, traits } => {
                    let traits = traits.filter(|_| self.record.settings.keep_traits);
                    kept.push(Event { id, at, kind: EventKind::Identify { user, traits } });
                }
                event::EventKind::Claim { tokens } => {
                    kept.push(Event { id, at, kind: EventKind::Claim { tokens } });
                }
                event::EventKind::Conversion { order, warnings } => {
                    let currency = self.record.settings.currency;
                    let order = order.into_order(visitor.clone(), session.clone(), at, currency);
                    let warnings = warnings.into_iter().map(DeliveryFault::from).collect();
                    orders.push((id, self.delivery(order, warnings)));
                }
            }
        }
        let batch = if kept.is_empty() {
            None
        } else {
            Some(EventBatch { tenant: self.tenant, visitor, session, received_at: self.now, events: kept })
        };
        (batch, orders)
    }

    fn delivery(
        &self,
        order: selektable_domain::order::Order,
        warnings: Vec<DeliveryFault>,
    ) -> OrderDelivery {
        OrderDelivery {
            tenant: self.tenant,
            id: ambient::new_id(),
            conversion: ambient::new_id(),
            request_id: self.request_id.clone(),
            received_at: self.now,
            topic: None,
            order,
            warnings,
            sample: false,
        }
    }

    async fn take_conversions(
        &self,
        orders: Vec<(EventId, OrderDelivery)>,
        mut answer: EventsAnswer,
    ) -> Result<EventsAnswer, Problem> {
        if orders.is_empty() {
            return Ok(answer);
        }
        let deliveries = orders.iter().map(|(_, delivery)| delivery.clone()).collect();
        let mut ingested = self.app.store.ingest_orders(deliveries).await?.into_iter();
        for (event, delivery) in orders {
            let one = ingested.next().ok_or_else(unanswered)?;
            metrics::ingested(&one);
            match one {
                OrderIngested::Taken { conversion, outcome, warnings, .. } => {
                    answer.conversions.push(BrowserConversion {
                        id: event.to_string(),
                        order_id: delivery.order.id.to_string(),
                        conversion_id: conversion.to_string(),
                        result: outcome.code(),
                        warnings: warnings.into_iter().map(NoteAnswer::from).collect(),
                    });
                }
                OrderIngested::CurrencyChanged(changed) => answer.refused.push(self.changed(&event, changed)),
            }
        }
        Ok(answer)
    }

    fn changed(
        &self,
        event: &EventId,
        changed: selektable_domain::order::version::CurrencyChanged,
    ) -> RefusedAnswer {
        let place = self.ids.iter().position(|id| id.as_deref() == Some(event.as_str()));
        let problem = currency_changed(changed);
        RefusedAnswer {
            id: Some(event.to_string()),
            pointer: place.map(|place| format!("/events/{place}/currency")).unwrap_or_default(),
            code: problem.code.to_owned(),
            detail: problem.detail,
        }
    }
}
