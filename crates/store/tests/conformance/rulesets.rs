//! Rules: drafted, published for everything, from a date or from now on, taken back; and what is decided meanwhile.

use std::time::Duration;

use selektable_domain::attribution::AttributionType;
use selektable_domain::order::Order;
use selektable_domain::rules::{Model, Ruleset};
use selektable_domain::schedule::Effective;
use selektable_domain::time::{Timestamp, Window};
use selektable_store::rules::Published;
use selektable_store::rules::RevisionCause::{self, Publish, RollBack, Start};

use crate::upkeep::dump;
use crate::world::{World, all_conversions, an_order, at, worlds};

/// More than are decided in the transaction that publishes.
const MANY: usize = 700;

async fn draft(world: &World, rules: Ruleset) -> u32 {
    let made = world.store.draft_ruleset(world.tenant, rules, at(1.0)).await.unwrap();
    made.unwrap().version
}

/// Rules with a window of so many hours.
fn hours(hours: i64) -> Ruleset {
    Ruleset { window: Window::from_hours(hours).unwrap(), ..Ruleset::FIRST }
}

async fn publish(world: &World, version: u32, effective: Effective) -> Published {
    world.store.publish_ruleset(world.tenant, version, effective, at(2.0)).await.unwrap()
}

/// Versions that decided, by order id.
async fn versions(world: &World) -> Vec<(String, u32)> {
    let page = world.conversions().await;
    let mut found: Vec<(String, u32)> =
        page.data.iter().map(|row| (row.order.id.to_string(), row.attribution.ruleset_version)).collect();
    found.sort();
    found
}

/// Waits until nothing is decided again in the background any more.
async fn settled(world: &World) {
    while world.store.rulesets(world.tenant).await.unwrap().progress.is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Orders a tenth of an hour apart before noon, each by its own visitor, who visualized ten hours before.
async fn many(world: &World) {
    for batch in 0..MANY / 50 {
        let mut orders = Vec::new();
        for place in batch * 50..(batch + 1) * 50 {
            let who = format!("visitor-{place}");
            let when = at(0.0).plus_millis(-360_000 * i64::try_from(place).unwrap());
            world.show(&format!("viz-{place}"), &who, &["p"], when.plus_millis(-36_000_000)).await;
            orders.push(world.delivery(Order {
                visitor: Some(crate::world::visitor(&who)),
                session: None,
                created_at: when,
                ..an_order(&format!("order-{place}"))
            }));
        }
        world.store.ingest_orders(orders).await.unwrap();
    }
}

#[tokio::test]
async fn a_draft_changes_nothing_until_it_is_published_and_then_what_happened_from_its_time_on() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-5.0)).await;
        world.send(Order { created_at: at(-3.0), ..an_order("1") }).await;
        world.send(an_order("2")).await;
        let version = draft(&world, hours(1)).await;
        assert_eq!(version, 2);
        let pairs = |one, other| vec![("1".to_owned(), one), ("2".to_owned(), other)];
        assert_eq!(versions(&world).await, pairs(1, 1));
        let Published::InForce(schedule) = publish(&world, version, Effective::From(at(-1.0))).await else {
            panic!("it was not published")
        };
        assert_eq!((schedule.revision(), schedule.entries().len()), (2, 2));
        assert_eq!(versions(&world).await, pairs(1, 2));
        assert_eq!(world.conversion("2").await.attribution.kind, AttributionType::None);
        world.check().await;
        assert_eq!(publish(&world, 77, Effective::Everything).await, Published::Unknown);
        publish(&world, version, Effective::Everything).await;
        assert_eq!(versions(&world).await, pairs(2, 2));
        let back = world.store.roll_back_rules(world.tenant, at(3.0)).await.unwrap();
        assert!(matches!(back, Published::InForce(schedule) if schedule.entries().len() == 2));
        assert_eq!(versions(&world).await, pairs(1, 2));
        world.store.roll_back_rules(world.tenant, at(3.0)).await.unwrap();
        assert_eq!(versions(&world).await, pairs(1, 1));
        assert_eq!(world.store.roll_back_rules(world.tenant, at(3.0)).await.unwrap(), Published::Unknown);
        world.check().await;
        let book = world.store.rulesets(world.tenant).await.unwrap();
        let causes: Vec<RevisionCause> = book.revisions.iter().map(|revision| revision.cause).collect();
        assert_eq!(causes, [RollBack, RollBack, Publish, Publish, Start]);
        assert_eq!(book.versions.iter().map(|known| known.rules.version).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(book.versions[0].published_at, Some(at(2.0)));
        let known = world.store.store(world.tenant).await.unwrap();
        assert_eq!((known.ruleset.version, known.schedule.revision()), (1, 5));
    }
}

