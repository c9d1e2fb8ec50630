//! The reports of the API (SPEC section 10), read from the same store functions as the dashboard's pages.

mod conversion;
mod conversions;
pub(super) mod csv_page;
pub(super) mod cursor;
mod decision_wire;
mod deliveries;
mod explain_wire;
mod figures;
mod lag;
mod models;
pub(super) mod parameters;
mod platform;
mod platform_wire;
mod privacy_requests;
mod products;
pub(super) mod scope;
mod visualizations;
pub(super) mod wire;

pub use decision_wire::NoteAnswer;

use selektable_store::ingest::ExplainedConversion;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// One conversion, explained, as the API's document has it.
///
/// # Errors
/// When it can't be written as JSON.
pub fn explained_document(found: ExplainedConversion) -> serde_json::Result<String> {
    conversion::document(found)
}

/// Every report.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(conversions::list))
        .routes(routes!(conversion::explain))
        .routes(routes!(visualizations::list))
        .routes(routes!(figures::summary))
        .routes(routes!(figures::timeseries))
        .routes(routes!(models::models))
        .routes(routes!(products::products))
        .routes(routes!(products::near_misses))
        .routes(routes!(lag::lag))
        .routes(routes!(deliveries::list))
        .routes(routes!(platform::health))
        .routes(routes!(privacy_requests::list))
}
