//! Raw events go when a store keeps them no longer, and nothing that is shown changes by it.

use selektable_domain::attribution::Reason;
use selektable_domain::identity::Person;
use selektable_domain::order::Order;
use selektable_domain::report::Lens;
use selektable_domain::retention::EventDays;
use selektable_domain::time::{Range, Timestamp};
use selektable_store::ingest::EventBatch;
use selektable_store::maintain::RolledOff;

use crate::upkeep::dump;
use crate::world::{World, an_order, at, page_event, store_settings, visitor, worlds};

/// Midday so many days after noon of the stories, 2026-11-23.
fn day(days: f64) -> Timestamp {
    at(24.0 * days)
}

async fn see(world: &World, id: &str, who: &str, when: Timestamp) -> (u64, u64) {
    let batch = EventBatch { received_at: when, ..world.events(who, vec![page_event(id, when)]) };
    let told = world.store.record_events(batch).await.unwrap();
    (told.recorded, told.duplicates)
}

async fn order(world: &World, id: &str, who: &str, when: Timestamp) {
    let order = Order { visitor: Some(visitor(who)), session: None, created_at: when, ..an_order(id) };
    world.send_at(order, when).await;
}

async fn keep(world: &World, days: Option<u16>) {
    let mut settings = store_settings("Shop");
    settings.keep_events = days.map(|days| EventDays::new(days).unwrap());
    world.store.update_store(world.tenant, settings).await.unwrap();
}

/// All steps; what they came to.
async fn roll_off(world: &World, now: Timestamp) -> RolledOff {
    let mut all = RolledOff::default();
    loop {
        let step = world.store.roll_off(now).await.unwrap();
        all.events += step.events;
        all.months += step.months;
        all.visitors += step.visitors;
        if !step.more {
            return all;
        }
    }
}

async fn reason(world: &World, id: &str) -> Reason {
    world.conversion(id).await.attribution.reason
}

/// Everything that is decided and counted.
async fn shown(world: &World) -> (Vec<String>, String) {
    let lines = dump(world).await;
    let decided =
        lines.lines().filter(|line| line.starts_with("{\"conversion\"")).map(str::to_owned).collect();
    let summary = world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap();
    (decided, format!("{summary:?}"))
}

async fn is_whole(world: &World) {
    world.check().await;
    let faults = world.store.verify(Box::new(|_, _| {})).await.unwrap().faults;
    assert_eq!(faults, Vec::<String>::new());
}

/// In August: one who only looked, one who bought, one who visualized, one who logged in. In November: one who looked.
async fn a_summer(world: &World) {
    for who in ["looker", "buyer", "shower", "member"] {
        see(world, &format!("august-{who}"), who, day(-100.0)).await;
    }
    world.show("viz", "shower", &["p"], day(-100.0)).await;
    world.identify("member", "ann", day(-100.0)).await;
    for who in ["buyer", "shower", "member", "nobody"] {
        order(world, &format!("of-{who}"), who, day(-99.0)).await;
    }
    see(world, "november-fresh", "fresh", day(-1.0)).await;
    order(world, "of-fresh", "fresh", day(-1.0)).await;
}

#[tokio::test]
async fn old_events_and_who_only_they_prove_go_and_nothing_that_is_decided_or_counted_changes() {
    for world in worlds().await {
        a_summer(&world).await;
        let before = shown(&world).await;
        assert_eq!(roll_off(&world, day(0.0)).await, RolledOff::default(), "nobody asked for it");
        keep(&world, Some(30)).await;
        let gone = roll_off(&world, day(0.0)).await;
        assert_eq!(gone.visitors, 1);
        assert!(gone.events == 4 || gone.months == 1, "{gone:?}");
        let text = dump(&world).await;
        assert!(!text.contains("looker") && !text.contains("august-"), "{text}");
        assert!(text.contains("november-fresh"));
        assert_eq!(text.matches("\"sighting\"").count(), 1, "{text}");
        assert_eq!(shown(&world).await, before);
        is_whole(&world).await;
        assert_eq!(reason(&world, "of-buyer").await, Reason::NeverVisualized);
        assert_eq!(reason(&world, "of-nobody").await, Reason::VisitorNeverSeen);
        // Again there is nothing to do, and what is made again from the facts is the same.
        assert_eq!(roll_off(&world, day(0.0)).await, RolledOff::default());
        assert_eq!(dump(&world).await, text);
        world.store.recompute(Box::new(|_, _| {})).await.unwrap();
        assert_eq!(shown(&world).await.0, before.0);
        is_whole(&world).await;
    }
}

#[tokio::test]
async fn of_a_stranger_whose_order_came_late_nobody_can_tell_whether_it_was_ever_seen() {
    for world in worlds().await {
        a_summer(&world).await;
        keep(&world, Some(30)).await;
        roll_off(&world, day(0.0)).await;
        let late = Order {
            visitor: Some(visitor("looker")),
            session: None,
            created_at: day(-98.0),
            ..an_order("late")
        };
        world.send_at(late, day(0.0)).await;
        order(&world, "new", "looker", day(0.0)).await;
        assert_eq!(reason(&world, "late").await, Reason::EvidenceExpired);
        assert_eq!(reason(&world, "new").await, Reason::VisitorNeverSeen);
        is_whole(&world).await;
        // Seen again, the visitor is known, and stays so when that is rolled off, too.
        see(&world, "again", "looker", day(0.0)).await;
        assert_eq!(reason(&world, "late").await, Reason::NeverVisualized);
        roll_off(&world, day(90.0)).await;
        assert_eq!(reason(&world, "late").await, Reason::NeverVisualized);
        is_whole(&world).await;
    }
}

