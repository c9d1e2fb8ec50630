//! Everything the demo's storage needs before the first shopper comes: tenant, login, key, history.

use selektable_domain::money::Currency;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::account::{NewKey, NewMember, NewOrganization, Scope};
use selektable_store::settings::{
    NewStore, NewWidget, Platform, RETENTION_HOURS_DEFAULT, StoreSettings, WidgetSettings, WidgetType,
};
use selektable_store::{SharedStore, StoreError, Tenant};

use super::fault::DemoFault;
use super::history::{self, HistoryFault};
use super::profile::{Folder, Profile};
use super::shop::catalogue::CURRENCY;
use crate::{ambient, password};

/// The demo's login, the same everywhere: it guards made-up figures on somebody's own machine.
pub const EMAIL: &str = "demo@example.com";
/// See [`EMAIL`].
pub const PASSWORD: &str = "selektable-demo";

const NAME: &str = "Noord & Hout";
const ZONE: &str = "Europe/Amsterdam";
const ACCENT: &str = "#45583f";

/// Makes what is missing, so that a demo that was interrupted goes on where it stopped and one that was not changes
/// nothing. `origins` are the shop's addresses.
pub(super) async fn prepare(
    store: &SharedStore,
    folder: &Folder,
    origins: &[String],
) -> Result<Profile, DemoFault> {
    let profile = folder.profile()?;
    if store.organization(profile.organization).await?.is_none() {
        store.create_organization(organization(&profile, origins).await?).await?;
    }
    let tenant = store.tenant(profile.organization, profile.store).await?.ok_or_else(|| missing(&profile))?;
    allow(store, tenant, origins).await?;
    if profile.told {
        return Ok(profile);
    }
    let zone = store.store(tenant).await?.settings.zone.clone();
    let days = history::days_before(profile.begun_at, &zone)?;
    let told = history::tell(store, tenant, history::write(history::SEED, &days, profile.widget)?).await?;
    tracing::info!(
        visualizations = told.visualizations,
        deliveries = told.deliveries,
        "the made-up history is in"
    );
    let profile = Profile { told: true, ..profile };
    folder.keep(&profile)?;
    Ok(profile)
}

fn missing(profile: &Profile) -> StoreError {
    StoreError::Inconsistent {
        table: "stores",
        row: profile.store.to_string(),
        detail: "the demo's organization has no such store".to_owned(),
    }
}

/// The shop may have moved to another port since the last run.
async fn allow(store: &SharedStore, tenant: Tenant, origins: &[String]) -> Result<(), DemoFault> {
    let mut settings = store.store(tenant).await?.settings.clone();
    let new: Vec<String> =
        origins.iter().filter(|origin| !settings.origins.contains(origin)).cloned().collect();
    if new.is_empty() {
        return Ok(());
    }
    settings.origins.extend(new);
    Ok(store.update_store(tenant, settings).await?)
}

async fn organization(profile: &Profile, origins: &[String]) -> Result<NewOrganization, DemoFault> {
    let created_at = profile.begun_at;
    let password_hash = tokio::task::spawn_blocking(|| password::hash(PASSWORD)).await??;
    Ok(NewOrganization {
        id: profile.organization,
        name: NAME.to_owned(),
        member: NewMember { id: ambient::new_id(), email: EMAIL.to_owned(), password_hash },
        store: NewStore {
            id: profile.store,
            organization: profile.organization,
            platform: Platform::Custom,
            settings: settings(origins)?,
            webhook_secret: None,
            webhook_secret_made_by_us: false,
            widget: widget(profile, created_at),
            created_at,
        },
        key: NewKey {
            id: ambient::new_id(),
            organization: profile.organization,
            name: "The demo shop's server".to_owned(),
            secret: profile.key.hash(),
            hint: profile.key.hint(),
            scopes: Scope::ALL.to_vec(),
            created_at,
        },
        created_at,
    })
}

fn settings(origins: &[String]) -> Result<StoreSettings, DemoFault> {
    Ok(StoreSettings {
        name: NAME.to_owned(),
        origins: origins.to_vec(),
        currency: Currency::parse(CURRENCY).map_err(HistoryFault::from)?,
        zone: Zone::parse(ZONE).map_err(|_| HistoryFault::Clock)?,
        keep_traits: false,
        keep_events: None,
        shop_host: None,
    })
}

fn widget(profile: &Profile, created_at: Timestamp) -> NewWidget {
    NewWidget {
        id: profile.widget,
        kind: WidgetType::RoomVisualizer,
        settings: WidgetSettings {
            name: "View in your room".to_owned(),
            accent: Some(ACCENT.to_owned()),
            retention_hours: RETENTION_HOURS_DEFAULT,
        },
        created_at,
    }
}
