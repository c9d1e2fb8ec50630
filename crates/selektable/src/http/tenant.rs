//! From a caller's organization and the text of a store's id to a [`Tenant`]: the one place where the API decides
//! whose data a request may touch.

use http::StatusCode;
use selektable_domain::id::OrganizationId;
use selektable_store::Tenant;

use super::problem::Problem;
use crate::app::App;

/// The answer for everything that is not the key's own. One constant: another organization's store, one that does
/// not exist and a text that is no id at all get the same bytes (SPEC section 12).
#[must_use]
pub fn forbidden() -> Problem {
    let detail = "The key does not open this: organization, store and widget must be those of the key's own \
                  organization, as the dashboard shows them.";
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}

/// The tenant of a store by the text of its id, if the organization owns it.
pub async fn own_store(app: &App, organization: OrganizationId, store: &str) -> Result<Tenant, Problem> {
    let store = store.parse().map_err(|_| forbidden())?;
    app.store.tenant(organization, store).await?.ok_or_else(forbidden)
}
