//! Whether what is asked all day names the store, so that Citus asks one node: told from the statements themselves, as they
//! are prepared while a story is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_domain::report::{DeliveryOutcome, DeliveryQuery, DeliveryRecord, Lens};
use selektable_domain::time::Range;
use selektable_testbed::Session;

use super::citus::stand_in;
use crate::engine::transfer::{Watch, transfer};
use crate::engine::world::{Engine, World, all_conversions, an_order, at, new_id, order_id, postgres};
use crate::ingest::Refusal;
use crate::tables::{Place, standing};
use crate::{Access, open};

static ASKED: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// Keeps a statement that was prepared on a database.
pub(super) fn note(database: &str, sql: &str) {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    asked.entry(database.to_owned()).or_default().insert(sql.to_owned());
}

/// Asked now and then of all stores together, never while somebody waits.
const OF_ALL: [&str; 7] = [
    // Which store has work waiting; then it is done store by store.
    "SELECT store FROM redecisions LIMIT 1",
    "SELECT store FROM rollup_changes LIMIT 1",
    "SELECT store FROM rollup_builds LIMIT 1",
    "SELECT store FROM unnoted_visits LIMIT 1",
    "SELECT DISTINCT store FROM sheets_wanted WHERE",
    // A store is locked, or made.
    "SELECT store FROM store_writers",
    // Numbers come from the coordinator.
    "SELECT nextval(",
];

fn words(sql: &str) -> Vec<&str> {
    sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.' && c != '=')
        .filter(|word| !word.is_empty())
        .collect()
}

fn is_by_store(table: &str) -> bool {
    standing(Place::ByStore).any(|name| name == table)
}

/// How often a statement reads or changes a distributed table, and how often it says of which store.
fn names(sql: &str) -> (usize, usize) {
    let words = words(sql);
    let tables = words
        .windows(2)
        .filter(|pair| matches!(pair[0], "FROM" | "JOIN" | "UPDATE" | "INTO") && is_by_store(pair[1]));
    let stores = words.windows(2).filter(|pair| {
        let column = pair[0].rsplit('.').next() == Some("store");
        column && pair[1] == "="
    });
    let inserts = words.first() == Some(&"INSERT")
        && sql.split_once('(').is_some_and(|(_, columns)| {
            columns.split(')').next().is_some_and(|columns| words_of(columns).contains(&"store"))
        });
    (tables.count(), stores.count() + usize::from(inserts))
}

fn words_of(columns: &str) -> Vec<&str> {
    columns.split(',').map(str::trim).collect()
}

async fn tell(world: &World) {
    world.show("viz", "v", &["p"], at(-5.0)).await;
    world.see("v", at(-4.0)).await;
    world.send(an_order("1")).await;
    let two = ["2", "3"].map(|id| world.delivery(Order { visitor: None, ..an_order(id) }));
    world.store.ingest_orders(two.into()).await.unwrap();
    world.identify("v", "user", at(-3.0)).await;
    world.show("late", "v", &["p"], at(-1.0)).await;
    let refunded = Order {
        refunded_minor: 500,
        status: OrderStatus::Refunded,
        updated_at: Some(at(2.0)),
        ..an_order("1")
    };
    world.send_at(refunded, at(2.5)).await;
    world.store.conversion(world.tenant, order_id("1")).await.unwrap().unwrap();
    world.store.conversions(world.tenant, all_conversions()).await.unwrap();
    for as_of in [None, Some(at(3.0))] {
        for widget in [None, Some(world.widget)] {
            let lens = Lens { widget, as_of, ..Lens::default() };
            world.store.summary(world.tenant, Range::ALL, lens).await.unwrap();
        }
    }
    world.store.lag(world.tenant, Range::ALL).await.unwrap();
    let address = world.database.as_ref().unwrap().address();
    for _ in 0..2 {
        world.store.products(world.tenant, Range::ALL).await.unwrap();
        world.store.models(world.tenant, Range::ALL).await.unwrap();
        world.store.near_misses(world.tenant, Range::ALL).await.unwrap();
        world.store.platform_health(world.tenant, Range::ALL).await.unwrap();
        let address = address.clone();
        tokio::task::spawn_blocking(move || crate::make_sheets(&address, Some(at(10_000.0))))
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test]
async fn what_is_asked_while_orders_and_events_arrive_and_are_looked_at_names_the_store() {
    let engine = postgres();
    let database = engine.database.as_ref().unwrap().name().to_owned();
    let world = World::found(engine).await;
    tell(&world).await;
    world.store.close().await.unwrap();
    let asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner).remove(&database).unwrap();
    assert!(asked.iter().any(|sql| sql.starts_with("UPDATE conversions")), "{asked:#?}");
    assert!(asked.iter().any(|sql| sql.starts_with("INSERT INTO ledger")), "{asked:#?}");
    let everywhere: Vec<&String> = asked
        .iter()
        .filter(|sql| !OF_ALL.iter().any(|known| sql.starts_with(known)))
        .filter(|sql| {
            let (tables, stores) = names(sql);
            stores < tables
        })
        .collect();
    assert!(everywhere.is_empty(), "these would be asked of every node: {everywhere:#?}");
}

