//! Several processes on one file, imitated by several engines: one serves, others administer and inspect.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use selektable_store::account::{KeyEnd, SecretHash};
use selektable_store::{Access, SharedStore, StoreError, open};

use crate::embedded_worlds;
use crate::world::{World, an_order, at, new_key, new_organization};

fn address(world: &World) -> String {
    format!("sqlite:{}", world.folder.path().join("selektable.db").display())
}

fn beside(world: &World, access: Access) -> SharedStore {
    open(&address(world), access).unwrap()
}

#[tokio::test]
async fn a_second_serving_process_is_refused_until_the_first_one_ended() {
    for world in embedded_worlds().await {
        let second = open(&address(&world), Access::Serve);
        assert!(matches!(second, Err(StoreError::Locked(_))));
        world.store.close().await.unwrap();
        beside(&world, Access::Serve).close().await.unwrap();
    }
}

#[tokio::test]
async fn a_key_revoked_by_another_process_stops_working_within_a_second() {
    for world in embedded_worlds().await {
        let secret = SecretHash([7; 32]);
        let key = new_key(world.tenant.organization, 7);
        let administration = beside(&world, Access::Administer);
        administration.create_key(key.clone()).await.unwrap();
        let works = async || {
            let found = world.store.key_by_secret(secret).await.unwrap();
            found.is_some_and(|key| key.works_at(at(1.0)))
        };
        assert!(works().await, "an unknown key is looked up at once");
        let end = KeyEnd::RevokedAt(at(0.0));
        administration.end_key(world.tenant.organization, key.id, end).await.unwrap();
        let revoked = Instant::now();
        while works().await {
            assert!(revoked.elapsed() < Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // In its own process it stops at once.
        let other = new_key(world.tenant.organization, 8);
        world.store.create_key(other.clone()).await.unwrap();
        assert!(world.store.key_by_secret(SecretHash([8; 32])).await.unwrap().unwrap().works_at(at(1.0)));
        world.store.end_key(world.tenant.organization, other.id, end).await.unwrap();
        assert!(!world.store.key_by_secret(SecretHash([8; 32])).await.unwrap().unwrap().works_at(at(1.0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrative_process_writes_while_orders_come_in() {
    for world in embedded_worlds().await {
        let administration = beside(&world, Access::Administer);
        let posts: Vec<_> = (0..100)
            .map(|number| {
                let delivery = world.delivery(an_order(&format!("order-{number}")));
                let store = world.store.clone();
                tokio::spawn(async move { store.ingest_orders(vec![delivery]).await.unwrap() })
            })
            .collect();
        for number in 0..5_u8 {
            let new = new_organization(&format!("New {number}"), "new@example.com", 100 + number);
            administration.create_organization(new).await.unwrap();
        }
        for post in posts {
            post.await.unwrap();
        }
        let member = world.store.member_by_email("new@example.com").await.unwrap().unwrap();
        assert_eq!(world.store.organizations(member.id).await.unwrap().len(), 5);
        world.check().await;
    }
}

#[tokio::test]
async fn an_inspecting_process_reads_beside_a_server_and_writes_nothing() {
    for world in embedded_worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        world.send(an_order("1")).await;
        let inspection = beside(&world, Access::Inspect);
        assert_eq!(inspection.recompute_check(Box::new(|_, _| {})).await.unwrap().first_difference, None);
        assert!(inspection.verify(Box::new(|_, _| {})).await.unwrap().faults.is_empty());
        assert!(matches!(inspection.ready().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(inspection.recompute(Box::new(|_, _| {})).await, Err(StoreError::Unavailable(_))));
        // And alone, when the log is gone.
        world.store.close().await.unwrap();
        let alone = beside(&world, Access::Inspect);
        assert_eq!(alone.recompute_check(Box::new(|_, _| {})).await.unwrap().conversions, 1);
        alone.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused_and_one_without_tables_is_not_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("selektable.db");
    let address = format!("sqlite:{}", path.display());
    assert!(open(&address, Access::Inspect).is_err(), "there is no file, and none is made");
    assert!(!path.exists());
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a)").unwrap();
    assert!(matches!(open(&address, Access::Inspect), Err(StoreError::Unavailable(_))));
    connection.pragma_update(None, "user_version", 999).unwrap();
    for access in [Access::Serve, Access::Administer, Access::Inspect] {
        let answer = open(&address, access);
        assert!(matches!(answer, Err(StoreError::TooNew { found: 999, .. })));
    }
}
