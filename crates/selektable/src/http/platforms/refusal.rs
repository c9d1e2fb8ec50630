//! Deliveries that are not trusted: one answer for all of them, and a record for the owner of the store they were for.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use selektable_domain::platform::signature::SignatureFault;
use selektable_domain::report::connection::OTHER_SHOP;
use selektable_domain::report::{DeliveryFault, DeliveryOutcome, DeliveryRecord};
use selektable_domain::time::Timestamp;
use selektable_store::ingest::Refusal;

use super::Sender;
use super::candidates::Candidate;
use super::claims::Claims;
use super::trust;
use crate::ambient;
use crate::app::App;
use crate::http::metrics;
use crate::http::problem::Problem;
use crate::http::request_id::RequestId;

/// Most stores that one refused delivery is recorded for.
const RECORDED_STORES_MAX: usize = 5;
const OTHER_SHOP_DETAIL: &str = "the delivery is signed with this store's secret, but speaks of another shop that is \
                                 connected here: check which store's address and secret that shop's webhook has";

/// The answer to everything that is not trusted: no signature, a wrong one, a store that is not here, another shop's.
pub(super) fn untrusted() -> Problem {
    let detail = "No store here knows this delivery: its signature is missing or was not made with a secret of the \
                  store. The dashboard's page of the store says what to check.";
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_signature", detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("HMAC-SHA256"))
}

/// What a refused delivery leaves behind.
pub(super) struct Refused {
    sender: Sender,
    request_id: RequestId,
    at: Timestamp,
    claims: Claims,
}

impl Refused {
    pub(super) const fn new(sender: Sender, request_id: RequestId, at: Timestamp, claims: Claims) -> Self {
        Self { sender, request_id, at, claims }
    }

    /// Records a bad signature for the stores it may have been meant for. Not awaited: neither the look for its cause
    /// nor the record may take time that an unknown store would not.
    pub(super) fn record_signature(self, app: &App, candidates: Vec<Candidate>, body: Bytes) {
        metrics::platform_delivery(self.sender.source(), "refused");
        if candidates.is_empty() {
            return;
        }
        let app = app.clone();
        tokio::spawn(async move {
            for candidate in candidates.iter().take(RECORDED_STORES_MAX) {
                // Asked twice: before the work that a flood must not cause, and per cause, which the work finds.
                if app.limits.explained_signatures.check(&candidate.tenant.store).is_err() {
                    continue;
                }
                let fault = trust::explain(candidate, &self.claims, &body).await;
                let fault = fault.unwrap_or(SignatureFault::Wrong);
                self.record(&app, candidate, fault.code(), fault.to_string()).await;
            }
        });
    }

    /// Records a delivery of another shop.
    pub(super) fn record_other_shop(self, app: &App, candidate: Candidate) {
        metrics::platform_delivery(self.sender.source(), "refused");
        let app = app.clone();
        tokio::spawn(async move {
            self.record(&app, &candidate, OTHER_SHOP, OTHER_SHOP_DETAIL.to_owned()).await;
        });
    }

    async fn record(&self, app: &App, candidate: &Candidate, code: &'static str, detail: String) {
        if app.limits.recorded_signatures.check(&(candidate.tenant.store, code)).is_err() {
            return;
        }
        let record = DeliveryRecord {
            id: ambient::new_id(),
            received_at: self.at,
            source: self.sender.source(),
            order_id: None,
            request_id: self.request_id.0.clone(),
            topic: self.claims.kept_topic(),
            outcome: DeliveryOutcome::Refused {
                status: StatusCode::UNAUTHORIZED.as_u16(),
                code: code.to_owned(),
                faults: vec![DeliveryFault { pointer: None, code: code.to_owned(), detail }],
            },
        };
        let tenant = candidate.tenant;
        let refusal = Refusal { organization: tenant.organization, tenant: Some(tenant), record };
        if let Err(error) = app.store.record_refusal(refusal).await {
            tracing::warn!(%error, "a refused delivery was not recorded");
        }
    }
}
