//! The merchant's pages, rendered here: a view struct and a template each, from the same reports as the API.
//!
//! A handler is short: extractors prove who asks and that they may (`access`), one or few calls of the store, a view
//! of finished texts, a template. Pages are whole at the first response; the script only adds to them. **Invariant:**
//! no page holds a script, a style or an event handler of its own, so the content security policy allows none.

mod access;
mod account;
mod analytics;
mod answer;
mod chart;
mod connect;
mod conversion;
mod conversions;
mod cookie;
mod credentials;
mod csrf;
mod deliveries;
mod error;
mod explain;
mod figures;
mod form;
mod install;
mod keys;
mod lag;
mod lag_chart;
mod lens;
mod login;
mod models;
mod options;
mod organizations;
mod overview;
mod page;
mod pages;
mod parts;
mod period;
mod privacy;
mod products;
mod reconciliation;
mod rules;
mod setup;
mod snippets;
mod store_form;
mod store_settings;
mod timeline;
mod visualizations;
mod widget_settings;

use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::app::App;
use crate::words::{codes as words, format};

/// The dashboard's routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(organizations::home))
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", post(login::leave))
        .route("/account", get(account::show))
        .route("/account/password", post(account::change))
        .route("/organizations", get(organizations::list))
        .route("/organizations/{organization}", get(organizations::show))
        .route(
            "/organizations/{organization}/stores/new",
            get(organizations::new_store).post(organizations::create_store),
        )
        .route("/organizations/{organization}/keys", get(keys::list).post(keys::create))
        .route("/organizations/{organization}/keys/rotate", post(keys::rotate))
        .route("/organizations/{organization}/keys/revoke", post(keys::revoke))
        .merge(store_routes())
        .layer(DefaultBodyLimit::max(form::FORM_BYTES_MAX))
        .layer(middleware::from_fn(csrf::guard))
        .layer(middleware::from_fn(page::guard_headers))
}

/// The page for an address that leads nowhere.
#[must_use]
pub fn not_found() -> Response {
    page::with_headers(error::PageError::NotFound.into_response())
}

fn store_routes() -> Router<App> {
    Router::new()
        .route("/stores/{store}", get(overview::show))
        .route("/stores/{store}/conversions", get(conversions::show))
        .route("/stores/{store}/conversions/{order}", get(conversion::show))
        .route("/stores/{store}/visualizations", get(visualizations::show))
        .route("/stores/{store}/models", get(models::show))
        .route("/stores/{store}/lag", get(lag::show))
        .route("/stores/{store}/privacy", get(privacy::show).post(privacy::erase))
        .route("/stores/{store}/privacy/done", post(privacy::requests::finish))
        .route("/stores/{store}/privacy/delete", post(privacy::requests::delete_store))
        .route("/stores/{store}/deliveries", get(deliveries::show))
        .route("/stores/{store}/install", get(install::show))
        .route("/stores/{store}/waiting", get(install::waiting))
        .merge(rules::routes())
        .merge(products::routes())
        .merge(connect::routes())
        .merge(reconciliation::routes())
        .route("/stores/{store}/settings", get(store_settings::show).post(store_settings::save))
        .route("/stores/{store}/widgets/new", get(widget_settings::new).post(widget_settings::create))
        .route("/stores/{store}/widgets/{widget}", get(analytics::show))
        .route(
            "/stores/{store}/widgets/{widget}/settings",
            get(widget_settings::show).post(widget_settings::save),
        )
}
