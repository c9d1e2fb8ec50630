//! What comes in, and what is answered.

use selektable_domain::attribution::{Change, Decision, Seal};
use selektable_domain::id::{ConversionId, DeliveryId, OrganizationId};
use selektable_domain::ledger::LedgerEntry;
use selektable_domain::opaque::{EventId, SessionId, UserId, VisitorId};
use selektable_domain::order::Order;
use selektable_domain::order::platform::Token;
use selektable_domain::order::version::{CurrencyChanged, Outcome};
use selektable_domain::report::{ConversionRecord, DeliveryFault, DeliveryRecord};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::Visualization;

use crate::Tenant;

/// Most refusals kept per organization; the oldest go first.
pub const REFUSALS_KEPT_MAX: u32 = 2_000;

/// One order, parsed and authorized.
#[derive(Clone, Debug)]
pub struct OrderDelivery {
    /// Whose it is.
    pub tenant: Tenant,
    /// The delivery's id.
    pub id: DeliveryId,
    /// The id of its conversion, if it is the first of its order.
    pub conversion: ConversionId,
    /// The request it came in.
    pub request_id: String,
    /// When it reached us.
    pub received_at: Timestamp,
    /// The topic, as a platform named it.
    pub topic: Option<String>,
    /// The order.
    pub order: Order,
    /// What the parser found odd.
    pub warnings: Vec<DeliveryFault>,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

/// What became of one order.
#[derive(Clone, Debug)]
pub enum OrderIngested {
    /// It is on disk (also when it changed nothing).
    Taken {
        /// Which conversion.
        conversion: ConversionId,
        /// What it did.
        outcome: Outcome,
        /// The decision that holds now.
        decision: Box<Decision>,
        /// The parser's warnings, and those that need the store's knowledge: `visitor_never_seen`,
        /// `unknown_product`.
        warnings: Vec<DeliveryFault>,
    },
    /// Refused: the order is known in another currency. Kept as a refused delivery.
    CurrencyChanged(CurrencyChanged),
}

/// A delivery that was refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Whose key it came with.
    pub organization: OrganizationId,
    /// The store it was for, when it named one of the organization's.
    pub tenant: Option<Tenant>,
    /// The record; its outcome is `Refused`.
    pub record: DeliveryRecord,
}

/// A visualization to record.
#[derive(Clone, Debug)]
pub struct NewVisualization {
    /// Whose it is.
    pub tenant: Tenant,
    /// What was shown, to whom, when. A known id makes the call a repetition: nothing changes.
    pub visualization: Visualization,
    /// What made the picture (`builtin`), or `None` when a server recorded it.
    pub renderer: Option<String>,
    /// The picture, when we made it.
    pub picture: Option<StoredPicture>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

/// A picture's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPicture {
    /// The secret part of its address: 128 random bits as text.
    pub token: String,
    /// Such as `image/jpeg`.
    pub media_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
    /// When it is deleted.
    pub expires_at: Timestamp,
}

/// What became of a visualization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisualizationRecorded {
    /// `false` when its id was known: nothing changed.
    pub created: bool,
    /// The kept picture's token and end, also for a repetition, while there is one.
    pub picture: Option<(String, Timestamp)>,
    /// Conversions whose decision it changed.
    pub redecided: u64,
}

/// Events of one browser.
#[derive(Clone, Debug)]
pub struct EventBatch {
    /// Whose they are.
    pub tenant: Tenant,
    /// The browser.
    pub visitor: VisitorId,
    /// The tab's session.
    pub session: SessionId,
    /// When they reached us.
    pub received_at: Timestamp,
    /// The events. Those with a known id are passed over.
    pub events: Vec<Event>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The browser's id for it.
    pub id: EventId,
    /// When it happened, by our clock.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

/// What happened in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Anything that is only counted: `page`, `exposure`, `widget_open`, `widget_close`, `add_to_cart`, `view_cart`,
    /// `checkout`, `custom`.
    Seen {
        /// The event's type.
        name: String,
        /// What belongs to it, as JSON of an object, at most some kilobytes, free of personal data by the script's
        /// own rules (no query strings, no form values).
        properties: String,
    },
    /// The shop says who the visitor is.
    Identify {
        /// The customer.
        user: UserId,
        /// Traits as JSON of an object; kept only if the store says so.
        traits: Option<String>,
    },
    /// The browser says that a cart or a checkout is its own, so that the order made of it finds its visitor.
    Claim {
        /// Tokens of the cart and the checkout, at least one.
        tokens: Vec<Token>,
    },
}

/// What became of a batch of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventsRecorded {
    /// New ones.
    pub recorded: u64,
    /// Known ones.
    pub duplicates: u64,
    /// Conversions whose decision a link changed.
    pub redecided: u64,
}

/// A conversion with what its decision rests on.
#[derive(Clone, Debug)]
pub struct ExplainedConversion {
    /// The conversion as lists show it.
    pub record: ConversionRecord,
    /// The decision with every candidate.
    pub decision: Decision,
    /// What would have made another one, the smallest change first.
    pub changes: Vec<Change>,
    /// What the order was worth when, oldest first, at most the 200 latest entries.
    pub ledger: Vec<LedgerEntry>,
    /// The stored decision's seal.
    pub seal: Seal,
    /// Its deliveries, newest first, at most 100.
    pub deliveries: Vec<DeliveryRecord>,
}
