//! The shop of what is measured without a server.

use anyhow::Context;
use selektable_domain::id::{KeyId, MemberId, OrganizationId, StoreId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::account::{NewKey, NewMember, NewOrganization, Scope, SecretHash};
use selektable_store::settings::{NewStore, NewWidget, Platform, StoreSettings, WidgetSettings, WidgetType};
use selektable_store::{SharedStore, Tenant};
use uuid::Uuid;

/// An id of ours.
pub(crate) fn id<K>(number: u128) -> selektable_domain::id::Id<K> {
    selektable_domain::id::Id::from_uuid(Uuid::from_u128(number))
}

/// The shop and its widget; made in a database that is empty.
pub(crate) async fn shop_in(store: &SharedStore) -> anyhow::Result<(Tenant, WidgetId)> {
    let shop = shop()?;
    let (organization, store_id, widget) = (shop.id, shop.store.id, shop.store.widget.id);
    if store.is_empty().await? {
        store.create_organization(shop).await?;
    }
    let tenant = store.tenant(organization, store_id).await?;
    Ok((tenant.context("the store is not there: the database is of something else")?, widget))
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
        keep_events: None,
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
