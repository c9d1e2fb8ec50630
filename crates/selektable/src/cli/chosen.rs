//! Which store a command is for: the one that is named, or the only one there is.

use clap::Args;
use selektable_domain::id::StoreId;
use selektable_store::{SharedStore, Tenant};

use super::options::Misuse;

#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// The store; needed when there are several
    #[arg(long, value_name = "STORE_ID")]
    pub(super) store: Option<StoreId>,
}

impl Chosen {
    /// The store's tenant.
    pub(super) async fn tenant(&self, store: &SharedStore) -> anyhow::Result<Tenant> {
        let all = store.all_stores().await?;
        let found = match (self.store, all.as_slice()) {
            (Some(wanted), _) => all.iter().find(|(_, id)| *id == wanted),
            (None, [only]) => Some(only),
            (None, []) => {
                return Err(Misuse("there is no store yet: run `selektable setup`".to_owned()).into());
            }
            (None, several) => return Err(Misuse(say_which(several.iter().map(|(_, id)| *id))).into()),
        };
        let unknown =
            || Misuse("there is no store with this id; `selektable setup` prints a store's id".to_owned());
        let (organization, id) = found.ok_or_else(unknown)?;
        Ok(store.tenant(*organization, *id).await?.ok_or_else(unknown)?)
    }
}

fn say_which(ids: impl Iterator<Item = StoreId>) -> String {
    let listed: Vec<String> = ids.take(20).map(|id| format!("  {id}")).collect();
    format!("there are several stores: say which with --store\n{}", listed.join("\n"))
}
