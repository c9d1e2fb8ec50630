//! Joining two ids by one button, and undoing it.

use axum::extract::State;
use selektable_domain::opaque::ProductId;
use selektable_store::rules::{AliasChange, AliasSays};

use super::aliases::change_of;
use super::{products_path, said, table};
use crate::ambient;
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::error::PageError;
use crate::dashboard::form::{Faults, Posted, Values};
use crate::dashboard::page::{PageResult, address, see};

/// Pairs of the address that say which days were shown.
const PERIOD: [&str; 3] = ["days", "from", "to"];

/// `POST /stores/{store}/products/join`: adds the alias of a near miss, or puts back what the table said before.
pub(crate) async fn join(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    // Both buttons are ours: a form that can't be read was not sent by them.
    let change = change_of(&values, &mut faults).ok_or(PageError::BadForm)?;
    let before = table::says(&app, place.tenant, &change.variant).await?;
    let shown = shown(&values, &change, &before);
    let set = app.store.set_aliases(place.tenant, vec![change], ambient::now()).await?;
    let set = said::pairs(set);
    let days = PERIOD.map(|name| (name, values.get(name)));
    let shown = shown.iter().map(|(name, value)| (*name, value.as_str()));
    let set = set.iter().map(|(name, value)| (*name, value.as_str()));
    let pairs: Vec<(&str, &str)> = days.into_iter().chain(shown).chain(set).collect();
    Ok(see(&address::with_query(&products_path(place.store.id), &pairs)))
}

/// What the next page says was done.
fn shown(values: &Values, change: &AliasChange, before: &AliasSays) -> Vec<(&'static str, String)> {
    let variant = change.variant.to_string();
    if values.ticked("undo") {
        return vec![("undone", variant)];
    }
    let to = match &change.says {
        AliasSays::VariantOf(product) => ProductId::to_string(product),
        AliasSays::OwnProduct | AliasSays::Nothing => String::new(),
    };
    let (was, was_of) = said::code(before);
    vec![("joined", variant), ("to", to), ("was", was.to_owned()), ("was_of", was_of.to_owned())]
}