#[tokio::test]
async fn rules_that_hold_from_now_on_leave_what_happened_alone() {
    for world in worlds().await {
        many(&world).await;
        let version = draft(&world, Ruleset { model: Model::Linear, ..Ruleset::FIRST }).await;
        publish(&world, version, Effective::From(at(0.1))).await;
        let book = world.store.rulesets(world.tenant).await.unwrap();
        assert_eq!(book.progress, None);
        world.send(Order { created_at: at(0.2), ..an_order("new") }).await;
        assert_eq!(world.conversion("new").await.attribution.ruleset_version, version);
        assert_eq!(world.conversion("order-0").await.attribution.ruleset_version, 1);
        world.check().await;
    }
}

#[tokio::test]
async fn many_conversions_are_decided_aside_and_shown_all_at_once_while_facts_come_in() {
    for world in worlds().await {
        many(&world).await;
        let version = draft(&world, hours(5)).await;
        publish(&world, version, Effective::Everything).await;
        let mut seen = Vec::new();
        let mut nth = 0;
        loop {
            let page = world.store.conversions(world.tenant, all_conversions()).await.unwrap();
            let mut found: Vec<u32> = page.data.iter().map(|row| row.attribution.ruleset_version).collect();
            found.dedup();
            assert_eq!(found.len(), 1, "versions are mixed: {found:?}");
            seen.push(found[0]);
            if found[0] == version {
                break;
            }
            nth += 1;
            let (who, when) = (format!("visitor-{nth}"), at(0.0).plus_millis(-360_000 * nth - 1_000));
            world.show(&format!("late-{nth}"), &who, &["p"], when).await;
            world.send(Order { total_minor: 5, ..an_order(&format!("new-{nth}")) }).await;
            world.send(Order { total_minor: 7, updated_at: Some(at(1.0)), ..an_order("order-600") }).await;
        }
        settled(&world).await;
        world.check().await;
        let before = dump(&world).await;
        let report = world.store.recompute(Box::new(|_, _| {})).await.unwrap();
        assert_eq!((report.differences, report.first_difference), (0, None));
        assert_eq!(dump(&world).await, before);
        let verified = world.store.verify(Box::new(|_, _| {})).await.unwrap();
        assert_eq!(verified.faults, Vec::<String>::new());
    }
}

#[tokio::test]
async fn while_conversions_are_decided_again_no_other_rules_are_published() {
    for world in worlds().await {
        many(&world).await;
        let (one, other) = (draft(&world, hours(5)).await, draft(&world, hours(20)).await);
        // Both stand in the writer's queue before the background can be through.
        let (first, second) = tokio::join!(
            publish(&world, one, Effective::Everything),
            publish(&world, other, Effective::Everything)
        );
        assert!(matches!(first, Published::InForce(_)));
        assert_eq!(second, Published::Busy);
        settled(&world).await;
        assert!(matches!(publish(&world, other, Effective::Everything).await, Published::InForce(_)));
        settled(&world).await;
        world.check().await;
        assert_eq!(world.conversion("order-0").await.attribution.kind, AttributionType::Direct);
    }
}

#[tokio::test]
async fn a_conversion_tells_since_when_other_rules_decide_it() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-5.0)).await;
        world.send(an_order("1")).await;
        let version = draft(&world, hours(1)).await;
        publish(&world, version, Effective::Everything).await;
        let ledger =
            world.store.conversion(world.tenant, crate::world::order_id("1")).await.unwrap().unwrap().ledger;
        let told: Vec<(&str, u32, i64, Timestamp)> = ledger
            .iter()
            .map(|entry| (entry.cause.code(), entry.ruleset_version, entry.attributed_minor, entry.known_at))
            .collect();
        assert_eq!(told, [("created", 1, 10_000, at(0.5)), ("rules", 2, 0, at(2.0))]);
    }
}
