//! Stores and widgets, and what can be set on them.

use selektable_domain::id::{OrganizationId, StoreId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::retention::EventDays;
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Schedule;
use selektable_domain::time::{Timestamp, Zone};

/// What sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// A site of the shop's own making.
    Custom,
    /// Shopify.
    Shopify,
    /// WooCommerce.
    WooCommerce,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 3] = [Self::Custom, Self::Shopify, Self::WooCommerce];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
        }
    }

    /// Reads [`Platform::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.code() == code)
    }
}

/// What a widget shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WidgetType {
    /// A product in the shopper's room.
    RoomVisualizer,
    /// A product on the shopper.
    VirtualTryOn,
}

impl WidgetType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::RoomVisualizer, Self::VirtualTryOn];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RoomVisualizer => "room-visualizer",
            Self::VirtualTryOn => "virtual-try-on",
        }
    }

    /// Reads [`WidgetType::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A store to make.
#[derive(Clone, Debug)]
pub struct NewStore {
    /// Its id.
    pub id: StoreId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What sells.
    pub platform: Platform,
    /// The rest; its rules start as [`Ruleset::FIRST`].
    pub settings: StoreSettings,
    /// Secret of the platform's webhooks, where one was given.
    pub webhook_secret: Option<WebhookSecret>,
    /// Whether we made that secret, and may show it again.
    pub webhook_secret_made_by_us: bool,
    /// Its first widget.
    pub widget: NewWidget,
    /// When.
    pub created_at: Timestamp,
}

/// What can be set on a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// Its name.
    pub name: String,
    /// Origins of its pages, such as `https://shop.example`; any origin may use the widget while there is none.
    pub origins: Vec<String>,
    /// For orders that name none.
    pub currency: Currency,
    /// Days of its reports.
    pub zone: Zone,
    /// Whether traits given to `identify()` are kept.
    pub keep_traits: bool,
    /// For how many days raw browser events are kept; `None`: until they are erased.
    pub keep_events: Option<EventDays>,
    /// The platform's own name for the shop, such as `shop.myshopify.com`: a host name in lower case.
    pub shop_host: Option<String>,
}

impl StoreSettings {
    /// Every host name of the shop, lower case, without port: the platform's own name and those of its pages.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        let of_origin = |origin: &String| {
            let authority = origin.split_once("://").map_or(origin.as_str(), |(_, rest)| rest);
            host_of(authority)
        };
        let mut hosts: Vec<String> =
            self.shop_host.iter().cloned().chain(self.origins.iter().filter_map(of_origin)).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

/// The host name of `host:port` or `[v6]:port`, lower case; `None` when there is none.
#[must_use]
pub fn host_of(authority: &str) -> Option<String> {
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(host, _)| host)?,
        None => authority.split(':').next().unwrap_or_default(),
    };
    (!host.is_empty()).then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

/// A store as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreRecord {
    /// Its id.
    pub id: StoreId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What sells.
    pub platform: Platform,
    /// What can be set.
    pub settings: StoreSettings,
    /// The rules in force for what happens now.
    pub ruleset: Ruleset,
    /// Which rules are in force when.
    pub schedule: Schedule,
    /// Its widgets, oldest first.
    pub widgets: Vec<WidgetRecord>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether conversions are still being decided again, after a change of rules or of many facts at once. Until
    /// then figures stand as they were before it.
    pub redeciding: bool,
    /// Secrets that its platform's webhooks may be signed with, newest first, each with its number.
    pub secrets: Vec<(u32, WebhookSecret)>,
}

/// A widget to make.
#[derive(Clone, Debug)]
pub struct NewWidget {
    /// Its id.
    pub id: WidgetId,
    /// What it shows.
    pub kind: WidgetType,
    /// What can be set.
    pub settings: WidgetSettings,
    /// When.
    pub created_at: Timestamp,
}

/// What can be set on a widget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetSettings {
    /// Its name.
    pub name: String,
    /// The shop's accent colour, `#rrggbb`.
    pub accent: Option<String>,
    /// Hours after which a picture is deleted, 1 to 720 (SPEC section 4).
    pub retention_hours: u16,
}

/// Shortest, usual and longest retention of pictures, in hours (SPEC section 4).
pub const RETENTION_HOURS_MIN: u16 = 1;
/// See [`RETENTION_HOURS_MIN`].
pub const RETENTION_HOURS_DEFAULT: u16 = 24;
/// See [`RETENTION_HOURS_MIN`].
pub const RETENTION_HOURS_MAX: u16 = 720;

/// A widget as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetRecord {
    /// Its id.
    pub id: WidgetId,
    /// What it shows.
    pub kind: WidgetType,
    /// What can be set.
    pub settings: WidgetSettings,
    /// When it was made.
    pub created_at: Timestamp,
}
