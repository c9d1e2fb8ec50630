//! Connecting a store that sells on a platform: what to do on which of its screens, with the store's own values filled
//! in, and whether orders arrive.

mod plugin;
mod secrets;
mod shop;
mod shopify;
mod standing;
mod woocommerce;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderName, HeaderValue, StatusCode, header};
use selektable_domain::report::connection::Platform;
use selektable_store::platforms::SecretRecord;

use super::access::InStore;
use super::error::PageError;
use super::form::{Asked, Faults, Values};
use super::page::{PageResult, Shell, StoreTab, address, page, page_with, see};
use super::snippets::{Connection, KEY_PLACEHOLDER};
use crate::app::App;
use crate::words::platform as words;
use plugin::StoreValues;
pub(super) use secrets::make as make_secret;
pub(super) use shop::{SHOP_HOST, shop_host};
use shopify::ShopifySteps;
use standing::Standing;
pub(super) use standing::{Alarm, alarm, pause, platform_of, read as read_standing, visitor};
use woocommerce::WooCommerceSteps;

/// The file name of the plugin, which is what `WordPress` shows while it installs it.
const PLUGIN_FILE: &str = "attachment; filename=\"selektable.zip\"";

/// The pages' routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/stores/{store}/connect", get(show))
        .route("/stores/{store}/connect/shop", post(shop::save))
        .route("/stores/{store}/connect/secrets", post(secrets::add_pasted))
        .route("/stores/{store}/connect/secrets/make", post(secrets::add_made))
        .route("/stores/{store}/connect/secrets/remove", post(secrets::remove))
        .route("/stores/{store}/connect/selektable.zip", get(download))
}

#[derive(Template)]
#[template(path = "dashboard/connect/page.html")]
struct ConnectPage {
    shell: Shell,
    path: String,
    platform: &'static str,
    saved: bool,
    faults: Faults,
    standing: Standing,
    steps: Steps,
    store_id: String,
    organization_id: String,
    widget_id: String,
    install_href: String,
}

enum Steps {
    Shopify(Box<ShopifySteps>),
    WooCommerce(Box<WooCommerceSteps>),
}

/// `GET /stores/{store}/connect`. A site of the shop's own is connected on the install page.
async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    if platform_of(&place).is_err() {
        return Ok(see(&address::store(place.store.id, "/install")));
    }
    page(&view(&app, &place, Faults::default(), &asked).await?)
}

/// The page again, with what is wrong with the form that was sent.
async fn show_again(
    app: &App,
    place: &InStore,
    faults: Faults,
    values: &Values,
    status: StatusCode,
) -> PageResult {
    page_with(status, &view(app, place, faults, values).await?)
}

async fn view(app: &App, place: &InStore, faults: Faults, values: &Values) -> Result<ConnectPage, PageError> {
    let platform = platform_of(place)?;
    let path = address::store(place.store.id, "/connect");
    let (standing, secrets) = futures::try_join!(
        standing::view(app, place, platform, &path),
        app.store.webhook_secrets(place.tenant),
    )?;
    let connection = connection(app, place)?;
    let list = secrets::view(place, &secrets, &faults, &path);
    let steps = match platform {
        Platform::Shopify => {
            Steps::Shopify(Box::new(shopify::steps(place, &connection, list, &faults, values, &path)))
        }
        Platform::WooCommerce => {
            Steps::WooCommerce(Box::new(woocommerce::steps(place, &connection, list, &secrets, &path)))
        }
    };
    Ok(ConnectPage {
        shell: Shell::store("Connect", place, StoreTab::Connect),
        platform: words::platform(place.store.platform),
        path,
        saved: values.ticked("saved"),
        faults,
        standing,
        steps,
        store_id: connection.store.to_string(),
        organization_id: connection.organization.to_string(),
        widget_id: connection.widget.to_string(),
        install_href: address::store(place.store.id, "/install"),
    })
}

fn connection(app: &App, place: &InStore) -> Result<Connection, PageError> {
    let no_widget = || PageError::Internal("a store without a widget".to_owned());
    Ok(Connection {
        host: app.url(""),
        organization: place.organization.id,
        store: place.store.id,
        widget: place.store.widgets.first().ok_or_else(no_widget)?.id,
        currency: place.store.settings.currency,
        key: KEY_PLACEHOLDER.to_owned(),
    })
}

/// Where a platform sends a store's orders.
fn webhook_url(connection: &Connection, platform: Platform) -> String {
    let name = match platform {
        Platform::Shopify => "shopify",
        Platform::WooCommerce => "woocommerce",
    };
    format!("{}/api/webhooks/{name}/{}/orders", connection.host, connection.store)
}

/// The secret that the plugin gets: the newest one of our making, else the newest.
fn plugin_secret(secrets: &[SecretRecord]) -> Option<&SecretRecord> {
    secrets.iter().find(|secret| secret.made_by_us).or(secrets.first())
}

/// `GET /stores/{store}/connect/selektable.zip`: the plugin with the store's own values. Without a secret it would be
/// of no use: back to where one is made.
async fn download(State(app): State<App>, place: InStore) -> PageResult {
    if platform_of(&place)? != Platform::WooCommerce {
        return Err(PageError::NotFound);
    }
    let secrets = app.store.webhook_secrets(place.tenant).await?;
    let Some(secret) = plugin_secret(&secrets) else {
        return Ok(see(&format!("{}#secrets", address::store(place.store.id, "/connect"))));
    };
    let connection = connection(&app, &place)?;
    let zip = plugin::zip(&StoreValues {
        host: &connection.host,
        store: &connection.store.to_string(),
        widget: &connection.widget.to_string(),
        secret: secret.secret.reveal(),
    });
    zip.map(attachment).map_err(|fault| PageError::Internal(fault.to_string()))
}

/// A zip to be saved; `guard_headers` adds `Cache-Control: no-store`.
fn attachment(bytes: Vec<u8>) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(PLUGIN_FILE)),
    ];
    (headers, bytes).into_response()
}
