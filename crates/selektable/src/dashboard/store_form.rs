//! What a merchant types about a store, shared by set-up, new stores and settings: read once, with every fault.

use selektable_domain::id::{OrganizationId, StoreId};
use selektable_domain::money::Currency;
use selektable_domain::time::Zone;
use selektable_store::settings::{
    NewStore, NewWidget, Platform, RETENTION_HOURS_DEFAULT, StoreSettings, WidgetSettings, WidgetType,
};

use super::connect::make_secret;
use super::error::PageError;
use super::form::{self, Faults, Field, Input, Values};
use super::options::{Choice, Options};
use crate::ambient;
use crate::http::cors::origin_of_domain;
use crate::words::platform as words;

/// Most origins of one store.
const ORIGINS_MAX: usize = 50;

/// Offered while typing; any code of ISO 4217 in use is taken.
const COMMON_CURRENCIES: [&str; 20] = [
    "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "JPY", "CAD", "AUD", "NZD", "INR", "BRL",
    "MXN", "SGD", "HKD", "ZAR", "KWD",
];

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a site's address, such as https://shop.example, without a path")]
struct OriginFault;

/// A site's origin; `shop.example` is read as `https://shop.example`.
fn origin(text: &str) -> Result<String, OriginFault> {
    origin_of_domain(text).ok_or(OriginFault)
}

/// Reads the fields that every store form has.
pub(crate) struct Basics {
    /// The store's name.
    pub name: Option<String>,
    /// Where its pages are.
    pub origins: Vec<String>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its zone.
    pub zone: Option<Zone>,
}

impl Basics {
    /// Notes every fault.
    pub(crate) fn read(values: &Values, faults: &mut Faults) -> Self {
        let lines = values.get("origins").lines().map(str::trim).filter(|line| !line.is_empty());
        let mut origins: Vec<String> = lines
            .filter_map(|line| faults.take("origins", &format!("“{}”", clip(line)), origin(line)))
            .collect();
        origins.sort();
        origins.dedup();
        if origins.len() > ORIGINS_MAX {
            faults.add("origins", "A store has at most 50 sites.");
        }
        Self {
            name: faults.take("store", "The store's name", form::name(values.get("store"))),
            origins,
            currency: faults.take("currency", "The currency", Currency::parse(values.get("currency"))),
            zone: faults.take("zone", "The time zone", Zone::parse(values.get("zone"))),
        }
    }

    /// Settings of a new store; `None` when something was missing.
    pub(crate) fn into_new(self) -> Option<StoreSettings> {
        Some(StoreSettings {
            name: self.name?,
            origins: self.origins,
            currency: self.currency?,
            zone: self.zone?,
            keep_traits: false,
            keep_events: None,
            shop_host: None,
        })
    }

    /// Settings with the choice about traits; `None` when something was missing.
    pub(crate) fn with_traits(self, keep_traits: bool) -> Option<StoreSettings> {
        Some(StoreSettings { keep_traits, ..self.into_new()? })
    }
}

/// The field for the platform.
pub(crate) const PLATFORM: &str = "platform";

/// The question where a new store sells.
#[must_use]
pub(crate) fn platform_options(values: &Values, faults: &Faults) -> Options {
    let choice = |platform: Platform| {
        let hint = match platform {
            Platform::Custom => "Your own server sends each order, with a key.",
            Platform::Shopify => "Orders arrive by Shopify's webhooks; you paste a script and a key.",
            Platform::WooCommerce => "Orders arrive by a plugin for WordPress that you download here.",
        };
        Choice::new(platform.code(), words::platform(platform), hint)
    };
    let choices = [Platform::Shopify, Platform::WooCommerce, Platform::Custom].map(choice).to_vec();
    Options::new(PLATFORM, "Where does it sell?", choices, values, faults)
        .hint("It can't be changed later; a store can be added at any time.")
}

/// The platform chosen; a form that says nothing means a site of the shop's own.
pub(crate) fn read_platform(values: &Values, faults: &mut Faults) -> Option<Platform> {
    let code = values.get(PLATFORM);
    let platform = if code.is_empty() { Some(Platform::Custom) } else { Platform::from_code(code) };
    if platform.is_none() {
        faults.add(PLATFORM, "Choose where the store sells.");
    }
    platform
}

/// A store to make, with its first widget. One on `WooCommerce` gets its secret at once: its plugin carries it. On
/// Shopify the platform makes the key.
pub(crate) fn new_store(
    id: StoreId,
    organization: OrganizationId,
    platform: Platform,
    settings: StoreSettings,
) -> Result<NewStore, PageError> {
    let makes_secret = platform == Platform::WooCommerce;
    Ok(NewStore {
        id,
        organization,
        platform,
        settings,
        webhook_secret: makes_secret.then(make_secret).transpose()?,
        webhook_secret_made_by_us: makes_secret,
        widget: first_widget(),
        created_at: ambient::now(),
    })
}

fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The fields of [`Basics`], holding what was typed.
#[must_use]
pub(crate) fn basic_fields(values: &Values, faults: &Faults) -> Vec<Field> {
    let fields = [
        Field::line("store", "Store name").value(values.get("store")),
        Field::line("origins", "Sites of the store")
            .input(Input::Lines)
            .hint("One a line, such as https://shop.example. Browsers may use the widget from these sites only; from any site while there is none.")
            .value(values.get("origins")),
        Field::line("currency", "Currency")
            .input(Input::Suggested(COMMON_CURRENCIES.map(str::to_owned).to_vec()))
            .hint("ISO 4217 code; used for orders that name none.")
            .value(values.get("currency")),
        Field::line("zone", "Time zone")
            .input(Input::Suggested(zone_names()))
            .hint("Days of every report begin at midnight here.")
            .value(values.get("zone")),
    ];
    fields.into_iter().map(|field| field.judged(faults)).collect()
}

fn zone_names() -> Vec<String> {
    let names = jiff::tz::TimeZoneDatabase::bundled();
    let places = names.available().map(|name| name.to_string());
    places.filter(|name| (name.contains('/') && !name.starts_with("Etc/")) || name == "UTC").collect()
}

/// The first widget of a new store.
#[must_use]
fn first_widget() -> NewWidget {
    NewWidget {
        id: ambient::new_id(),
        kind: WidgetType::RoomVisualizer,
        settings: WidgetSettings {
            name: "Room visualizer".to_owned(),
            accent: None,
            retention_hours: RETENTION_HOURS_DEFAULT,
        },
        created_at: ambient::now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_store_is_named_at_once() {
        let mut faults = Faults::default();
        let values = Values::from([
            ("store", ""),
            ("origins", "a b\nshop.example"),
            ("currency", "XXX"),
            ("zone", "Mars"),
        ]);
        assert!(Basics::read(&values, &mut faults).into_new().is_none());
        let fields = basic_fields(&values, &faults);
        assert!(fields.iter().all(|field| field.error.is_some()));
    }
}
