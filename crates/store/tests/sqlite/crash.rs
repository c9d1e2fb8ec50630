//! A process that ends without a word loses nothing it acknowledged.

use std::path::Path;

use selektable_domain::order::Order;
use selektable_domain::time::Range;
use selektable_store::{Access, open};

use crate::embedded_worlds;
use crate::world::{an_order, at, order_id};

/// What a disk holds at this instant: the file and its log, copied while the engine runs.
fn image(from: &Path, to: &Path) {
    for name in ["selektable.db", "selektable.db-wal"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_order_is_in_the_file_and_its_log_without_closing() {
    for world in embedded_worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        let posts: Vec<_> = (0..200)
            .map(|number| {
                let delivery = world.delivery(an_order(&format!("order-{number}")));
                let store = world.store.clone();
                tokio::spawn(async move { store.ingest_orders(vec![delivery]).await.unwrap() })
            })
            .collect();
        for post in posts {
            post.await.unwrap();
        }
        let copy = tempfile::tempdir().unwrap();
        image(world.folder.path(), copy.path());
        let address = format!("sqlite:{}", copy.path().join("selektable.db").display());
        let again = open(&address, Access::Serve).unwrap();
        let summary = again
            .summary(world.tenant, Range::ALL, selektable_domain::report::Lens::default())
            .await
            .unwrap();
        assert_eq!(summary.by_type.direct, 200);
        assert_eq!(again.verify(Box::new(|_, _| {})).await.unwrap().faults, Vec::<String>::new());
        let report = again.recompute_check(Box::new(|_, _| {})).await.unwrap();
        assert_eq!((report.conversions, report.first_difference), (200, None));
    }
}

#[tokio::test]
async fn a_dropped_engine_lets_go_of_the_file_and_loses_nothing() {
    for world in embedded_worlds().await {
        world.send(an_order("1")).await;
        let (tenant, folder) = (world.tenant, world.folder.clone());
        drop(world);
        let address = format!("sqlite:{}", folder.path().join("selektable.db").display());
        let again = open(&address, Access::Serve).unwrap();
        assert!(again.conversion(tenant, order_id("1")).await.unwrap().is_some());
        again.close().await.unwrap();
        let log = folder.path().join("selektable.db-wal");
        assert!(!log.exists() || log.metadata().unwrap().len() == 0, "closing writes the log back");
    }
}

#[tokio::test]
async fn a_write_whose_caller_went_away_stands() {
    for world in embedded_worlds().await {
        let (store, delivery) = (world.store.clone(), world.delivery(an_order("1")));
        let caller = tokio::spawn(async move { store.ingest_orders(vec![delivery]).await });
        tokio::task::yield_now().await;
        caller.abort();
        let _ = caller.await;
        world.send(Order { total_minor: 1, ..an_order("2") }).await;
        let ids: Vec<String> =
            world.conversions().await.data.iter().map(|record| record.order.id.to_string()).collect();
        assert_eq!(ids, ["2", "1"]);
    }
}
