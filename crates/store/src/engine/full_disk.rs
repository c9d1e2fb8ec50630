//! A full disk, imitated by a limit on the file's pages on the writer's own connection.

use std::sync::Arc;

use selektable_domain::order::Order;

use super::interface::Engine;
use super::open;
use super::world::{self, World, an_order, at, item};
use crate::postgres::locks::Scope;
use crate::{Access, SharedStore, StoreError};

async fn limit_pages(engine: &Engine, pages: i64) {
    let writer = engine.writer.as_ref().unwrap();
    let limit = writer
        .write(Scope::Installation, 1, move |work| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            Ok(work.connection.query_row(&sql, (), |row| row.get::<i64>(0))?)
        })
        .await;
    limit.unwrap();
}

async fn pages(engine: &Engine) -> i64 {
    let count = |work: &super::work::Work<'_>| {
        Ok(work.connection.query_row("PRAGMA page_count", (), |row| row.get(0))?)
    };
    engine.readers.read(count).await.unwrap()
}

/// An order of some kilobytes, so that a few fill what is left.
fn a_large_order(number: u32) -> Order {
    let items = (0..200).map(|place| item(&format!("product-{place}"), 1)).collect();
    Order { items, ..an_order(&format!("order-{number}")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_acknowledged_that_is_not_stored_and_it_heals_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(
        open::engine(&format!("sqlite:{}", folder.path().join("s.db").display()), Access::Serve).unwrap(),
    );
    let world =
        World::found(world::Engine { store: Arc::clone(&engine) as SharedStore, folder, database: None })
            .await;
    world.show("viz", "v", &["p"], at(-1.0)).await;
    limit_pages(&engine, pages(&engine).await + 120).await;

    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for round in 0..10_u32 {
        let posts: Vec<_> = (0..8)
            .map(|place| {
                let delivery = world.delivery(a_large_order(round * 8 + place));
                let (id, store) = (delivery.order.id.clone(), world.store.clone());
                tokio::spawn(async move { (id, store.ingest_orders(vec![delivery]).await) })
            })
            .collect();
        for post in posts {
            match post.await.unwrap() {
                (id, Ok(_)) => acknowledged.push(id.to_string()),
                (_, Err(fault)) => {
                    assert_eq!(fault, StoreError::Full);
                    refused += 1;
                }
            }
        }
    }
    assert!(!acknowledged.is_empty() && refused > 0, "{} acknowledged", acknowledged.len());
    assert_eq!(engine_ids(&world).await, sorted(acknowledged.clone()));
    world.check().await;

    limit_pages(&engine, 1_000_000).await;
    world.send(a_large_order(999)).await;
    acknowledged.push("order-999".to_owned());
    assert_eq!(engine_ids(&world).await, sorted(acknowledged));
    world.check().await;
}

async fn engine_ids(world: &World) -> Vec<String> {
    let listed = world.conversions().await.data;
    sorted(listed.iter().map(|record| record.order.id.to_string()).collect())
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}
