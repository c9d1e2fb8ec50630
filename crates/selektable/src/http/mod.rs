//! The HTTP surface: one file a resource, the router as a table.

pub mod assets;
pub mod auth;
pub mod body;
pub mod client_address;
pub mod cors;
pub mod events;
pub mod fetch;
pub mod health;
pub mod metrics;
pub mod metrics_listener;
pub mod openapi;
pub mod orders;
pub mod pictures;
pub mod platforms;
pub mod privacy;
pub mod problem;
pub mod pulls;
pub mod rate;
pub mod reports;
pub mod request_id;
pub mod rules;
pub mod server;
pub mod tenant;
pub mod visualizations;
pub mod widget;

mod framing;
mod timed_io;
mod tracked;
mod unread;

use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use http::StatusCode;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use problem::Problem;

/// Every route of the server.
pub fn router(app: App) -> Router {
    let (api, _) = api().split_for_parts();
    let routes = Router::new().merge(api).merge(assets::router()).merge(crate::dashboard::router());
    // Layers wrap what stands above them: the last one is the outermost, and sees every answer.
    routes
        .fallback(unknown_route)
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(framing::layer))
        .layer(middleware::from_fn(request_id::layer))
        .with_state(app)
}

/// The routes that `/api/openapi.json` describes.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::head())
        .merge(orders::router())
        .merge(platforms::router())
        .merge(events::router())
        .merge(visualizations::router())
        .merge(pictures::router())
        .merge(widget::router())
        .merge(reports::router())
        .merge(rules::router())
        .merge(pulls::router())
        .merge(openapi::router())
        .merge(health::router())
}

/// People get a page, programs a problem.
async fn unknown_route(uri: http::Uri, headers: http::HeaderMap) -> axum::response::Response {
    let accepted = headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|types| types.contains("text/html")) && !uri.path().starts_with("/api/") {
        return crate::dashboard::not_found();
    }
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.").into_response()
}

/// A panic is our fault; the caller learns nothing of it but the request's id, the log everything.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn answer_panic(panic: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("of an unknown kind");
    tracing::error!(message, "a handler panicked");
    let detail = "Something went wrong on our side. It was logged under this answer's request id.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}
