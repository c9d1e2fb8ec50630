//! Log in, log out.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use selektable_domain::id::MemberId;
use selektable_store::account::NewSession;

use super::cookie::{self, SESSION_DAYS, SessionToken};
use super::credentials;
use super::error::PageError;
use super::form::{Asked, Faults, Field, Input, Posted, Values};
use super::page::{PageResult, Shell, page, page_with, see};
use crate::ambient;
use crate::app::App;
use crate::http::client_address::{ClientAddress, SecureConnection};
use crate::http::rate::TooMany;
use crate::login_tries;

#[derive(Template)]
#[template(path = "dashboard/login.html")]
struct LoginPage {
    shell: Shell,
    faults: Faults,
    email: Field,
    password: Field,
    next: String,
}

fn view(values: &Values, faults: Faults) -> LoginPage {
    LoginPage {
        shell: Shell::alone("Log in"),
        email: Field::line("email", "E-mail")
            .input(Input::Line("email"))
            .autocomplete("username")
            .value(values.get("email"))
            .judged(&faults),
        password: Field::line("password", "Password")
            .input(Input::Line("password"))
            .autocomplete("current-password")
            .judged(&faults),
        next: local_path(values.get("next")).to_owned(),
        faults,
    }
}

/// Only a page of this server: `//host` and `/\host` would be other servers.
fn local_path(next: &str) -> &str {
    let local = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if local { next } else { "/" }
}

/// `GET /login`
pub(crate) async fn show(Asked(asked): Asked) -> PageResult {
    page(&view(&asked, Faults::default()))
}

/// `POST /login`. Tries are counted by address and by login together with the address's own limit; the answer does
/// not tell an unknown login from a wrong password, in words or in time.
pub(crate) async fn submit(
    State(app): State<App>,
    address: ClientAddress,
    SecureConnection(secure): SecureConnection,
    Posted(values): Posted,
) -> PageResult {
    let email = values.get("email");
    login_tries::count(&app, Some(address.limit_key()), email).await?.map_err(too_many)?;
    let member = app.store.member_by_email(email).await?;
    let right = credentials::verify(member.as_ref(), values.raw("password")).await?;
    if let Some(member) = member.filter(|_| right) {
        return begin(&app, member.id, secure, see(local_path(values.get("next")))).await;
    }
    tracing::info!("a login failed");
    let mut faults = Faults::default();
    faults.add("password", "E-mail or password is wrong.");
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &view(&values, faults))
}

fn too_many(TooMany(wait): TooMany) -> PageError {
    PageError::TooMany { seconds: wait.as_secs() + 1 }
}

/// Begins a session and hands its cookie out with `response`.
pub(crate) async fn begin(app: &App, member: MemberId, secure: bool, mut response: Response) -> PageResult {
    let token = SessionToken::generate();
    let created_at = ambient::now();
    let expires_at = created_at.plus_millis(SESSION_DAYS * selektable_domain::time::DAY_MS);
    app.store.create_session(NewSession { token: token.hash(), member, created_at, expires_at }).await?;
    if let Some(value) = token.set(secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// `POST /logout`
pub(crate) async fn leave(
    State(app): State<App>,
    SecureConnection(secure): SecureConnection,
    headers: HeaderMap,
) -> PageResult {
    if let Some(token) = cookie::read(&headers, secure) {
        app.store.end_session(token).await?;
    }
    let mut response = see("/login");
    if let Some(value) = cookie::clear(secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_back_to_pages_of_this_server_only() {
        assert_eq!(local_path("/stores/x?days=7"), "/stores/x?days=7");
        for elsewhere in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "x"]
        {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere}");
        }
    }

    #[test]
    fn a_failed_login_keeps_the_email_and_not_the_password() {
        let values = Values::from([("email", "a@b"), ("password", "secret words")]);
        let mut faults = Faults::default();
        faults.add("password", "E-mail or password is wrong.");
        let html = view(&values, faults).render().unwrap();
        assert!(html.contains("value=\"a@b\"") && !html.contains("secret words"));
        assert_eq!(
            html.matches("E-mail or password is wrong.").count(),
            2,
            "in the summary and beside the field"
        );
    }
}
