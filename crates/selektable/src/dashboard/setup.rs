//! The first run: an organization, its first store and its first member, once.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::id::OrganizationId;
use selektable_store::account::{NewKey, NewMember, NewOrganization, Scope};

use super::credentials;
use super::error::PageError;
use super::form::{self, Faults, Field, Input, Posted, Values};
use super::install;
use super::login;
use super::options::Options;
use super::page::{PageResult, Shell, page, page_with, see};
use super::store_form::{self, Basics};
use crate::ambient;
use crate::app::App;
use crate::http::client_address::SecureConnection;
use crate::password;
use crate::secret::ApiKey;

#[derive(Template)]
#[template(path = "dashboard/setup.html")]
struct SetupPage {
    shell: Shell,
    faults: Faults,
    organization: Field,
    platform: Options,
    store: Vec<Field>,
    email: Field,
    password: Field,
}

fn view(values: &Values, faults: Faults) -> SetupPage {
    SetupPage {
        shell: Shell::alone("Set up"),
        organization: Field::line("organization", "Organization")
            .hint("Your company; it owns stores, members and keys.")
            .autocomplete("organization")
            .value(values.get("organization"))
            .judged(&faults),
        platform: store_form::platform_options(values, &faults),
        store: store_form::basic_fields(values, &faults),
        email: Field::line("email", "Your e-mail")
            .input(Input::Line("email"))
            .autocomplete("username")
            .hint("You log in with it. No mail is sent.")
            .value(values.get("email"))
            .judged(&faults),
        password: Field::line("password", "Password")
            .input(Input::Line("password"))
            .autocomplete("new-password")
            .hint("8 characters or more.")
            .judged(&faults),
        faults,
    }
}

/// `GET /setup`
pub(crate) async fn show(State(app): State<App>) -> PageResult {
    if !app.store.is_empty().await? {
        return Ok(see("/"));
    }
    page(&view(
        &Values::from([(store_form::PLATFORM, "custom"), ("currency", "EUR"), ("zone", "UTC")]),
        Faults::default(),
    ))
}

/// `POST /setup`: makes everything at once, logs in, and shows the install page with the key, which is not kept in
/// clear. Sent again, it leads to the dashboard.
pub(crate) async fn submit(
    State(app): State<App>,
    SecureConnection(secure): SecureConnection,
    Posted(values): Posted,
) -> PageResult {
    if !app.store.is_empty().await? {
        return Ok(see("/"));
    }
    let mut faults = Faults::default();
    let organization =
        faults.take("organization", "The organization", form::name(values.get("organization")));
    let settings = Basics::read(&values, &mut faults);
    let platform = store_form::read_platform(&values, &mut faults);
    let email = faults.take("email", "This", credentials::email(values.get("email")));
    if let Err(fault) = password::check(values.raw("password")) {
        faults.add("password", format!("Choose another one: {fault}."));
    }
    let (Some(name), Some(email), true) = (organization, email, faults.is_empty()) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &view(&values, faults));
    };
    let (platform, settings) = platform.zip(settings.into_new()).ok_or(PageError::BadForm)?;
    let member = NewMember {
        id: ambient::new_id(),
        email,
        password_hash: credentials::hash(values.raw("password")).await?,
    };
    let (member_id, login) = (member.id, member.email.clone());
    let (id, store) = (ambient::new_id(), ambient::new_id());
    let key = ApiKey::generate();
    let created_at = ambient::now();
    app.store
        .create_organization(NewOrganization {
            id,
            name,
            member,
            store: store_form::new_store(store, id, platform, settings)?,
            key: new_key(id, &key),
            created_at,
        })
        .await?;
    tracing::info!(organization = %id, store = %store, "the installation was set up");
    let response = install::after_setup(&app, member_id, login, store, key).await?;
    login::begin(&app, member_id, secure, response).await
}

fn new_key(organization: OrganizationId, key: &ApiKey) -> NewKey {
    NewKey {
        id: ambient::new_id(),
        organization,
        name: "First key".to_owned(),
        secret: key.hash(),
        hint: key.hint(),
        scopes: Scope::ALL.to_vec(),
        created_at: ambient::now(),
    }
}
