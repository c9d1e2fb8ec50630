//! The history into a database, through the store's own interface, many writes at a time; or found there again.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use selektable_domain::id::{KeyId, MemberId, OrganizationId, StoreId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::account::{NewKey, NewMember, NewOrganization, Scope, SecretHash};
use selektable_store::settings::{NewStore, NewWidget, Platform, StoreSettings, WidgetSettings, WidgetType};
use selektable_store::{Access, SharedStore, Tenant, open};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::history::History;

/// Writes under way at a time.
const CONCURRENT: u64 = 2_048;
/// Orders in one call.
const ORDERS: u64 = 256;

/// An opened database with its history in it.
pub(crate) struct Filled {
    pub(crate) store: SharedStore,
    pub(crate) history: History,
    /// Seconds it took to make; `None` when it was there.
    pub(crate) made_in: Option<f64>,
}

/// Opens the database in a folder, and makes the history in it unless it is there in full.
pub(crate) async fn fill(folder: &Path, visualizations: u64, conversions: u64) -> anyhow::Result<Filled> {
    std::fs::create_dir_all(folder)?;
    let complete = folder.join(format!("complete-{visualizations}-{conversions}"));
    let known = complete.exists();
    if !known {
        ensure!(std::fs::read_dir(folder)?.next().is_none(), "{} holds something else", folder.display());
    }
    let store = open(&format!("sqlite:{}", folder.join("selektable.db").display()), Access::Serve)?;
    let shop = shop()?;
    let (organization, store_id, widget) = (shop.id, shop.store.id, shop.store.widget.id);
    if !known {
        store.create_organization(shop).await?;
    }
    let tenant = store.tenant(organization, store_id).await?.context("the store is not there")?;
    let history = History { tenant, widget, visualizations, conversions };
    if known {
        return Ok(Filled { store, history, made_in: None });
    }
    let begun = Instant::now();
    send(&store, history).await?;
    std::fs::write(complete, "")?;
    Ok(Filled { store, history, made_in: Some(begun.elapsed().as_secs_f64()) })
}

/// An id of ours.
pub(crate) fn id<K>(number: u128) -> selektable_domain::id::Id<K> {
    selektable_domain::id::Id::from_uuid(Uuid::from_u128(number))
}

/// Makes the shop in an empty database.
pub(crate) async fn shop_in(store: &SharedStore) -> anyhow::Result<Tenant> {
    let shop = shop()?;
    let (organization, store_id) = (shop.id, shop.store.id);
    store.create_organization(shop).await?;
    store.tenant(organization, store_id).await?.context("the store is not there")
}

fn shop() -> anyhow::Result<NewOrganization> {
    let (organization, created_at): (OrganizationId, _) = (id(1), Timestamp::from_millis(0));
    let (store, widget): (StoreId, WidgetId) = (id(2), id(3));
    let settings = WidgetSettings { name: "Room".to_owned(), accent: None, retention_hours: 24 };
    let shop = StoreSettings {
        name: "Shop".to_owned(),
        origins: Vec::new(),
        currency: Currency::parse("EUR")?,
        zone: Zone::parse("Europe/Amsterdam")?,
        keep_traits: false,
        shop_host: None,
    };
    Ok(NewOrganization {
        id: organization,
        name: "Bench".to_owned(),
        member: NewMember {
            id: id::<_>(4) as MemberId,
            email: "bench@example.com".to_owned(),
            password_hash: String::new(),
        },
        store: NewStore {
            id: store,
            organization,
            platform: Platform::Custom,
            settings: shop,
            webhook_secret: None,
            webhook_secret_made_by_us: false,
            widget: NewWidget { id: widget, kind: WidgetType::RoomVisualizer, settings, created_at },
            created_at,
        },
        key: NewKey {
            id: id::<_>(5) as KeyId,
            organization,
            name: "Bench".to_owned(),
            secret: SecretHash([0; 32]),
            hint: "0000".to_owned(),
            scopes: Scope::ALL.to_vec(),
            created_at,
        },
        created_at,
    })
}

/// Sends everything, in time's order but for what is under way together.
async fn send(store: &SharedStore, history: History) -> anyhow::Result<()> {
    let total = history.visualizations;
    let mut ordered = 0;
    for from in (0..total).step_by(usize::try_from(CONCURRENT)?) {
        let to = (from + CONCURRENT).min(total);
        let mut tasks = JoinSet::new();
        for place in from..to {
            let (shown, login, store) = (history.visualization(place)?, history.login(place)?, store.clone());
            tasks.spawn(async move {
                store.record_visualization(shown).await?;
                match login {
                    Some(login) => store.record_events(login).await.map(|_| ()),
                    None => Ok(()),
                }
            });
        }
        let until = if to == total { history.conversions } else { due(&history, to) };
        while ordered < until {
            let upto = (ordered + ORDERS).min(until);
            let batch =
                (ordered..upto).map(|place| history.order(place)).collect::<anyhow::Result<Vec<_>>>()?;
            let store = store.clone();
            tasks.spawn(async move { store.ingest_orders(batch).await.map(|_| ()) });
            ordered = upto;
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        if to.is_multiple_of(CONCURRENT * 50) {
            let line =
                format!("{to} of {total} visualizations, {ordered} of {} orders\n", history.conversions);
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes())?;
        }
    }
    Ok(())
}

/// Orders that were placed by the time of a visualization.
fn due(history: &History, visualizations: u64) -> u64 {
    let due = u128::from(visualizations) * u128::from(history.conversions)
        / u128::from(history.visualizations.max(1));
    u64::try_from(due).unwrap_or(u64::MAX)
}
