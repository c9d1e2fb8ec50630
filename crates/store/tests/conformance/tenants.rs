//! Nothing of one tenant shows in another.

use selektable_domain::attribution::AttributionType;
use selektable_domain::id::DeliveryKind;
use selektable_domain::money::Currency;
use selektable_domain::order::{Order, Source};
use selektable_domain::report::{DeliveryOutcome, DeliveryQuery, DeliveryRecord, VisualizationQuery};
use selektable_domain::time::Range;
use selektable_store::Tenant;
use selektable_store::ingest::Refusal;

use crate::world::{World, an_order, at, new_id, new_store, order_id, worlds};

fn every_delivery() -> DeliveryQuery {
    DeliveryQuery { range: Range::ALL, refused: None, order_id: None, cursor: None, limit: 200 }
}

async fn everything(world: &World, tenant: Tenant) -> (usize, usize, usize) {
    let query = VisualizationQuery { range: Range::ALL, widget: None, cursor: None, limit: 200 };
    let conversions = world.store.conversions(tenant, crate::world::all_conversions()).await.unwrap();
    let visualizations = world.store.visualizations(tenant, query).await.unwrap();
    let deliveries = world.store.deliveries(tenant, every_delivery()).await.unwrap();
    (conversions.data.len(), visualizations.data.len(), deliveries.data.len())
}

#[tokio::test]
async fn the_same_ids_in_two_stores_and_two_organizations_have_nothing_to_do_with_each_other() {
    for world in worlds().await {
        let other = world.neighbour("Other", 2).await;
        let sister = new_store(new_id(), world.tenant.organization, new_id());
        world.store.create_store(sister.clone()).await.unwrap();
        let sister = world.store.tenant(world.tenant.organization, sister.id).await.unwrap().unwrap();
        world.send(an_order("1")).await;
        // The same visitor, session, user, product and visualization id elsewhere.
        other.show("viz", "v", &["p"], at(-1.0)).await;
        let mut elsewhere = world.shown("viz", "v", &["p"], at(-1.0));
        elsewhere.tenant = sister;
        world.store.record_visualization(elsewhere).await.unwrap();
        other.identify("v", "ann", at(-1.0)).await;
        assert_eq!(world.conversion("1").await.attribution.kind, AttributionType::None);
        other.send(Order { currency: Currency::parse("USD").unwrap(), ..an_order("1") }).await;
        assert_eq!(other.conversion("1").await.attribution.kind, AttributionType::Direct);
        assert_eq!(everything(&world, world.tenant).await, (1, 0, 1));
        assert_eq!(everything(&world, other.tenant).await, (1, 1, 1));
        assert_eq!(everything(&world, sister).await, (0, 1, 0));
        world.check().await;
    }
}

#[tokio::test]
async fn a_tenant_is_only_had_by_the_organization_that_owns_the_store() {
    for world in worlds().await {
        let other = world.neighbour("Other", 2).await;
        let (mine, theirs) = (world.tenant, other.tenant);
        assert_eq!(world.store.tenant(mine.organization, mine.store).await.unwrap(), Some(mine));
        assert_eq!(world.store.tenant(mine.organization, theirs.store).await.unwrap(), None);
        assert_eq!(world.store.tenant(mine.organization, new_id()).await.unwrap(), None);
        let (tenant, _, widget) = world.store.public_widget(other.widget).await.unwrap().unwrap();
        assert_eq!((tenant, widget.id), (theirs, other.widget));
        assert!(world.store.public_widget(new_id()).await.unwrap().is_none());
    }
}

fn refusal(world: &World, tenant: Option<Tenant>, minutes: f64) -> Refusal {
    let record = DeliveryRecord {
        id: new_id::<DeliveryKind>(),
        received_at: at(minutes / 60.0),
        source: Source::Server,
        order_id: Some(order_id("1")),
        request_id: "request".to_owned(),
        topic: None,
        outcome: DeliveryOutcome::Refused { status: 422, code: "invalid".to_owned(), faults: Vec::new() },
    };
    Refusal { organization: world.tenant.organization, tenant, record }
}

#[tokio::test]
async fn a_refusal_shows_in_its_store_or_in_every_store_of_its_organization_when_it_named_none() {
    for world in worlds().await {
        let other = world.neighbour("Other", 2).await;
        let sister = new_store(new_id(), world.tenant.organization, new_id());
        world.store.create_store(sister.clone()).await.unwrap();
        let sister = world.store.tenant(world.tenant.organization, sister.id).await.unwrap().unwrap();
        world.store.record_refusal(refusal(&world, Some(world.tenant), 1.0)).await.unwrap();
        world.store.record_refusal(refusal(&world, None, 2.0)).await.unwrap();
        world.send(an_order("1")).await;
        assert_eq!(everything(&world, world.tenant).await.2, 3);
        assert_eq!(everything(&world, sister).await.2, 1);
        assert_eq!(everything(&world, other.tenant).await.2, 0);
        let of_order = DeliveryQuery { order_id: Some(order_id("1")), ..every_delivery() };
        let listed = world.store.deliveries(world.tenant, of_order).await.unwrap().data;
        assert_eq!(listed.len(), 3);
        assert!(listed.is_sorted_by_key(|delivery| std::cmp::Reverse(delivery.received_at)));
    }
}

#[tokio::test]
async fn an_organization_keeps_its_newest_refusals_up_to_the_limit() {
    for world in worlds().await {
        let kept = usize::try_from(selektable_store::ingest::REFUSALS_KEPT_MAX).unwrap();
        let refusals = (0..kept + 5).map(|_| {
            let (store, refusal) = (world.store.clone(), refusal(&world, None, 1.0));
            tokio::spawn(async move { store.record_refusal(refusal).await.unwrap() })
        });
        for done in refusals.collect::<Vec<_>>() {
            done.await.unwrap();
        }
        world.store.record_refusal(refusal(&world, None, 9.0)).await.unwrap();
        let mut query = every_delivery();
        let mut seen = 0;
        loop {
            let page = world.store.deliveries(world.tenant, query.clone()).await.unwrap();
            if seen == 0 {
                assert_eq!(page.data[0].received_at, at(9.0 / 60.0));
            }
            seen += page.data.len();
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, kept);
    }
}

#[tokio::test]
async fn a_store_has_seen_somebody_once_a_browser_came_and_not_by_an_order_or_by_a_neighbour() {
    for world in worlds().await {
        let other = world.neighbour("Other", 2).await;
        world.send(an_order("1")).await;
        assert!(!world.store.any_visitor(world.tenant).await.unwrap());
        world.see("v", at(-1.0)).await;
        assert!(world.store.any_visitor(world.tenant).await.unwrap());
        assert!(!world.store.any_visitor(other.tenant).await.unwrap());
    }
}
