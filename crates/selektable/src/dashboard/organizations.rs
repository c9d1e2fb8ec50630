//! Organizations and their stores: the way in.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use http::StatusCode;
use http::request::Parts;
use selektable_store::account::OrganizationRecord;
use selektable_store::settings::{Platform, StoreRecord};

use super::access::{InOrganization, Member};
use super::error::PageError;
use super::form::{Faults, Field, Posted, Values};
use super::options::Options;
use super::page::{Crumb, OrganizationTab, PageResult, Shell, address, page, page_with, see};
use super::parts::IdText;
use super::store_form::{self, Basics};
use crate::ambient;
use crate::app::App;

struct OrganizationView {
    name: String,
    href: String,
    keys_href: String,
    new_store_href: String,
    id: IdText,
    stores: Vec<StoreView>,
}

struct StoreView {
    name: String,
    href: String,
    id: IdText,
    sites: String,
    widgets: Vec<Crumb>,
}

#[derive(Template)]
#[template(path = "dashboard/organizations.html")]
struct OrganizationsPage {
    shell: Shell,
    organizations: Vec<OrganizationView>,
}

#[derive(Template)]
#[template(path = "dashboard/organization.html")]
struct OrganizationPage {
    shell: Shell,
    organization: OrganizationView,
}

#[derive(Template)]
#[template(path = "dashboard/new_store.html")]
struct NewStorePage {
    shell: Shell,
    path: String,
    faults: Faults,
    platform: Options,
    fields: Vec<Field>,
}

fn view(organization: &OrganizationRecord) -> OrganizationView {
    let href = address::organization(organization.id);
    OrganizationView {
        name: organization.name.clone(),
        keys_href: format!("{href}/keys"),
        new_store_href: format!("{href}/stores/new"),
        href,
        id: IdText::new(&organization.id),
        stores: organization.stores.iter().map(store_view).collect(),
    }
}

fn store_view(store: &StoreRecord) -> StoreView {
    let widget = |widget: &selektable_store::settings::WidgetRecord| Crumb {
        name: widget.settings.name.clone(),
        href: address::widget(store.id, widget.id, ""),
    };
    StoreView {
        name: store.settings.name.clone(),
        href: address::store(store.id, ""),
        id: IdText::new(&store.id),
        sites: if store.settings.origins.is_empty() {
            "any site".to_owned()
        } else {
            store.settings.origins.join(", ")
        },
        widgets: store.widgets.iter().map(widget).collect(),
    }
}

/// A member, or nobody; for the root, which leads everybody to their place.
pub(crate) struct Visitor(Option<Member>);

impl FromRequestParts<App> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        super::access::who(parts, app).await.map(Self)
    }
}

/// `GET /`: set-up on an empty server, the login for strangers, the store for who has one, else the list.
pub(crate) async fn home(State(app): State<App>, Visitor(member): Visitor) -> PageResult {
    let Some(member) = member else {
        let place = if app.store.is_empty().await? { "/setup" } else { "/login" };
        return Ok(see(place));
    };
    let mut stores = member.organizations.iter().flat_map(|organization| &organization.stores);
    Ok(match (stores.next(), stores.next()) {
        (Some(only), None) => see(&address::store(only.id, "")),
        _ => see("/organizations"),
    })
}

/// `GET /organizations`
pub(crate) async fn list(member: Member) -> PageResult {
    page(&OrganizationsPage {
        shell: Shell::member("Your stores", &member),
        organizations: member.organizations.iter().map(view).collect(),
    })
}

/// `GET /organizations/{organization}`
pub(crate) async fn show(place: InOrganization) -> PageResult {
    page(&OrganizationPage {
        shell: Shell::organization("Stores", &place, OrganizationTab::Stores),
        organization: view(&place.organization),
    })
}

fn new_store_view(place: &InOrganization, values: &Values, faults: Faults) -> NewStorePage {
    NewStorePage {
        shell: Shell::organization("New store", place, OrganizationTab::Other),
        path: format!("{}/stores/new", address::organization(place.organization.id)),
        platform: store_form::platform_options(values, &faults),
        fields: store_form::basic_fields(values, &faults),
        faults,
    }
}

/// `GET /organizations/{organization}/stores/new`
pub(crate) async fn new_store(place: InOrganization) -> PageResult {
    let values = Values::from([(store_form::PLATFORM, "custom"), ("currency", "EUR"), ("zone", "UTC")]);
    page(&new_store_view(&place, &values, Faults::default()))
}

/// `POST /organizations/{organization}/stores/new`
pub(crate) async fn create_store(
    State(app): State<App>,
    place: InOrganization,
    Posted(values): Posted,
) -> PageResult {
    let mut faults = Faults::default();
    let basics = Basics::read(&values, &mut faults);
    let platform = store_form::read_platform(&values, &mut faults);
    let made = platform.zip(basics.into_new()).filter(|_| faults.is_empty());
    let Some((platform, settings)) = made else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &new_store_view(&place, &values, faults));
    };
    let id = ambient::new_id();
    app.store.create_store(store_form::new_store(id, place.organization.id, platform, settings)?).await?;
    let next = if platform == Platform::Custom { "/install" } else { "/connect" };
    Ok(see(&address::store(id, next)))
}
