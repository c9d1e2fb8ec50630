//! `selektable explain`: why an order was decided as it was, beside a running server.

use std::process::ExitCode;

use clap::Args;
use selektable_domain::id::StoreId;
use selektable_domain::opaque::OrderId;
use selektable_store::ingest::ExplainedConversion;
use selektable_store::settings::StoreRecord;
use selektable_store::{Access, SharedStore, StoreResult};

use super::options::Misuse;
use super::output::{complain, say};
use crate::config::Config;
use crate::http::reports;
use crate::serving::open_store;
use crate::words;

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The shop's own id of the order or lead
    #[arg(value_name = "ORDER_ID")]
    order: String,
    /// Look in this store only
    #[arg(long, value_name = "STORE_ID")]
    store: Option<StoreId>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

struct Found {
    store: std::sync::Arc<StoreRecord>,
    conversion: ExplainedConversion,
}

/// Finds the order and tells everything about its decision. Exit code 1 when no store has it, 2 when several do and
/// none was named.
pub(super) async fn run(arguments: ExplainArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let order = OrderId::parse(&arguments.order)
        .map_err(|fault| Misuse(format!("this can't be an order's id: it {fault}")))?;
    let store = open_store(config, Access::Inspect).await?;
    let found = find(&store, &order, arguments.store).await;
    store.close().await?;
    let mut found = found?;
    let Some(first) = found.pop() else {
        complain(&none(&arguments));
        return Ok(ExitCode::FAILURE);
    };
    if !found.is_empty() {
        found.push(first);
        return Err(several(&found).into());
    }
    if arguments.json {
        say(&reports::explained_document(first.conversion)?)?;
    } else {
        say(words::explanation::text(&first.conversion, &first.store).trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(store: &SharedStore, order: &OrderId, only: Option<StoreId>) -> StoreResult<Vec<Found>> {
    let mut found = Vec::new();
    for (organization, id) in store.all_stores().await? {
        if only.is_some_and(|only| only != id) {
            continue;
        }
        let Some(tenant) = store.tenant(organization, id).await? else { continue };
        if let Some(conversion) = store.conversion(tenant, order.clone()).await? {
            found.push(Found { store: store.store(tenant).await?, conversion });
        }
    }
    Ok(found)
}

fn none(arguments: &ExplainArguments) -> String {
    match arguments.store {
        Some(store) => format!("{store} has no order `{}`", arguments.order),
        None => format!("no store has an order `{}`", arguments.order),
    }
}

fn several(found: &[Found]) -> Misuse {
    let stores: Vec<String> =
        found.iter().map(|one| format!("{} ({})", one.store.id, one.store.settings.name)).collect();
    Misuse(format!("several stores have this order; name one with --store: {}", stores.join(", ")))
}
