//! The widget's frame: the page inside the shop's page.

mod frame;
mod language;
pub mod same_origin;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The frame's routes; its script and style are assets.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(frame::show))
}