/// Whether rows go where their own store says, whatever the plan: the extension explains no such statement with parameters.
fn is_insert_of_rows(sql: &str) -> bool {
    sql.starts_with("INSERT INTO ") && sql.contains(" SELECT ")
}

/// How many parts Citus makes of each statement that was prepared, other than those that are asked of all stores.
fn parts(session: &mut Session, asked: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
    let mut parts = BTreeMap::new();
    let one_store = |sql: &&String| !OF_ALL.iter().any(|known| sql.starts_with(known));
    for sql in asked.iter().filter(one_store).filter(|sql| !is_insert_of_rows(sql)) {
        session.run(&format!("PREPARE question AS {sql}")).unwrap();
        let types = "SELECT array_to_string(parameter_types, ' ') FROM pg_prepared_statements";
        let types = session.value(types).unwrap();
        // Any value will do: the first store has this number.
        let values = types.split_whitespace().map(|kind| if kind.ends_with("[]") { "'{1}'" } else { "'1'" });
        let values: Vec<&str> = values.collect();
        let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        let plan = session.run(&format!("EXPLAIN (COSTS OFF) EXECUTE question{values}")).unwrap();
        let plan = plan.into_iter().flatten().flatten();
        let counts = plan.filter_map(|line| Some(line.trim().strip_prefix("Task Count: ")?.to_owned()));
        parts.insert(sql.clone(), counts.collect());
        session.run("DEALLOCATE question").unwrap();
    }
    parts
}

#[tokio::test]
#[ignore = "needs an extension: scripts/test-citus"]
async fn citus_asks_one_node_for_what_is_asked_while_orders_and_events_arrive_and_are_looked_at() {
    let world = World::found(postgres()).await;
    tell(&world).await;
    world.store.close().await.unwrap();
    let database = world.database.as_ref().unwrap();
    let asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner).remove(database.name()).unwrap();
    let parts = parts(&mut database.session(), &asked);
    let one = parts.values().filter(|counts| *counts == &["1"]).count();
    assert!(one > 50, "{parts:#?}");
    let several: Vec<_> =
        parts.iter().filter(|(_, counts)| counts.iter().any(|count| count != "1")).collect();
    assert!(several.is_empty(), "these are asked of several nodes: {several:#?}");
}

#[tokio::test]
async fn the_same_story_ends_alike_where_tables_are_distributed_as_far_as_a_stand_in_tells() {
    let database = selektable_testbed::database();
    stand_in(&mut database.session());
    let store = open(&database.address(), Access::Serve).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(Engine { store, folder, database: Some(database) }).await;
    tell(&world).await;
    world.check().await;
    let other = World::found(postgres()).await;
    tell(&other).await;
    let lens = Lens::default();
    let spread = world.store.summary(world.tenant, Range::ALL, lens).await.unwrap();
    assert_eq!(spread, other.store.summary(other.tenant, Range::ALL, lens).await.unwrap());
}

#[tokio::test]
async fn a_refusal_of_no_store_moves_to_distributed_tables_and_back() {
    let (folder, spread) = (tempfile::tempdir().unwrap(), selektable_testbed::database());
    stand_in(&mut spread.session());
    let world = World::found(postgres()).await;
    let record = DeliveryRecord {
        id: new_id(),
        received_at: at(1.0),
        source: Source::Server,
        order_id: None,
        request_id: "request".to_owned(),
        topic: None,
        outcome: DeliveryOutcome::Refused { status: 422, code: "invalid".to_owned(), faults: Vec::new() },
    };
    let refusal = Refusal { organization: world.tenant.organization, tenant: None, record };
    world.store.record_refusal(refusal).await.unwrap();
    world.store.close().await.unwrap();
    let file = format!("sqlite:{}", folder.path().join("selektable.db").display());
    let first = world.database.as_ref().unwrap().address();
    for (from, to) in [(first, spread.address()), (spread.address(), file)] {
        let watch = Watch { copying: Box::new(|_, _| {}), checking: Box::new(|_, _| {}) };
        transfer(&from, &to, watch).await.unwrap();
        let store = open(&to, Access::Serve).unwrap();
        let query =
            DeliveryQuery { range: Range::ALL, order_id: None, refused: None, cursor: None, limit: 5 };
        let listed = store.deliveries(world.tenant, query).await.unwrap();
        assert_eq!(listed.data.len(), 1, "{to}");
        store.close().await.unwrap();
    }
}
