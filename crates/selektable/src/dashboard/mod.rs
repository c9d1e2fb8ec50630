//! The merchant's pages, rendered here: a view struct and a template each, from the same reports as the API.

use axum::Router;

use crate::app::App;

/// The dashboard's routes.
pub fn router() -> Router<App> {
    Router::new()
}
