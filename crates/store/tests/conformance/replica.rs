//! Reports of a server with a replica. Here the replica is a copy that hears of nothing any more, so what comes from it
//! can be told apart.

use selektable_domain::report::Lens;
use selektable_domain::time::Range;
use selektable_store::transfer::{Watch, transfer};
use selektable_store::{Access, SharedStore, Tenant, open};

use crate::world::{World, all_conversions, an_order, at, postgres};

async fn copy(from: &str, to: &str) {
    let watch = Watch { copying: Box::new(|_, _| {}), checking: Box::new(|_, _| {}) };
    transfer(from, to, watch).await.unwrap();
}

/// Orders that a summary, a series and a report over a whole history count; all of them the same.
async fn counted(store: &SharedStore, tenant: Tenant) -> u64 {
    let summary = store.summary(tenant, Range::ALL, Lens::default()).await.unwrap().by_type.total();
    let day = Range { from: at(-24.0), to: at(24.0) };
    let series = store.series(tenant, vec![day], Lens::default()).await.unwrap()[0].by_type.total();
    let report = store.products(tenant, Range::ALL).await.unwrap()[0].ordered;
    assert_eq!([series, report], [summary; 2]);
    summary
}

#[tokio::test]
async fn figures_come_from_the_replica_and_everything_else_from_the_server() {
    let mut engine = postgres();
    let (server, replica) = (engine.database.take().unwrap(), selektable_testbed::database());
    let world = World::found(engine).await;
    world.send(an_order("first")).await;
    world.store.close().await.unwrap();
    copy(&server.address(), &replica.address()).await;

    let with =
        |replica: &str| open(&format!("{}?replica={replica}", server.address()), Access::Serve).unwrap();
    let store = with(&replica.address());
    store.ingest_orders(vec![world.delivery(an_order("second"))]).await.unwrap();
    assert_eq!(store.conversions(world.tenant, all_conversions()).await.unwrap().data.len(), 2);
    assert_eq!(counted(&store, world.tenant).await, 1, "the replica has not heard of the second");
    store.close().await.unwrap();

    let store = with("postgres://postgres@127.0.0.1:1/nowhere");
    assert_eq!(counted(&store, world.tenant).await, 2, "nobody answers there, so the server itself is asked");
    store.close().await.unwrap();
}