#[tokio::test]
async fn a_roll_off_that_is_interrupted_anywhere_goes_on_and_ends_the_same() {
    for world in worlds().await {
        a_summer(&world).await;
        let before = shown(&world).await;
        keep(&world, Some(30)).await;
        let mut steps = 0;
        while world.store.roll_off(day(0.0)).await.unwrap().more {
            steps += 1;
            is_whole(&world).await;
            // Somebody buys at any step.
            order(&world, &format!("bought-{steps}"), "looker", day(-1.0)).await;
            is_whole(&world).await;
        }
        assert!(steps >= 4, "{steps}");
        let after = shown(&world).await;
        assert!(before.0.iter().all(|line| after.0.contains(line)));
        assert_eq!(reason(&world, "bought-1").await, Reason::NeverVisualized);
    }
}

#[tokio::test]
async fn who_changes_the_mind_before_anything_is_gone_keeps_everything() {
    for world in worlds().await {
        a_summer(&world).await;
        keep(&world, Some(30)).await;
        assert!(world.store.roll_off(day(0.0)).await.unwrap().more);
        keep(&world, None).await;
        let before = dump(&world).await;
        assert_eq!(roll_off(&world, day(0.0)).await, RolledOff::default());
        assert_eq!(dump(&world).await, before);
        is_whole(&world).await;
    }
}

#[tokio::test]
async fn two_stores_keep_the_events_of_one_month_for_different_times() {
    for world in worlds().await {
        let other = world.neighbour("Other", 9).await;
        a_summer(&world).await;
        a_summer(&other).await;
        let theirs = shown(&other).await;
        keep(&world, Some(30)).await;
        keep(&other, Some(3_650)).await;
        assert_eq!(roll_off(&world, day(0.0)).await.events, 4);
        assert_eq!(shown(&other).await, theirs);
        let text = dump(&world).await;
        assert_eq!(text.matches("\"august-looker\"").count(), 2, "its key and its body, of one store");
        is_whole(&world).await;
        keep(&other, Some(60)).await;
        let gone = roll_off(&world, day(0.0)).await;
        assert!(gone.events == 4 || gone.months == 1, "{gone:?}");
        assert_eq!(shown(&other).await, theirs);
        is_whole(&world).await;
    }
}

#[tokio::test]
async fn an_event_id_counts_once_across_the_turn_of_a_month() {
    for world in worlds().await {
        let turn = Timestamp::parse_rfc3339("2026-12-01T00:00:00Z").unwrap();
        assert_eq!(see(&world, "one", "v", turn.plus_millis(-1)).await, (1, 0));
        assert_eq!(see(&world, "one", "v", turn).await, (0, 1));
        assert_eq!(see(&world, "one", "v", turn.plus_millis(24 * 3_600_000)).await, (0, 1));
        assert_eq!(see(&world, "two", "v", turn).await, (1, 0));
        // A server that was off for years finds room for what comes then.
        assert_eq!(see(&world, "later", "v", day(3_000.0)).await, (1, 0));
        assert_eq!(see(&world, "later", "v", day(3_000.0)).await, (0, 1));
        is_whole(&world).await;
    }
}

#[tokio::test]
async fn a_person_is_erased_before_between_and_after() {
    for steps in [0, 1, 2, 3, 4, 5, 100] {
        for world in worlds().await {
            a_summer(&world).await;
            keep(&world, Some(30)).await;
            let before = world.conversions().await.data.len();
            for _ in 0..steps {
                if !world.store.roll_off(day(0.0)).await.unwrap().more {
                    break;
                }
            }
            for who in ["buyer", "looker"] {
                world.erase(Person::Visitor(visitor(who))).await;
            }
            is_whole(&world).await;
            assert_eq!(reason(&world, "of-buyer").await, Reason::NeverVisualized);
            roll_off(&world, day(0.0)).await;
            is_whole(&world).await;
            let text = dump(&world).await;
            assert!(
                !text.contains("\"buyer\"") && !text.contains("\"looker\""),
                "after {steps} steps: {text}"
            );
            assert_eq!(reason(&world, "of-buyer").await, Reason::NeverVisualized);
            assert_eq!(world.conversions().await.data.len(), before);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_the_partition_is_gone_and_neither_readers_nor_ingest_wait_for_it() {
    let world = World::found(crate::world::postgres()).await;
    a_summer(&world).await;
    keep(&world, Some(30)).await;
    let mut session = world.database.as_ref().unwrap().session();
    let partition = "SELECT count(*) FROM pg_class WHERE relname = 'seen_facts_202608'";
    let mut reader = world.database.as_ref().unwrap().session();
    reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ").unwrap();
    assert_eq!(reader.value("SELECT count(*) FROM seen_facts").unwrap(), "5");
    // Who reads it goes on to, and others write and read meanwhile.
    let rolling = {
        let store = world.store.clone();
        tokio::spawn(async move { while store.roll_off(day(0.0)).await.unwrap().more {} })
    };
    for nth in 0..40 {
        assert_eq!(see(&world, &format!("meanwhile-{nth}"), "v", day(0.0)).await, (1, 0));
        assert_eq!(world.conversions().await.data.len(), 5);
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    rolling.await.unwrap();
    assert_eq!(reader.value("SELECT count(*) FROM seen_facts").unwrap(), "5");
    assert_eq!(session.value(partition).unwrap(), "1");
    is_whole(&world).await;
    reader.run("COMMIT").unwrap();
    assert_eq!(roll_off(&world, day(0.0)).await.months, 1);
    assert_eq!(session.value(partition).unwrap(), "0");
    let ahead = "SELECT count(*) >= 3 FROM pg_inherits WHERE inhparent = 'seen_facts'::regclass";
    assert_eq!(session.value(ahead).unwrap(), "t");
    is_whole(&world).await;
}
