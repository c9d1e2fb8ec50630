//! One's own account: change the password.

use askama::Template;
use axum::extract::State;
use http::StatusCode;

use super::access::Member;
use super::credentials;
use super::error::PageError;
use super::form::{Asked, Faults, Field, Input, Posted};
use super::login;
use super::page::{PageResult, Shell, page, page_with, see};
use crate::app::App;
use crate::http::client_address::SecureConnection;
use crate::login_tries;
use crate::password;

#[derive(Template)]
#[template(path = "dashboard/account.html")]
struct AccountPage {
    shell: Shell,
    email: String,
    changed: bool,
    faults: Faults,
    current: Field,
    new: Field,
}

fn view(member: &Member, faults: Faults, changed: bool) -> AccountPage {
    let secret = |name, label, autocomplete| {
        Field::line(name, label).input(Input::Line("password")).autocomplete(autocomplete)
    };
    AccountPage {
        shell: Shell::member("Your account", member),
        email: member.email.clone(),
        changed,
        current: secret("current", "Password now", "current-password").judged(&faults),
        new: secret("new", "New password", "new-password").hint("8 characters or more.").judged(&faults),
        faults,
    }
}

/// `GET /account`
pub(crate) async fn show(member: Member, Asked(asked): Asked) -> PageResult {
    page(&view(&member, Faults::default(), asked.ticked("changed")))
}

/// `POST /account/password`: ends every session of the member, and begins a new one here.
pub(crate) async fn change(
    State(app): State<App>,
    SecureConnection(secure): SecureConnection,
    member: Member,
    Posted(values): Posted,
) -> PageResult {
    let limited = login_tries::count(&app, None, &member.email).await?;
    limited.map_err(|wait| PageError::TooMany { seconds: wait.0.as_secs() + 1 })?;
    let mut faults = Faults::default();
    if let Err(fault) = password::check(values.raw("new")) {
        faults.add("new", format!("Choose another one: {fault}."));
    }
    let known = app.store.member_by_email(&member.email).await?;
    if !credentials::verify(known.as_ref(), values.raw("current")).await? {
        faults.add("current", "The password is not the one you log in with.");
    }
    if !faults.is_empty() {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &view(&member, faults, false));
    }
    let hash = credentials::hash(values.raw("new")).await?;
    app.store.set_password(member.id, hash).await?;
    login::begin(&app, member.id, secure, see("/account?changed")).await
}
