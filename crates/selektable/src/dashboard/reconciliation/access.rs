//! How orders are looked up at the platform: entered here, tried once, and kept only if it works.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::fault::Fault;
use selektable_domain::report::connection::Platform;
use selektable_store::platforms::PlatformAccess;

use super::{interface, view};
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::connect::platform_of;
use crate::dashboard::form::{Faults, Field, Input, Posted, Values};
use crate::dashboard::page::{PageResult, address, page_with, see};
use crate::pulls;
use crate::pulls::access::Entered;

const FIELDS: [&str; 4] = ["address", "key", "secret", "token"];

/// The form and what is set.
#[derive(Template)]
#[template(path = "dashboard/parts/platform_access.html")]
pub(super) struct AccessForm {
    path: String,
    interface: &'static str,
    how: &'static str,
    pub(super) set_for: Option<String>,
    fields: Vec<Field>,
    is_open: bool,
}

impl askama::filters::HtmlSafe for AccessForm {}

/// The form; keys are never shown again.
pub(super) fn form(
    place: &InStore,
    access: Option<&PlatformAccess>,
    values: &Values,
    faults: &Faults,
    path: &str,
) -> AccessForm {
    let is_shopify = platform_of(place).is_ok_and(|platform| platform == Platform::Shopify);
    let stored = access.map(|access| access.address().to_owned());
    let known = if is_shopify {
        place.store.settings.shop_host.as_ref().map(|host| format!("https://{host}/"))
    } else {
        place.store.settings.origins.first().map(|origin| format!("{origin}/"))
    };
    let typed = values.get("address");
    let value =
        if typed.is_empty() { stored.clone().or(known).unwrap_or_default() } else { typed.to_owned() };
    let secret = |name, label: &'static str, hint: &str| {
        Field::line(name, label).input(Input::Line("password")).hint(hint).autocomplete("off")
    };
    let mut fields =
        vec![Field::line("address", "The shop's address").input(Input::Line("url")).value(value)];
    if is_shopify {
        fields.push(secret(
            "token",
            "Admin API access token",
            "shpat_…, of an app with the scope read_orders.",
        ));
    } else {
        fields.push(secret("key", "Consumer key", "ck_…"));
        fields.push(secret("secret", "Consumer secret", "cs_…"));
    }
    let is_wrong = FIELDS.iter().any(|field| faults.of(field).is_some());
    AccessForm {
        path: format!("{path}/access"),
        interface: interface(if is_shopify { Platform::Shopify } else { Platform::WooCommerce }),
        how: how(is_shopify),
        is_open: is_wrong || stored.is_none(),
        set_for: stored,
        fields: fields.into_iter().map(|field| field.judged(faults)).collect(),
    }
}

const fn how(is_shopify: bool) -> &'static str {
    if is_shopify {
        "Settings → Apps and sales channels → Develop apps → Create an app → Configure Admin API scopes: read_orders → Install app. Then copy the Admin API access token, which Shopify shows once. Without the scope read_all_orders Shopify gives the last 60 days."
    } else {
        "WooCommerce → Settings → Advanced → REST API → Add key: Description “Selektable”, a User who may see orders, Permissions Read → Generate API key. WooCommerce shows both parts once."
    }
}

/// `POST /stores/{store}/reconciliation/access`: what works is kept, what does not is told why.
pub(super) async fn save(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    platform_of(&place)?;
    let mut faults = Faults::default();
    if let Some(access) = judge(&app, &place, &values, &mut faults) {
        match pulls::check_access(&app, &access).await {
            Ok(()) => {
                app.store.set_platform_access(place.tenant, Some(access)).await?;
                let path = address::store(place.store.id, "/reconciliation");
                return Ok(see(&address::with_query(&path, &[("saved", "1")])));
            }
            Err(fault) => faults.add("address", fault.to_string()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &view(&app, &place, &values, faults).await?)
}

fn judge(app: &App, place: &InStore, values: &Values, faults: &mut Faults) -> Option<PlatformAccess> {
    let given = |name: &str| Some(values.get(name).to_owned()).filter(|text| !text.is_empty());
    let entered = Entered {
        address: given("address"),
        key: given("key"),
        secret: given("secret"),
        token: given("token"),
    };
    entered
        .judge(place.store.platform, app.config.platform_reach)
        .map_err(|found| found.iter().for_each(|fault| note(fault, faults)))
        .ok()
}

fn note(fault: &Fault, faults: &mut Faults) {
    let name = fault.pointer.trim_start_matches('/');
    let field = FIELDS.into_iter().find(|field| *field == name).unwrap_or("address");
    let label = match field {
        "key" => "The consumer key",
        "secret" => "The consumer secret",
        "token" => "The access token",
        _ => "The address",
    };
    faults.add(field, format!("{label} {}.", fault.detail.trim_end_matches('.')));
}

/// `POST /stores/{store}/reconciliation/access/forget`
pub(super) async fn forget(State(app): State<App>, place: InStore) -> PageResult {
    platform_of(&place)?;
    app.store.set_platform_access(place.tenant, None).await?;
    Ok(see(&address::store(place.store.id, "/reconciliation")))
}
