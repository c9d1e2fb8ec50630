//! Stores that sell on a platform: how its deliveries are known to be theirs, what arrives, and what was looked up at
//! the platform itself.

use selektable_domain::id::{ConversionId, DeliveryId};
use selektable_domain::opaque::OrderId;
use selektable_domain::order::Source;
use selektable_domain::order::platform::{Carrier, LeftOut, OrderNote};
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::report::DeliveryFault;
use selektable_domain::report::reconciliation::Comparison;
use selektable_domain::time::Timestamp;

use crate::Tenant;

/// Most runs of a pull that are kept per store.
pub const PULLS_KEPT_MAX: u32 = 200;
/// Most topics of a store that are counted; platforms have some dozens that concern orders.
pub const TOPICS_MAX: u32 = 100;
/// Most lines of one run that are kept.
pub const PULL_LINES_MAX: usize = 500;
/// Most delivery times of [`PlatformHealth::recent`].
pub const RECENT_MAX: u32 = 200;
/// Most privacy requests that are listed.
pub const PRIVACY_REQUESTS_MAX: u32 = 500;

/// A store's secret for signed webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRecord {
    /// Names it within its store.
    pub number: u32,
    /// The secret.
    pub secret: WebhookSecret,
    /// Whether we made it (and may show it again), or it was pasted.
    pub made_by_us: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When a delivery was last signed with it, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What became of a secret that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretAdded {
    /// It signs from now on; its number.
    Added(u32),
    /// It was there already; its number.
    Known(u32),
    /// The store has [`SECRETS_MAX`](selektable_domain::platform::secret::SECRETS_MAX) already.
    TooMany,
}

/// How orders are looked up at the platform itself.
#[derive(Clone, PartialEq, Eq)]
pub enum PlatformAccess {
    /// `WooCommerce`'s REST API.
    WooCommerce {
        /// The shop's address, such as `https://shop.example/`.
        address: String,
        /// `ck_…`.
        key: String,
        /// `cs_…`.
        secret: String,
    },
    /// Shopify's Admin API.
    Shopify {
        /// `https://NAME.myshopify.com/`.
        address: String,
        /// `shpat_…`.
        token: String,
    },
}

impl PlatformAccess {
    /// The shop's address.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::WooCommerce { address, .. } | Self::Shopify { address, .. } => address,
        }
    }
}

impl std::fmt::Debug for PlatformAccess {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PlatformAccess({}, …)", self.address())
    }
}

/// How a store hangs together with its platform, besides its secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformLink {
    /// How orders are looked up; `None` while nobody entered it.
    pub access: Option<PlatformAccess>,
    /// When the platform said that the app was removed; `None` again after the next good delivery.
    pub uninstalled_at: Option<Timestamp>,
    /// When the webhook's owner last had no right to read orders; `None` again after the next order.
    pub owner_lost_access_at: Option<Timestamp>,
}

/// What a platform said about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkSign {
    /// A delivery was signed with the secret of this number.
    Signed {
        /// Which.
        secret: u32,
    },
    /// The app was removed.
    Uninstalled,
    /// The webhook's owner may not read orders.
    OwnerLostAccess,
}

/// A note about an order, authorized.
#[derive(Clone, Debug)]
pub struct NoteDelivery {
    /// Whose it is.
    pub tenant: Tenant,
    /// The delivery's id.
    pub id: DeliveryId,
    /// Id for the conversion, if the order is not known yet.
    pub conversion: ConversionId,
    /// The request it came in.
    pub request_id: String,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Which platform told.
    pub source: Source,
    /// The topic, as the platform named it.
    pub topic: Option<String>,
    /// Which order.
    pub order: OrderId,
    /// What.
    pub note: OrderNote,
}

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteTaken {
    /// The order changed.
    Changed(ConversionId),
    /// It was known already, or changes nothing.
    Unchanged,
    /// The order is not here yet; the note waits for it.
    Waiting,
}

