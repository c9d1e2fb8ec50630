//! Recompute, verify, dump, readiness, closing.

use std::io::Write;
use std::sync::{Arc, Mutex};

use selektable_domain::opaque::UserId;
use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_store::StoreError;
use selektable_store::account::SecretHash;
use selektable_store::ingest::{Event, EventKind};

use crate::world::{World, an_order, at, page_event, visitor, worlds};

/// A sink whose content can be read afterwards.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) async fn dump(world: &World) -> String {
    let kept = Kept::default();
    world.store.dump_canonical(Box::new(kept.clone())).await.unwrap();
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// A little of everything.
async fn a_history(world: &World) {
    world.show("viz", "phone", &["p", "q"], at(-5.0)).await;
    world.identify("phone", "ann", at(-4.0)).await;
    let laptop = Order { visitor: Some(visitor("laptop")), ..an_order("1") };
    world.send(Order { source: Source::Browser, total_minor: 5, ..laptop.clone() }).await;
    world.send(Order { user: UserId::parse("ann").ok(), ..laptop.clone() }).await;
    world.send(Order { status: OrderStatus::Pending, ..laptop }).await;
    world.send(Order { updated_at: Some(at(0.1)), ..an_order("2") }).await;
    world.see("v", at(-1.0)).await;
    world.show("viz-2", "v", &["other"], at(-0.5)).await;
}

#[tokio::test]
async fn a_recomputation_gives_what_is_stored_and_the_dump_stays_the_same() {
    for world in worlds().await {
        a_history(&world).await;
        let before = dump(&world).await;
        let report = world.store.recompute_check(Box::new(|_, _| {})).await.unwrap();
        assert_eq!((report.facts, report.conversions, report.differences), (8, 2, 0), "{report:?}");
        let report = world.store.recompute(Box::new(|_, _| {})).await.unwrap();
        assert_eq!((report.facts, report.conversions, report.differences), (8, 2, 0), "{report:?}");
        assert_eq!(dump(&world).await, before);
        // It goes on afterwards.
        world.send(an_order("3")).await;
        world.check().await;
        let verified = world.store.verify(Box::new(|_, _| {})).await.unwrap();
        assert_eq!((verified.facts, verified.faults), (9, Vec::new()));
    }
}

#[tokio::test]
async fn a_dump_has_every_kind_of_line_and_no_secret() {
    for world in worlds().await {
        a_history(&world).await;
        let dump = dump(&world).await;
        let mut kinds: Vec<&str> = dump.lines().filter_map(|line| line.split('"').nth(1)).collect();
        kinds.dedup();
        let expected = [
            "organization",
            "store",
            "ruleset",
            "schedule",
            "widget",
            "fact",
            "visitor",
            "identityLink",
            "productSeen",
            "visualization",
            "conversion",
        ];
        assert_eq!(kinds, expected);
        assert!(!dump.contains("hash") && !dump.contains("ann@example.com"), "{dump}");
    }
}

#[tokio::test]
async fn traits_are_kept_only_where_the_store_says_so() {
    for world in worlds().await {
        let identify = |id: &str| Event {
            kind: EventKind::Identify {
                user: UserId::parse("ann").unwrap(),
                traits: Some(r#"{"plan":"gold"}"#.to_owned()),
            },
            ..page_event(id, at(-1.0))
        };
        world.store.record_events(world.events("v", vec![identify("1")])).await.unwrap();
        assert!(!dump(&world).await.contains("gold"));
        let mut settings = crate::world::store_settings("Shop");
        settings.keep_traits = true;
        world.store.update_store(world.tenant, settings).await.unwrap();
        world.store.record_events(world.events("v", vec![identify("2")])).await.unwrap();
        assert!(dump(&world).await.contains("gold"));
    }
}

#[tokio::test]
async fn an_event_id_counts_once() {
    for world in worlds().await {
        let batch = world.events("v", vec![page_event("1", at(0.0)), page_event("2", at(0.0))]);
        let again = world.events("w", vec![page_event("2", at(0.0)), page_event("3", at(0.0))]);
        let first = world.store.record_events(batch).await.unwrap();
        let second = world.store.record_events(again).await.unwrap();
        assert_eq!((first.recorded, first.duplicates), (2, 0));
        assert_eq!((second.recorded, second.duplicates), (1, 1));
        let none = world.store.record_events(world.events("v", Vec::new())).await.unwrap();
        assert_eq!((none.recorded, none.duplicates), (0, 0));
    }
}

#[tokio::test]
async fn a_closed_store_finished_what_was_queued_and_answers_that_it_is_closed() {
    for world in worlds().await {
        world.store.ready().await.unwrap();
        let queued: Vec<_> = (0..20)
            .map(|number| {
                let delivery = world.delivery(an_order(&format!("order-{number}")));
                let store = world.store.clone();
                tokio::spawn(async move { store.ingest_orders(vec![delivery]).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let closed = world.store.close().await;
        assert_eq!(closed, Ok(()));
        for write in queued {
            assert!(matches!(write.await.unwrap(), Ok(_) | Err(StoreError::Closed)));
        }
        assert_eq!(world.store.ready().await, Err(StoreError::Closed));
        assert_eq!(world.store.is_empty().await, Err(StoreError::Closed));
        assert!(world.store.key_by_secret(SecretHash([9; 32])).await.is_err());
        assert!(world.store.recompute_check(Box::new(|_, _| {})).await.is_err());
        assert_eq!(world.store.close().await, Err(StoreError::Closed));
    }
}
