//! Sums of figures in the file: folded, damaged, and made anew.

use std::time::Duration;

use rusqlite::Connection;
use selektable_domain::order::Order;
use selektable_domain::report::{Lens, Summary};
use selektable_domain::time::Range;
use selektable_store::{Access, SharedStore, open};

use crate::embedded_worlds;
use crate::world::{World, an_order, at, visitor};

fn file(world: &World) -> Connection {
    Connection::open(world.folder.path().join("selektable.db")).unwrap()
}

fn count(world: &World, sql: &str) -> i64 {
    file(world).query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Until nothing waits to be folded or made anew.
async fn settled(world: &World) {
    let sql = "SELECT (SELECT count(*) FROM rollup_changes) + (SELECT count(*) FROM unnoted_visits) \
               + (SELECT count(*) FROM rollup_builds)";
    while count(world, sql) > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Three visitors on two days, one of them on both; two orders.
async fn two_days(world: &World) {
    for (who, hours) in [("u", -30.0), ("v", -29.0), ("v", -2.0), ("w", -1.0)] {
        world.show(&format!("viz-{who}-{hours}"), who, &["p"], at(hours)).await;
    }
    for who in ["u", "v"] {
        world.send(Order { visitor: Some(visitor(who)), ..an_order(who) }).await;
    }
}

async fn told(store: &SharedStore, world: &World) -> [Summary; 2] {
    let lenses = [Lens::default(), Lens { as_of: Some(at(10_000.0)), ..Lens::default() }];
    let [now, recounted] = lenses.map(|lens| store.summary(world.tenant, Range::ALL, lens));
    [now.await.unwrap(), recounted.await.unwrap()]
}

async fn first_difference(world: &World) -> Option<String> {
    world.store.recompute_check(Box::new(|_, _| {})).await.unwrap().first_difference
}

#[tokio::test]
async fn what_waits_is_folded_within_seconds_and_changes_no_answer() {
    for world in embedded_worlds().await {
        two_days(&world).await;
        let [before, recounted] = told(&world.store, &world).await;
        assert_eq!((before.visualizations, before.visitors), (4, 3));
        assert_eq!(before, recounted);
        settled(&world).await;
        assert!(count(&world, "SELECT count(*) FROM rollups") > 0);
        assert_eq!(told(&world.store, &world).await, [before, recounted]);
        world.check().await;
    }
}

#[tokio::test]
async fn damaged_sums_are_named_and_made_anew() {
    let damages = [
        (
            "DELETE FROM rollups WHERE span_ms = 900000 AND generation = 0 AND widget = x'' \
             AND at = (SELECT min(at) FROM rollups WHERE span_ms = 900000)",
            "generation 0, for the 15 minutes from 2026-11-22T06:00:00.000Z on",
        ),
        (
            "UPDATE rollups SET sums = (SELECT sums FROM rollups WHERE span_ms = 900000 LIMIT 1) \
             WHERE span_ms = 86400000 AND generation > 0",
            "for the 1440 minutes from 2026-11-23T00:00:00.000Z on",
        ),
        ("UPDATE rollups SET sums = x'ff'", "it can't be read"),
        ("DELETE FROM visitor_days WHERE visitor = 'v'", "days of 1 visitors of store 1"),
        ("UPDATE visitor_returns SET visitors = 7 WHERE previous > 0", "they are not 7"),
    ];
    for world in embedded_worlds().await {
        two_days(&world).await;
        settled(&world).await;
        let whole = told(&world.store, &world).await;
        for (damage, words) in damages {
            assert!(file(&world).execute(damage, []).unwrap() > 0, "{damage}");
            let found = first_difference(&world).await.unwrap_or_default();
            assert!(found.contains(words), "{damage}: {found}");
            let verified = world.store.verify(Box::new(|_, _| {})).await.unwrap();
            assert!(verified.faults.iter().any(|fault| fault.contains(words)), "{damage}");
            let report = world.store.recompute(Box::new(|_, _| {})).await.unwrap();
            assert!(report.differences > 0 && report.first_difference == Some(found), "{damage}");
            assert_eq!(told(&world.store, &world).await, whole, "{damage}, while sums are made anew");
            settled(&world).await;
            assert_eq!(first_difference(&world).await, None, "{damage}");
            assert_eq!(told(&world.store, &world).await, whole, "{damage}");
        }
    }
}

#[tokio::test]
async fn a_file_of_before_has_its_sums_made_after_the_migration() {
    for world in embedded_worlds().await {
        two_days(&world).await;
        settled(&world).await;
        let whole = told(&world.store, &world).await;
        world.store.close().await.unwrap();
        crate::retention::back_to_version_six(&file(&world));
        let tables = [
            "rollups",
            "rollup_changes",
            "visitor_days",
            "visitor_returns",
            "unnoted_visits",
            "rollup_builds",
            "leases",
            "tries",
            "dry_runs",
            "sheets",
            "sheets_wanted",
        ];
        let drop_all = tables.map(|table| format!("DROP TABLE {table};")).concat();
        file(&world).execute_batch(&format!("{drop_all} PRAGMA user_version = 3")).unwrap();
        let address = format!("sqlite:{}", world.folder.path().join("selektable.db").display());
        let again = open(&address, Access::Serve).unwrap();
        assert_eq!(told(&again, &world).await, whole);
        settled(&world).await;
        assert_eq!(told(&again, &world).await, whole);
        assert_eq!(again.recompute_check(Box::new(|_, _| {})).await.unwrap().first_difference, None);
        again.close().await.unwrap();
    }
}
