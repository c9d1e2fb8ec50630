//! Sheets of reports in the file: damaged, named, and made anew.

use rusqlite::Connection;
use selektable_domain::order::Order;
use selektable_domain::time::Range;
use selektable_store::{make_sheets, recount_reports};

use crate::embedded_worlds;
use crate::world::{World, an_order, at, visitor};

fn path(world: &World) -> String {
    world.folder.path().join("selektable.db").display().to_string()
}

/// On a thread without a runtime, as these functions are made for.
async fn make(world: &World) {
    let address = format!("sqlite:{}", path(world));
    tokio::task::spawn_blocking(move || make_sheets(&address, Some(at(10_000.0)))).await.unwrap().unwrap();
}

async fn is_a_recount(world: &World) -> bool {
    let models = world.store.models(world.tenant, Range::ALL).await.unwrap();
    let products = world.store.products(world.tenant, Range::ALL).await.unwrap();
    let recounted = recount_reports(&format!("sqlite:{}", path(world)), world.tenant, Range::ALL).unwrap();
    models == recounted.models && products == recounted.products
}

async fn first_difference(world: &World) -> Option<String> {
    world.store.recompute_check(Box::new(|_, _| {})).await.unwrap().first_difference
}

/// One bit of the last byte.
fn flip(file: &Connection, place: &str) {
    let sql = format!("SELECT report, at, bytes FROM sheets WHERE {place} LIMIT 1");
    let (report, from, mut bytes): (String, i64, Vec<u8>) =
        file.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let sql = format!("UPDATE sheets SET bytes = ?1 WHERE {place} AND report = ?2 AND at = ?3");
    assert_eq!(file.execute(&sql, rusqlite::params![bytes, report, from]).unwrap(), 1);
}

#[tokio::test]
async fn one_flipped_bit_of_a_sheet_and_one_that_is_gone_are_found_and_mended() {
    let damages = [
        "report = 'models' AND span_ms = 900000",
        "report = 'products' AND span_ms = 3600000",
        "report = 'pictures' AND span_ms = 86400000",
        "report = 'lag' AND span_ms = 5529600000",
        "",
    ];
    for world in embedded_worlds().await {
        for (who, hours) in [("u", -30.0), ("v", -29.0), ("w", -1.0)] {
            world.show(&format!("viz-{who}"), who, &["p"], at(hours)).await;
        }
        for who in ["u", "v"] {
            world.send(Order { visitor: Some(visitor(who)), ..an_order(who) }).await;
        }
        make(&world).await;
        assert_eq!(first_difference(&world).await, None);
        assert!(is_a_recount(&world).await);
        for damage in damages {
            let file = Connection::open(path(&world)).unwrap();
            if damage.is_empty() {
                let sql = "DELETE FROM sheets WHERE report = 'lag' AND span_ms = 900000";
                assert_eq!(file.execute(sql, []).unwrap(), 1);
            } else {
                flip(&file, damage);
            }
            drop(file);
            let found = first_difference(&world).await.unwrap_or_default();
            assert!(found.contains("it is not what its rows come to"), "{damage}: {found}");
            let verified = world.store.verify(Box::new(|_, _| {})).await.unwrap();
            assert!(verified.faults.contains(&found), "{damage}: {found}");
            world.store.recompute(Box::new(|_, _| {})).await.unwrap();
            assert!(is_a_recount(&world).await, "{damage}");
            make(&world).await;
            assert_eq!(first_difference(&world).await, None, "{damage}");
            assert!(is_a_recount(&world).await, "{damage}");
        }
    }
}
