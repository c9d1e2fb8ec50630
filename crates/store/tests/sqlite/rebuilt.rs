//! Sets of decisions across restarts, and made by one process for another.

use std::time::Duration;

use rusqlite::Connection;
use selektable_domain::order::Order;
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Effective;
use selektable_domain::time::Window;
use selektable_store::rules::Published;
use selektable_store::{Access, SharedStore, open};

use crate::embedded_worlds;
use crate::world::{World, an_order, at, visitor};

/// More than are decided in the transaction that publishes, and several pieces of the background's work.
const MANY: usize = 1_500;

fn address(folder: &std::path::Path) -> String {
    format!("sqlite:{}", folder.join("selektable.db").display())
}

async fn many(world: &World) {
    world.show("viz", "v", &["p"], at(-10.0)).await;
    let order = |place: usize| {
        let created_at = at(0.0).plus_millis(-1_000 * i64::try_from(place).unwrap());
        let who = if place.is_multiple_of(2) { "v" } else { "w" };
        world.delivery(Order {
            visitor: Some(visitor(who)),
            created_at,
            ..an_order(&format!("order-{place}"))
        })
    };
    world.store.ingest_orders((0..MANY).map(order).collect()).await.unwrap();
}

async fn publish(world: &World, hours: i64) -> u32 {
    let rules = Ruleset { window: Window::from_hours(hours).unwrap(), ..Ruleset::FIRST };
    let version = world.store.draft_ruleset(world.tenant, rules, at(1.0)).await.unwrap().unwrap().version;
    let published = world.store.publish_ruleset(world.tenant, version, Effective::Everything, at(2.0)).await;
    assert!(matches!(published, Ok(Published::InForce(_))));
    version
}

async fn settle(store: &SharedStore, world: &World) {
    while store.rulesets(world.tenant).await.unwrap().progress.is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn is_whole(store: &SharedStore) {
    let report = store.recompute_check(Box::new(|_, _| {})).await.unwrap();
    assert_eq!(report.first_difference, None);
    assert_eq!(store.verify(Box::new(|_, _| {})).await.unwrap().faults, Vec::<String>::new());
}

fn count(world: &World, sql: &str) -> i64 {
    let file = Connection::open(world.folder.path().join("selektable.db")).unwrap();
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_of_decisions_that_was_half_built_is_completed_after_a_restart() {
    for world in embedded_worlds().await {
        many(&world).await;
        let version = publish(&world, 5).await;
        world.store.close().await.unwrap();
        let again = open(&address(world.folder.path()), Access::Serve).unwrap();
        is_whole(&again).await;
        settle(&again, &world).await;
        is_whole(&again).await;
        let order = again.conversion(world.tenant, crate::world::order_id("order-2")).await.unwrap().unwrap();
        assert_eq!(order.record.attribution.ruleset_version, version);
        again.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_of_decisions_survives_a_process_that_ends_without_a_word() {
    for world in embedded_worlds().await {
        many(&world).await;
        publish(&world, 5).await;
        let copy = tempfile::tempdir().unwrap();
        for name in ["selektable.db", "selektable.db-wal"] {
            std::fs::copy(world.folder.path().join(name), copy.path().join(name)).unwrap();
        }
        let again = open(&address(copy.path()), Access::Serve).unwrap();
        settle(&again, &world).await;
        is_whole(&again).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrative_process_has_everything_decided_again_beside_a_server_and_without_one() {
    for world in embedded_worlds().await {
        many(&world).await;
        let beside = open(&address(world.folder.path()), Access::Administer).unwrap();
        let report = beside.recompute(Box::new(|_, _| {})).await.unwrap();
        assert_eq!((report.conversions, report.differences), (MANY as u64, 0));
        world.store.close().await.unwrap();
        let report = beside.recompute(Box::new(|_, _| {})).await.unwrap();
        assert_eq!((report.conversions, report.differences), (MANY as u64, 0));
        is_whole(&beside).await;
        assert_eq!(count(&world, "SELECT count(*) FROM decisions"), i64::try_from(MANY).unwrap());
        assert_eq!(count(&world, "SELECT generation FROM generations"), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_decision_is_counted_and_made_again() {
    for world in embedded_worlds().await {
        many(&world).await;
        assert_eq!(count(&world, "SELECT count(*) FROM decisions WHERE lag_any_ms = 36000000"), 1);
        let file = Connection::open(world.folder.path().join("selektable.db")).unwrap();
        file.execute("UPDATE decisions SET attributed_minor = 7 WHERE lag_any_ms = 36000000", []).unwrap();
        let report = world.store.recompute(Box::new(|_, _| {})).await.unwrap();
        assert_eq!(report.differences, 1);
        let words = "the decision on conversion 2 was not the one that the facts give";
        assert_eq!(report.first_difference.as_deref(), Some(words));
        is_whole(&world.store).await;
    }
}
