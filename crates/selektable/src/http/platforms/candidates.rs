//! Which stores a delivery may be of: the one its address names, or those that answer to the host its header claims.

use std::sync::Arc;

use selektable_store::settings::StoreRecord;
use selektable_store::{StoreResult, Tenant};

use super::Sender;
use super::claims::Claims;
use crate::app::App;

/// Most stores that are tried because nobody entered their own names: each costs hashing the body for whoever sends one.
const UNNAMED_MAX: usize = 5;

/// A store whose secrets are tried.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Whose.
    pub(super) tenant: Tenant,
    /// The store.
    pub(super) store: Arc<StoreRecord>,
}

/// The stores of the sender's platform that a delivery may be of. An address with an id names one store or none,
/// whatever the headers say.
pub(super) async fn find(
    app: &App,
    sender: Sender,
    named: Option<&str>,
    claims: &Claims,
) -> StoreResult<Vec<Candidate>> {
    let found = match (named, &claims.host) {
        (Some(id), _) => match id.parse() {
            Ok(id) => app.store.public_store(id).await?.into_iter().collect(),
            Err(_) => Vec::new(),
        },
        (None, Some(host)) => by_host(app, sender, host).await?,
        (None, None) => Vec::new(),
    };
    let of_platform = found.into_iter().filter(|(_, store)| store.platform == sender.platform());
    Ok(of_platform.map(|(tenant, store)| Candidate { tenant, store }).collect())
}

/// Who answers to the host, else to its twin, else the stores whose own name on the platform nobody entered, while they
/// are few: on an installation with many the address with the store's id is the way.
async fn by_host(app: &App, sender: Sender, host: &str) -> StoreResult<Vec<(Tenant, Arc<StoreRecord>)>> {
    for name in [host, twin(host).as_str()] {
        let found = app.store.stores_of_host(sender.platform(), Some(name)).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let unnamed = app.store.stores_of_host(sender.platform(), None).await?;
    Ok(if unnamed.len() > UNNAMED_MAX { Vec::new() } else { unnamed })
}

/// The host as the same shop often writes it elsewhere: with `www.` or without. The signature decides, not the host.
fn twin(host: &str) -> String {
    host.strip_prefix("www.").map_or_else(|| format!("www.{host}"), str::to_owned)
}
