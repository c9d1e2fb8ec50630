//! How to connect a site: everything to paste, with the store's own ids, and what has arrived so far.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use selektable_domain::id::{MemberId, StoreId};
use selektable_domain::report::{ConversionQuery, DeliveryQuery, VisualizationQuery};
use selektable_domain::time::Range;
use selektable_store::StoreResult;
use selektable_store::settings::Platform;
use serde::Serialize;

use super::access::{InStore, Member};
use super::error::PageError;
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::snippets::{Connection, Goal, KEY_PLACEHOLDER, Snippet};
use crate::app::App;
use crate::secret::ApiKey;
use crate::words::platform as words;

/// One thing that has to happen once.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    /// Its name, for the page's script.
    id: &'static str,
    /// Whether it happened.
    done: bool,
    #[serde(skip)]
    waiting: &'static str,
    #[serde(skip)]
    arrived: &'static str,
    #[serde(skip)]
    href: String,
}

#[derive(Template)]
#[template(path = "dashboard/install.html")]
struct InstallPage {
    shell: Shell,
    key: Option<String>,
    keys_href: String,
    platform: Option<(&'static str, String)>,
    steps: Vec<Step>,
    all_done: bool,
    poll_href: String,
    overview_href: String,
    settings_href: String,
    deliveries_href: String,
    path: String,
    host: String,
    script_tag: String,
    button: String,
    open_call: String,
    order_form: String,
    order_server: Vec<Snippet>,
    lead_form: String,
    lead_server: Vec<Snippet>,
    policy: String,
    store_id: String,
    organization_id: String,
    widget_id: String,
}

/// `GET /stores/{store}/install`
pub(crate) async fn show(State(app): State<App>, place: InStore) -> PageResult {
    let steps = steps(&app, &place).await?;
    page(&view(&app, &place, None, steps)?)
}

/// The same page right after set-up, with the key that is shown once.
pub(crate) async fn after_setup(
    app: &App,
    id: MemberId,
    email: String,
    store: StoreId,
    key: ApiKey,
) -> PageResult {
    let organizations = app.store.organizations(id).await?;
    let organization = organizations
        .iter()
        .find(|organization| organization.stores.iter().any(|one| one.id == store))
        .cloned();
    let organization = organization.ok_or(PageError::NotFound)?;
    let tenant = app.store.tenant(organization.id, store).await?.ok_or(PageError::NotFound)?;
    let record = app.store.store(tenant).await?;
    // The session begins with this answer, so the frame is that of somebody who is logged in.
    let member = Member { id, email, organizations };
    let place = InStore { member, organization, tenant, store: (*record).clone() };
    let steps = steps(app, &place).await?;
    page(&view(app, &place, Some(key), steps)?)
}

/// `GET /stores/{store}/waiting`: what has arrived so far, for the page's script.
pub(crate) async fn waiting(State(app): State<App>, place: InStore) -> Result<Response, PageError> {
    Ok(Json(steps(&app, &place).await?).into_response())
}

async fn steps(app: &App, place: &InStore) -> StoreResult<Vec<Step>> {
    let visualizations = VisualizationQuery { range: Range::ALL, widget: None, cursor: None, limit: 1 };
    let conversions = ConversionQuery::newest(1);
    let deliveries =
        DeliveryQuery { range: Range::ALL, refused: None, order_id: None, cursor: None, limit: 1 };
    let (visited, visualizations, conversions, deliveries) = futures::try_join!(
        app.store.any_visitor(place.tenant),
        app.store.visualizations(place.tenant, visualizations),
        app.store.conversions(place.tenant, conversions),
        app.store.deliveries(place.tenant, deliveries),
    )?;
    let at = |page: &str| address::store(place.store.id, page);
    Ok(vec![
        Step {
            id: "visit",
            done: visited,
            waiting: "Waiting for the first visitor of a page with the script",
            arrived: "A visitor has been seen",
            href: at("/visualizations"),
        },
        Step {
            id: "visualization",
            done: !visualizations.data.is_empty(),
            waiting: "Waiting for the first visualization",
            arrived: "A visualization has arrived",
            href: at("/visualizations"),
        },
        Step {
            id: "delivery",
            done: !deliveries.data.is_empty(),
            waiting: "Waiting for the first request from your server",
            arrived: "Your server has sent a request",
            href: at("/deliveries"),
        },
        Step {
            id: "conversion",
            done: !conversions.data.is_empty(),
            waiting: "Waiting for the first conversion",
            arrived: "A conversion has arrived",
            href: at("/conversions"),
        },
    ])
}

fn view(app: &App, place: &InStore, key: Option<ApiKey>, steps: Vec<Step>) -> Result<InstallPage, PageError> {
    let no_widget = || PageError::Internal("a store without a widget".to_owned());
    let widget = place.store.widgets.first().ok_or_else(no_widget)?;
    let key = key.map(|key| key.reveal().to_owned());
    let connection = Connection {
        host: app.url(""),
        organization: place.organization.id,
        store: place.store.id,
        widget: widget.id,
        currency: place.store.settings.currency,
        key: key.clone().unwrap_or_else(|| KEY_PLACEHOLDER.to_owned()),
    };
    let at = |page: &str| address::store(place.store.id, page);
    Ok(InstallPage {
        shell: Shell::store("Install", place, StoreTab::Install),
        key,
        platform: (place.store.platform != Platform::Custom)
            .then(|| (words::platform(place.store.platform), at("/connect"))),
        keys_href: format!("{}/keys", address::organization(place.organization.id)),
        all_done: steps.iter().all(|step| step.done),
        steps,
        poll_href: at("/waiting"),
        overview_href: at(""),
        settings_href: at("/settings"),
        deliveries_href: at("/deliveries"),
        path: at("/install"),
        host: connection.host.clone(),
        script_tag: connection.script_tag(),
        button: connection.button(),
        open_call: connection.open_call(),
        order_form: Connection::form(Goal::Order),
        order_server: connection.server(Goal::Order),
        lead_form: Connection::form(Goal::Lead),
        lead_server: connection.server(Goal::Lead),
        policy: connection.policy(),
        store_id: connection.store.to_string(),
        organization_id: connection.organization.to_string(),
        widget_id: connection.widget.to_string(),
    })
}
