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

#[tokio::test(flavor = "multi_thread")]
async fn events_of_version_six_stand_apart_after_the_migration_and_who_was_there_is_still_known() {
    let world = World::found(world::postgres()).await;
    world.see("only-seen", at(-2.0)).await;
    world.identify("logged-in", ",\"name\":\"ann", at(-2.0)).await;
    world.show("viz", "v", &["p"], at(-1.0)).await;
    world.send(Order { visitor: Some(visitor("only-seen")), ..an_order("one") }).await;
    world.store.close().await.unwrap();
    let database = world.database.clone().unwrap();
    let mut session = database.session();
    let back = "INSERT INTO facts (store, kind, key, received_at, body, digest) \
                SELECT store, 'event', key, received_at, body, digest FROM seen_facts; \
                DROP TABLE seen_facts, roll_offs, roll_off_runs, visitors; \
                CREATE TABLE visitors (store BIGINT NOT NULL, visitor TEXT COLLATE \"C\" NOT NULL, \
                first_seen BIGINT NOT NULL, PRIMARY KEY (store, visitor)); \
                INSERT INTO visitors VALUES (1, 'only-seen', 5), (1, 'logged-in', 5), (1, 'v', 5); \
                ALTER TABLE stores DROP COLUMN keep_events_days; UPDATE schema_version SET version = 6";
    for statement in back.split("; ") {
        session.run(statement).unwrap();
    }
    let again = selektable_store::open(&database.address(), selektable_store::Access::Serve).unwrap();
    let world = World { store: again, ..world };
    world.check().await;
    assert_eq!(world.store.verify(Box::new(|_, _| {})).await.unwrap().faults, Vec::<String>::new());
    assert_eq!(session.value("SELECT count(*) FROM seen_facts_202611").unwrap(), "1");
    assert_eq!(session.value("SELECT count(*) FROM facts WHERE kind = 'event'").unwrap(), "1");
}
