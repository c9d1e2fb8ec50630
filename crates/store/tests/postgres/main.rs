//! What only PostgreSQL has: rows that somebody changed beside the program.

#![expect(clippy::unwrap_used, reason = "what can't be set up is a failed test")]

#[path = "../conformance/world.rs"]
#[expect(dead_code, reason = "a part of the world is enough here")]
mod world;

use selektable_domain::order::Order;
use selektable_testbed::Session;
use world::{World, an_order, at, visitor};

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_no_fact_gives_is_named_and_made_anew() {
    let engine = world::postgres();
    let place = engine.database.as_ref().map(|database| (database.port(), database.name().to_owned()));
    let world = World::found(engine).await;
    world.show("viz", "v", &["p"], at(-1.0)).await;
    world.send(Order { visitor: Some(visitor("v")), ..an_order("one") }).await;
    let (port, name) = place.unwrap();
    let mut session = Session::open(port, &name).unwrap();
    session.run("UPDATE visitors SET seen_month = seen_month + 7").unwrap();
    session.run("INSERT INTO shown_products VALUES (1, 'never', 5, 1)").unwrap();
    let untold = || Box::new(|_, _| {});
    let found = world.store.recompute_check(untold()).await.unwrap();
    let words = found.first_difference.unwrap();
    assert!(words.contains("visitors") || words.contains("shown_products"), "{words}");
    assert!(world.store.recompute(untold()).await.unwrap().differences > 0);
    world.check().await;
}
