//! Looking orders up at a store's platform: how it is reached, starting a pull, what pulls found.

mod access;
mod body;
mod runs;
mod wire;

pub(crate) use wire::PullAnswer;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Largest body.
const SMALL_BYTES_MAX: usize = 16 * 1024;

/// Every route of pulls.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(runs::list, runs::start)).routes(routes!(access::set, access::remove))
}