/// A platform's delivery that nothing was kept of but this.
#[derive(Clone, Debug)]
pub struct IgnoredDelivery {
    /// Whose it is.
    pub tenant: Tenant,
    /// Its id.
    pub id: DeliveryId,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Which platform.
    pub source: Source,
    /// The request it came in.
    pub request_id: String,
    /// The topic, as the platform named it.
    pub topic: Option<String>,
    /// The order it spoke of, where that could be read.
    pub order: Option<OrderId>,
    /// Why nothing is kept: a stable code.
    pub code: String,
    /// What could be mended, if anything.
    pub faults: Vec<DeliveryFault>,
}

/// Deliveries of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSeen {
    /// The topic; empty for deliveries without one.
    pub topic: String,
    /// When the first one came.
    pub first_at: Timestamp,
    /// When the latest one came.
    pub last_at: Timestamp,
    /// How many.
    pub deliveries: u64,
}

/// Refused or ignored deliveries of one kind in the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSeen {
    /// The stable code.
    pub code: String,
    /// How many.
    pub deliveries: u64,
    /// The latest.
    pub last_at: Timestamp,
}

/// How a platform's deliveries go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformHealth {
    /// Every topic that ever came, by name.
    pub topics: Vec<TopicSeen>,
    /// Refused deliveries of the range (a bad signature, above all), most first.
    pub refused: Vec<CodeSeen>,
    /// Ignored deliveries of the range, most first.
    pub ignored: Vec<CodeSeen>,
    /// Orders of the platform that happened in the range and that figures don't leave out.
    pub orders: u64,
    /// Those by how their visitor came to be known, in the order of [`Carrier::ALL`]; `None` (last): none is known.
    pub carriers: Vec<(Option<Carrier>, u64)>,
    /// Orders of the range besides those, which figures leave out, by why.
    pub left_out: Vec<(LeftOut, u64)>,
    /// When the latest deliveries that carried orders came, newest first, at most [`RECENT_MAX`].
    pub recent: Vec<Timestamp>,
    /// How the store hangs together with its platform.
    pub link: PlatformLink,
}

/// What a pull does with what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullMode {
    /// Takes orders in.
    BringIn,
    /// Only compares.
    Compare,
}

impl PullMode {
    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BringIn => "bring_in",
            Self::Compare => "compare",
        }
    }

    /// Reads [`PullMode::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::BringIn, Self::Compare].into_iter().find(|mode| mode.code() == code)
    }
}

/// How far a pull is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullState {
    /// It goes on, or was interrupted: a later one with the same beginning goes on at its cursor.
    Running,
    /// It saw everything.
    Done,
    /// It gave up, with a sentence of what to do.
    Failed(String),
}

/// Orders of a time that were looked up at the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRun {
    /// Names it within its store: when it began.
    pub started_at: Timestamp,
    /// What it does.
    pub mode: PullMode,
    /// Orders changed since then.
    pub since: Timestamp,
    /// Where to read on, in the platform's own terms.
    pub cursor: Option<String>,
    /// How far it is.
    pub state: PullState,
    /// When it last moved on.
    pub updated_at: Timestamp,
    /// Orders the platform has.
    pub orders: u64,
    /// Those that were not here.
    pub missing: u64,
    /// Those that were here otherwise.
    pub differing: u64,
    /// Those that were the same.
    pub same: u64,
    /// Those that can't be taken, or are no orders (drafts).
    pub passed_over: u64,
    /// The first [`PULL_LINES_MAX`] that were missing, differed or were passed over.
    pub lines: Vec<PullLine>,
}

/// One order that was not here as the platform has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullLine {
    /// Which.
    pub order: OrderId,
    /// The number the merchant knows it by.
    pub number: Option<String>,
    /// What was found.
    pub found: Comparison,
}

/// A request under privacy law that a platform passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyRecord {
    /// Names it within its store.
    pub number: u32,
    /// `data`, `erase_customer` or `erase_shop`.
    pub kind: String,
    /// The platform's id of the customer, where said.
    pub customer: Option<String>,
    /// The customer's orders.
    pub orders: Vec<OrderId>,
    /// When it came; it is due 30 days later.
    pub received_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// Days in which a privacy request is to be done (Shopify's privacy law compliance page).
pub const PRIVACY_DAYS: i64 = 30;
