//! Recording what a shopper was shown (SPEC section 4): from a shop's server with its key, or from the widget with a
//! photo, which is rendered here.

mod browser;
mod cutout;
mod cutouts;
mod form;
mod inputs;
mod server;
mod studio;

pub use inputs::PHOTO_BYTES_MAX;
pub use studio::Studio;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Every route of visualizations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(server::record))
        .routes(routes!(browser::make))
        .routes(routes!(cutout::make))
        // The form reader counts bytes itself, and says more than the framework's limit would.
        .layer(axum::extract::DefaultBodyLimit::disable())
}
