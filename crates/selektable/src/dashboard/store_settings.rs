//! A store's settings. Its attribution rules have a page of their own.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_store::settings::{Platform, StoreSettings};

use super::access::InStore;
use super::connect::{SHOP_HOST, shop_host};
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
}

fn values_of(settings: &StoreSettings) -> Values {
    let origins = settings.origins.join("\n");
    let common = [
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

fn view(place: &InStore, values: &Values, faults: Faults, asked: &Values) -> StoreSettingsPage {
    StoreSettingsPage {
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
        faults,
    }
}

/// `GET /stores/{store}/settings`
pub(crate) async fn show(place: InStore, Asked(asked): Asked) -> PageResult {
    page(&view(&place, &values_of(&place.store.settings), Faults::default(), &asked))
}

/// `POST /stores/{store}/settings`
pub(crate) async fn save(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let basics = Basics::read(&values, &mut faults);
    let shop_host = match place.store.platform {
        Platform::Shopify => faults.take(SHOP_HOST, "The shop's own name", shop_host(values.get(SHOP_HOST))),
        Platform::WooCommerce | Platform::Custom => Some(place.store.settings.shop_host.clone()),
    };
    let settings =
        basics.with_traits(values.ticked("keep_traits")).zip(shop_host).filter(|_| faults.is_empty());
    let Some((settings, shop_host)) = settings else {
        let page = view(&place, &values, faults, &Values::default());
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let settings = StoreSettings { shop_host, ..settings };
    app.store.update_store(place.tenant, settings).await?;
    let path = address::store(place.store.id, "/settings");
    Ok(see(&address::with_query(&path, &[("saved", "1")])))
}
