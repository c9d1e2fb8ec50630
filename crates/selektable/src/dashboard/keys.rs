//! An organization's API keys: made, rotated with overlap, revoked. A secret is shown once, on the page that answers
//! the form, and is never kept in clear.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::id::KeyId;
use selektable_domain::time::{HOUR_MS, Timestamp, Zone};
use selektable_store::account::{KeyEnd, KeyRecord, NewKey, Scope};

use super::access::InOrganization;
use super::error::PageError;
use super::form::{self, Faults, Field, Input, Posted, Values};
use super::page::{OrganizationTab, PageResult, Shell, address, page, page_with, see};
use super::parts::TimeText;
use super::words;
use crate::ambient;
use crate::app::App;
use crate::secret::ApiKey;

/// Hours that a rotated key goes on working.
const OVERLAP_HOURS: [(i64, &str); 4] =
    [(0, "Stop it at once"), (1, "1 hour more"), (24, "24 hours more"), (72, "72 hours more")];
const OVERLAP_HOURS_DEFAULT: i64 = 24;

struct KeyRow {
    id: String,
    name: String,
    hint: String,
    scopes: String,
    created: TimeText,
    last_used: Option<TimeText>,
    state: &'static str,
    works: bool,
    ends: Option<TimeText>,
    seen_in_browser: Option<TimeText>,
}

struct NewSecret {
    name: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "dashboard/keys.html")]
struct KeysPage {
    shell: Shell,
    path: String,
    new_secret: Option<NewSecret>,
    faults: Faults,
    name: Field,
    scopes: Vec<Field>,
    overlaps: Vec<(i64, &'static str, bool)>,
    rows: Vec<KeyRow>,
}

/// What the create form starts with: every scope.
fn blank() -> Values {
    Values::from([("scope_write", "on"), ("scope_read", "on")])
}

const fn scope_field(scope: Scope) -> &'static str {
    match scope {
        Scope::Write => "scope_write",
        Scope::Read => "scope_read",
    }
}

async fn view(
    app: &App,
    place: &InOrganization,
    values: &Values,
    faults: Faults,
    new_secret: Option<NewSecret>,
) -> Result<KeysPage, PageError> {
    let now = ambient::now();
    let zone = zone(place);
    let keys = app.store.keys(place.organization.id).await?;
    let tick = |scope: Scope| {
        let label = match scope {
            Scope::Write => "Write: send orders and visualizations",
            Scope::Read => "Read: read reports",
        };
        let name = scope_field(scope);
        let value = if values.ticked(name) { "on" } else { "" };
        Field::line(name, label).input(Input::Tick).value(value).judged(&faults)
    };
    Ok(KeysPage {
        shell: Shell::organization("API keys", place, OrganizationTab::Keys),
        path: format!("{}/keys", address::organization(place.organization.id)),
        new_secret,
        name: Field::line("name", "Name")
            .hint("Where the key is used, such as “shop server”.")
            .value(values.get("name"))
            .judged(&faults),
        scopes: Scope::ALL.into_iter().map(tick).collect(),
        overlaps: OVERLAP_HOURS
            .into_iter()
            .map(|(hours, label)| (hours, label, hours == OVERLAP_HOURS_DEFAULT))
            .collect(),
        rows: zone.map(|zone| keys.iter().map(|key| row(key, now, &zone)).collect()).unwrap_or_default(),
        faults,
    })
}

/// Keys belong to an organization, which has no zone of its own: its first store's is used, else UTC.
fn zone(place: &InOrganization) -> Option<Zone> {
    let first = place.organization.stores.first().map(|store| store.settings.zone.clone());
    first.or_else(|| Zone::parse("UTC").ok())
}

fn row(key: &KeyRecord, now: Timestamp, zone: &Zone) -> KeyRow {
    let works = key.works_at(now);
    let state = match (key.revoked_at, key.expires_at) {
        (Some(_), _) => "Revoked",
        (None, Some(_)) if works => "Replaced, still works",
        (None, Some(_)) => "Replaced",
        (None, None) => "Works",
    };
    let scopes: Vec<&str> = key.scopes.iter().copied().map(words::scope).collect();
    KeyRow {
        id: key.id.to_string(),
        name: key.name.clone(),
        hint: key.hint.clone(),
        scopes: scopes.join("; "),
        created: TimeText::new(key.created_at, zone),
        last_used: key.last_used_at.map(|at| TimeText::new(at, zone)),
        state,
        works,
        ends: key.revoked_at.or(key.expires_at).map(|at| TimeText::new(at, zone)),
        seen_in_browser: key.seen_in_browser_at.map(|at| TimeText::new(at, zone)),
    }
}

