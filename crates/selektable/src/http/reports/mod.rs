//! The reports of the API (SPEC section 10), read from the same store functions as the dashboard's pages.

mod conversion;
mod conversions;
mod csv_page;
mod cursor;
mod decision_wire;
mod deliveries;
mod figures;
mod parameters;
mod scope;
mod visualizations;
mod wire;

pub use decision_wire::NoteAnswer;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Every report.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(conversions::list))
        .routes(routes!(conversion::explain))
        .routes(routes!(visualizations::list))
        .routes(routes!(figures::summary))
        .routes(routes!(figures::timeseries))
        .routes(routes!(deliveries::list))
}
