//! What a store says about how its conversions are decided: versions of its rules, product aliases, and whom to
//! forget. Reading needs a key that reads, changing one that writes.

mod alias_csv;
mod aliases;
mod dry_run;
mod dry_run_wire;
mod erasures;
mod publish;
mod rulesets;
mod wire;

pub use wire::RulesetAnswer;

use axum::extract::{FromRequestParts, Path};
use http::StatusCode;
use http::request::Parts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::problem::Problem;

/// Largest body of a draft, a publication, a range or a person.
const SMALL_BYTES_MAX: usize = 16 * 1024;

/// Every route of rules, aliases and erasures.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(aliases::list, aliases::set))
        .routes(routes!(aliases::remove))
        .routes(routes!(rulesets::list, rulesets::draft))
        .routes(routes!(dry_run::dry_run))
        .routes(routes!(publish::publish))
        .routes(routes!(publish::roll_back))
        .routes(routes!(erasures::erase))
}

/// The version a path names. A text that is no number names none.
struct AskedVersion(u32);

impl FromRequestParts<App> for AskedVersion {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let version = path.ok().and_then(|Path((_, version))| version.parse().ok());
        version.map(Self).ok_or_else(unknown_version)
    }
}

fn unknown_version() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "The store has no version of its rules with this number.",
    )
}