/// `GET /organizations/{organization}/keys`
pub(crate) async fn list(State(app): State<App>, place: InOrganization) -> PageResult {
    page(&view(&app, &place, &blank(), Faults::default(), None).await?)
}

/// `POST /organizations/{organization}/keys`
pub(crate) async fn create(
    State(app): State<App>,
    place: InOrganization,
    Posted(values): Posted,
) -> PageResult {
    let mut faults = Faults::default();
    let name = faults.take("name", "The name", form::name(values.get("name")));
    let scopes: Vec<Scope> =
        Scope::ALL.into_iter().filter(|scope| values.ticked(scope_field(*scope))).collect();
    if scopes.is_empty() {
        faults.add("scope_write", "Choose what the key may do.");
    }
    let Some(name) = name.filter(|_| faults.is_empty()) else {
        return page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &view(&app, &place, &values, faults, None).await?,
        );
    };
    let secret = add(&app, &place, name, scopes).await?;
    page_with(StatusCode::CREATED, &view(&app, &place, &blank(), Faults::default(), Some(secret)).await?)
}

async fn add(
    app: &App,
    place: &InOrganization,
    name: String,
    scopes: Vec<Scope>,
) -> Result<NewSecret, PageError> {
    let key = ApiKey::generate();
    let new = NewKey {
        id: ambient::new_id(),
        organization: place.organization.id,
        name: name.clone(),
        secret: key.hash(),
        hint: key.hint(),
        scopes,
        created_at: ambient::now(),
    };
    app.store.create_key(new).await?;
    Ok(NewSecret { name, secret: key.reveal().to_owned() })
}

/// The key a form names, if it is this organization's and still works.
async fn working_key(app: &App, place: &InOrganization, values: &Values) -> Result<KeyRecord, PageError> {
    let id: KeyId = values.get("key").parse().map_err(|_| PageError::NotFound)?;
    let keys = app.store.keys(place.organization.id).await?;
    let now = ambient::now();
    keys.into_iter().find(|key| key.id == id && key.works_at(now)).ok_or(PageError::NotFound)
}

/// `POST /organizations/{organization}/keys/rotate`: a successor with the same name and scopes; the old key goes on
/// for the hours chosen, and never longer than it would have.
pub(crate) async fn rotate(
    State(app): State<App>,
    place: InOrganization,
    Posted(values): Posted,
) -> PageResult {
    let old = working_key(&app, &place, &values).await?;
    let hours = values.get("overlap").parse().ok();
    let hours = OVERLAP_HOURS.iter().map(|(hours, _)| *hours).find(|offered| Some(*offered) == hours);
    let hours = hours.unwrap_or(OVERLAP_HOURS_DEFAULT);
    let secret = add(&app, &place, old.name.clone(), old.scopes.clone()).await?;
    let now = ambient::now();
    let asked = now.plus_millis(hours * HOUR_MS);
    let ends = old.expires_at.map_or(asked, |at| at.min(asked));
    let end = if hours == 0 { KeyEnd::RevokedAt(now) } else { KeyEnd::ExpiresAt(ends) };
    app.store.end_key(place.organization.id, old.id, end).await?;
    page_with(StatusCode::CREATED, &view(&app, &place, &blank(), Faults::default(), Some(secret)).await?)
}

/// `POST /organizations/{organization}/keys/revoke`
pub(crate) async fn revoke(
    State(app): State<App>,
    place: InOrganization,
    Posted(values): Posted,
) -> PageResult {
    let key = working_key(&app, &place, &values).await?;
    app.store.end_key(place.organization.id, key.id, KeyEnd::RevokedAt(ambient::now())).await?;
    Ok(see(&format!("{}/keys", address::organization(place.organization.id))))
}
