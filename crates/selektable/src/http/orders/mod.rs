//! Orders from a shop's server: one at a time, or many in an array (SPEC section 5.1).

mod answer;
mod batch;
mod intake;
mod single;

pub(in crate::http) use answer::{OrderAnswer, OrderAttribution};
pub(in crate::http) use intake::{currency_changed, unanswered};
pub(in crate::http) use single::not_json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Every route of orders.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(single::receive)).routes(routes!(batch::receive))
}
