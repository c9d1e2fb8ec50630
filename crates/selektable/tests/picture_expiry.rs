//! Pictures go when their time is over; the visualization stays.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use std::time::Duration;

use selektable::app::App;
use selektable::config::Config;
use selektable::{ambient, jobs};
use selektable_domain::money::Currency;
use selektable_domain::opaque::{ProductId, VisualizationId};
use selektable_domain::report::VisualizationQuery;
use selektable_domain::time::{Range, Timestamp, Zone};
use selektable_domain::visualization::{ShownProduct, Visualization};
use selektable_store::account::{NewKey, NewMember, NewOrganization, SecretHash};
use selektable_store::ingest::{NewVisualization, StoredPicture};
use selektable_store::settings::{
    NewStore, NewWidget, Platform, RETENTION_HOURS_DEFAULT, StoreSettings, WidgetSettings, WidgetType,
};
use selektable_store::{Access, SharedStore, Tenant};

fn organization(now: Timestamp) -> NewOrganization {
    let id = ambient::new_id();
    let widget = NewWidget {
        id: ambient::new_id(),
        kind: WidgetType::RoomVisualizer,
        settings: WidgetSettings {
            name: "Room".to_owned(),
            accent: None,
            retention_hours: RETENTION_HOURS_DEFAULT,
        },
        created_at: now,
    };
    let settings = StoreSettings {
        name: "Store".to_owned(),
        origins: Vec::new(),
        currency: Currency::parse("EUR").unwrap(),
        zone: Zone::parse("UTC").unwrap(),
        keep_traits: false,
        keep_events: None,
        shop_host: None,
    };
    let store = NewStore {
        id: ambient::new_id(),
        organization: id,
        platform: Platform::Custom,
        settings,
        webhook_secret: None,
        webhook_secret_made_by_us: false,
        widget,
        created_at: now,
    };
    let member = NewMember {
        id: ambient::new_id(),
        email: "merchant@example.com".to_owned(),
        password_hash: "unused".to_owned(),
    };
    let key = NewKey {
        id: ambient::new_id(),
        organization: id,
        name: "key".to_owned(),
        secret: SecretHash([7; 32]),
        hint: "aaaa".to_owned(),
        scopes: Vec::new(),
        created_at: now,
    };
    NewOrganization { id, name: "Organization".to_owned(), member, store, key, created_at: now }
}

async fn record(store: &SharedStore, tenant: Tenant, token: &str, now: Timestamp, expires_at: Timestamp) {
    let record = store.store(tenant).await.unwrap();
    let new = NewVisualization {
        tenant,
        visualization: Visualization {
            id: VisualizationId::parse(token).unwrap(),
            widget: record.widgets[0].id,
            visitor: None,
            session: None,
            products: vec![ShownProduct { product: ProductId::parse("sofa").unwrap(), variants: Vec::new() }],
            at: now,
        },
        renderer: Some("builtin".to_owned()),
        picture: Some(StoredPicture {
            token: token.to_owned(),
            media_type: "image/jpeg".to_owned(),
            bytes: vec![1, 2, 3],
            expires_at,
        }),
        received_at: now,
        sample: false,
    };
    store.record_visualization(new).await.unwrap();
}

#[tokio::test]
async fn the_job_deletes_what_is_over_leaves_the_rest_and_ends_with_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let store = selektable_store::open(&support::address_of(folder.path()), Access::Serve).unwrap();
    let now = ambient::now();
    let new = organization(now);
    let (organization, shop) = (new.id, new.store.id);
    store.create_organization(new).await.unwrap();
    let tenant = store.tenant(organization, shop).await.unwrap().unwrap();
    record(&store, tenant, "over", now, now.plus_millis(-1)).await;
    record(&store, tenant, "kept", now, now.plus_millis(3_600_000)).await;
    let before = now.plus_millis(-2);
    assert!(store.picture("over", before).await.unwrap().is_some());

    let app = App::new(store.clone(), Config::default(), "http://127.0.0.1/".parse().unwrap());
    let job = tokio::spawn(jobs::delete_what_is_over(app.clone()));
    let gone = async {
        while store.picture("over", before).await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("the picture goes");
    assert!(store.picture("kept", before).await.unwrap().is_some());
    let query = VisualizationQuery { range: Range::ALL, widget: None, cursor: None, limit: 10 };
    assert_eq!(store.visualizations(tenant, query).await.unwrap().data.len(), 2, "the rows stay");
    app.lifecycle.drain();
    tokio::time::timeout(Duration::from_secs(20), job).await.expect("the job ends").unwrap();
}
