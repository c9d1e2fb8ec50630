//! A store's settings. Its attribution rules have a page of their own.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::retention::{EventDays, EventDaysFault};
use selektable_store::settings::{Platform, StoreSettings};

use super::access::InStore;
use super::connect::{SHOP_HOST, shop_host};
use super::error::PageError;
use super::figures::rules_line;
use super::form::{Asked, Faults, Field, Input, Posted, Values};
use super::page::{PageResult, Shell, StoreTab, address, page, page_with, see};
use super::parts::IdText;
use super::store_form::{self, Basics};
use crate::app::App;

#[derive(Template)]
#[template(path = "dashboard/store_settings.html")]
struct StoreSettingsPage {
    shell: Shell,
    path: String,
    store_id: IdText,
    organization_id: IdText,
    saved: bool,
    rules: String,
    rules_href: String,
    privacy_href: String,
    faults: Faults,
    basics: Vec<Field>,
    shop_host: Option<Field>,
    keep_traits: Field,
    keep_events: Field,
    /// Since when browser events are there, where some are gone.
    events_from: Option<String>,
}

/// The field for how long browser events are kept.
const KEEP_EVENTS: &str = "keep_events_days";

/// Days, or nothing for as long as they are not erased.
fn keep_events(values: &Values) -> Result<Option<EventDays>, EventDaysFault> {
    let text = values.get(KEEP_EVENTS).trim();
    if text.is_empty() { Ok(None) } else { EventDays::parse(text).map(Some) }
}

fn values_of(settings: &StoreSettings) -> Values {
    let origins = settings.origins.join("\n");
    let days = settings.keep_events.map(|days| days.days().to_string()).unwrap_or_default();
    let common = [
        (KEEP_EVENTS, days.as_str()),
        ("store", settings.name.as_str()),
        ("origins", origins.as_str()),
        ("currency", settings.currency.code()),
        ("zone", settings.zone.name()),
        (SHOP_HOST, settings.shop_host.as_deref().unwrap_or_default()),
    ];
    if settings.keep_traits {
        common.into_iter().chain([("keep_traits", "on")]).collect()
    } else {
        common.into()
    }
}

async fn view(
    app: &App,
    place: &InStore,
    values: &Values,
    faults: Faults,
    asked: &Values,
) -> Result<StoreSettingsPage, PageError> {
    let events_from = app.store.events_kept_from(place.tenant).await?;
    Ok(StoreSettingsPage {
        shell: Shell::store("Settings", place, StoreTab::Settings),
        path: address::store(place.store.id, "/settings"),
        store_id: IdText::new(&place.store.id),
        organization_id: IdText::new(&place.organization.id),
        saved: asked.ticked("saved"),
        rules: rules_line(&place.store.ruleset),
        rules_href: address::store(place.store.id, "/rules"),
        privacy_href: address::store(place.store.id, "/privacy"),
        basics: store_form::basic_fields(values, &faults),
        shop_host: (place.store.platform == Platform::Shopify).then(|| {
            Field::line(SHOP_HOST, "The shop's own name at Shopify")
                .hint("Such as nordhem.myshopify.com. Its deliveries name it.")
                .value(values.get(SHOP_HOST))
                .judged(&faults)
        }),
        keep_traits: Field::line("keep_traits", "Keep traits given to identify()")
            .input(Input::Tick)
            .hint("Off: only the customer's id is kept. Traits may be personal data.")
            .value(if values.ticked("keep_traits") { "on" } else { "" }),
        keep_events: Field::line(KEEP_EVENTS, "Days for which browser events are kept")
            .hint("30 to 3650; empty: until you erase them. Older page views, exposures and other events of the script go, by whole months. Visualizations, orders, logins and every figure stay.")
            .value(values.get(KEEP_EVENTS))
            .judged(&faults),
        events_from: events_from.map(|from| from.to_rfc3339().chars().take(10).collect()),
        faults,
    })
}

/// `GET /stores/{store}/settings`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    page(&view(&app, &place, &values_of(&place.store.settings), Faults::default(), &asked).await?)
}

/// `POST /stores/{store}/settings`
pub(crate) async fn save(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let basics = Basics::read(&values, &mut faults);
    let shop_host = match place.store.platform {
        Platform::Shopify => faults.take(SHOP_HOST, "The shop's own name", shop_host(values.get(SHOP_HOST))),
        Platform::WooCommerce | Platform::Custom => Some(place.store.settings.shop_host.clone()),
    };
    let keep_events = faults.take(KEEP_EVENTS, "The number of days", keep_events(&values));
    let settings = basics
        .with_traits(values.ticked("keep_traits"))
        .zip(shop_host)
        .zip(keep_events)
        .filter(|_| faults.is_empty());
    let Some(((settings, shop_host), keep_events)) = settings else {
        let page = view(&app, &place, &values, faults, &Values::default()).await?;
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let settings = StoreSettings { shop_host, keep_events, ..settings };
    app.store.update_store(place.tenant, settings).await?;
    let path = address::store(place.store.id, "/settings");
    Ok(see(&address::with_query(&path, &[("saved", "1")])))
}
