//! What a trusted delivery does. Only the storage can make it fail; whatever it says is answered with what became of
//! it.

use selektable_domain::opaque::OrderId;
use selektable_domain::order::platform::OrderNote;
use selektable_domain::platform::{Ignored, Message, PlatformOrder, PrivacyRequest};
use selektable_domain::report::DeliveryFault;
use selektable_domain::time::Timestamp;
use selektable_store::Tenant;
use selektable_store::ingest::{OrderDelivery, OrderIngested};
use selektable_store::platforms::{IgnoredDelivery, LinkSign, NoteDelivery, NoteTaken};

use super::Sender;
use super::answer::PlatformAnswer;
use super::privacy;
use super::trust::Signed;
use crate::ambient;
use crate::app::App;
use crate::http::metrics;
use crate::http::orders::{OrderAnswer, unanswered};
use crate::http::problem::Problem;

/// Code of a delivery that `WooCommerce` sends instead of an order when the webhook's owner may not read orders.
const OWNER_LOST_ACCESS: &str = "owner_lost_access";
const OWNER_LOST_ACCESS_DETAIL: &str = "the webhook's owner may not read orders any more, so the platform sends an error \
                                        instead of them: open the webhook in WooCommerce as a shop manager and save it";

/// A trusted delivery.
pub(super) struct Taking<'a> {
    pub(super) app: &'a App,
    pub(super) sender: Sender,
    pub(super) signed: &'a Signed,
    pub(super) request_id: String,
    pub(super) at: Timestamp,
    /// The topic as it is kept.
    pub(super) topic: Option<String>,
}

impl Taking<'_> {
    /// Does what the message says.
    pub(super) async fn take(self, message: Message) -> Result<PlatformAnswer, Problem> {
        let is_alive = matches!(message, Message::Order(_) | Message::Note { .. });
        if is_alive {
            self.note_signature().await;
        }
        let answer = match message {
            Message::Order(order) => self.order(*order).await,
            Message::Note { order, note } => self.note(&order, note).await,
            Message::Uninstalled => self.uninstalled().await,
            Message::Privacy(request) => self.privacy(request).await,
            Message::OwnerLostAccess => self.owner_lost_access().await,
            Message::Ignored(ignored) => self.ignored(ignored).await,
        }?;
        metrics::platform_delivery(self.sender.source(), answer.result);
        Ok(answer)
    }

    fn tenant(&self) -> Tenant {
        self.signed.candidate.tenant
    }

    /// That the secret still signs, at most once a minute: the store shows when it last did. A delivery is not lost for
    /// it.
    async fn note_signature(&self) {
        let secret = self.signed.number;
        if self.app.limits.noted_signatures.check(&(self.tenant().store, secret)).is_err() {
            return;
        }
        let noted = self.app.store.note_link(self.tenant(), LinkSign::Signed { secret }, self.at).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of a webhook secret was not noted");
        }
    }

    async fn order(&self, told: PlatformOrder) -> Result<PlatformAnswer, Problem> {
        let PlatformOrder { order, warnings, is_restored } = told;
        let id = order.id.clone();
        if is_restored {
            self.app.store.take_note(self.note_delivery(&id, OrderNote::Restored)).await?;
        }
        let delivery = OrderDelivery {
            tenant: self.tenant(),
            id: ambient::new_id(),
            conversion: ambient::new_id(),
            request_id: self.request_id.clone(),
            received_at: self.at,
            topic: self.topic.clone(),
            order,
            warnings: warnings.into_iter().map(DeliveryFault::from).collect(),
            sample: false,
        };
        let ingested = self.app.store.ingest_orders(vec![delivery]).await?.into_iter().next();
        let ingested = ingested.ok_or_else(unanswered)?;
        metrics::ingested(&ingested);
        Ok(match ingested {
            OrderIngested::Taken { conversion, outcome, decision, warnings } => {
                OrderAnswer::new(conversion, &id, outcome, &decision, warnings).into()
            }
            // The storage has recorded it, in the transaction that found it.
            OrderIngested::CurrencyChanged(changed) => PlatformAnswer {
                order_id: Some(id.to_string()),
                ..PlatformAnswer::ignored("currency_changed", changed.to_string())
            },
        })
    }

    async fn note(&self, order: &OrderId, note: OrderNote) -> Result<PlatformAnswer, Problem> {
        let taken = self.app.store.take_note(self.note_delivery(order, note)).await?;
        Ok(match taken {
            NoteTaken::Changed(conversion) => PlatformAnswer::note("noted", order, Some(conversion)),
            NoteTaken::Unchanged => PlatformAnswer::note("unchanged", order, None),
            NoteTaken::Waiting => PlatformAnswer::note("waiting", order, None),
        })
    }

    fn note_delivery(&self, order: &OrderId, note: OrderNote) -> NoteDelivery {
        NoteDelivery {
            tenant: self.tenant(),
            id: ambient::new_id(),
            conversion: ambient::new_id(),
            request_id: self.request_id.clone(),
            received_at: self.at,
            source: self.sender.source(),
            topic: self.topic.clone(),
            order: order.clone(),
            note,
        }
    }

    /// The token for looking orders up is worth nothing any more and goes. The secrets stay: what follows, such as the
    /// order to delete the shop's data, is signed with them, and so is everything when the app comes back.
    async fn uninstalled(&self) -> Result<PlatformAnswer, Problem> {
        self.app.store.set_platform_access(self.tenant(), None).await?;
        self.app.store.note_link(self.tenant(), LinkSign::Uninstalled, self.at).await?;
        Ok(PlatformAnswer::of("recorded"))
    }

    async fn privacy(&self, request: PrivacyRequest) -> Result<PlatformAnswer, Problem> {
        privacy::take(self.app, self.tenant(), request, self.at).await?;
        Ok(PlatformAnswer::of("recorded"))
    }

    async fn owner_lost_access(&self) -> Result<PlatformAnswer, Problem> {
        self.app.store.note_link(self.tenant(), LinkSign::OwnerLostAccess, self.at).await?;
        self.record_ignored(OWNER_LOST_ACCESS, Some(OWNER_LOST_ACCESS_DETAIL.to_owned())).await?;
        Ok(PlatformAnswer::ignored(OWNER_LOST_ACCESS, OWNER_LOST_ACCESS_DETAIL.to_owned()))
    }

    async fn ignored(&self, ignored: Ignored) -> Result<PlatformAnswer, Problem> {
        let detail = can_be_mended(ignored).then(|| ignored.to_string());
        self.record_ignored(ignored.code(), detail).await?;
        Ok(PlatformAnswer::ignored(ignored.code(), ignored.to_string()))
    }

    async fn record_ignored(&self, code: &str, detail: Option<String>) -> Result<(), Problem> {
        let fault = |detail| DeliveryFault { pointer: None, code: code.to_owned(), detail };
        let ignored = IgnoredDelivery {
            tenant: self.tenant(),
            id: ambient::new_id(),
            received_at: self.at,
            source: self.sender.source(),
            request_id: self.request_id.clone(),
            topic: self.topic.clone(),
            order: None,
            code: code.to_owned(),
            faults: detail.map(fault).into_iter().collect(),
        };
        Ok(self.app.store.record_ignored(ignored).await?)
    }
}

/// Whether somebody should look at it; the others come with a shop's everyday life.
const fn can_be_mended(ignored: Ignored) -> bool {
    !matches!(ignored, Ignored::Topic | Ignored::Draft | Ignored::EditWithoutOrder)
}
