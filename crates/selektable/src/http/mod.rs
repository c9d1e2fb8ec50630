//! The HTTP surface: one file a resource, the router as a table.

pub mod problem;

use axum::Router;

use crate::app::App;

/// Every route of the server.
pub fn router(app: App) -> Router {
    Router::new().merge(crate::dashboard::router()).with_state(app)
}
