//! Erasing a person: the ids go, everything else stays.

use selektable_domain::identity::Person;
use selektable_domain::opaque::EventId;
use selektable_domain::order::version::Outcome;
use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_domain::report::{Lens, Summary, VisualizationQuery};
use selektable_domain::time::{Range, Timestamp};
use selektable_store::ingest::{
    Event, EventBatch, EventKind, ExplainedConversion, NewVisualization, StoredPicture,
};
use selektable_store::rules::{Erased, Erasing};

use crate::upkeep::dump;
use crate::world::{World, an_order, at, order_id, outcome, session, store_settings, user, visitor, worlds};

pub(crate) fn ann() -> Erasing {
    Person::User(user("cust-ann"))
}

/// Every id of Ann, and what she told.
const ANNS: [&str; 7] =
    ["cust-ann", "br-phone", "br-laptop", "tab-phone", "tab-laptop", "card-of-cust-ann", "ann-was-here"];
/// What is Bob's, who shares the laptop.
const BOBS: [&str; 2] = ["cust-bob", "tab-bob"];

/// What of a conversion an erasure must leave as it is.
#[derive(Debug, PartialEq)]
pub(crate) struct Outline {
    decision: String,
    ledger: String,
    seal: [u8; 32],
    order: (String, i64, i64, String),
    deliveries: usize,
}

pub(crate) async fn outline(world: &World, id: &str) -> Option<Outline> {
    let found = world.store.conversion(world.tenant, order_id(id)).await.unwrap()?;
    let ExplainedConversion { record, decision, ledger, seal, deliveries, .. } = found;
    let mut nameless = decision;
    for candidate in &mut nameless.candidates {
        (candidate.visualization.visitor, candidate.visualization.session) = (None, None);
        // Whose a shared browser would have been at another time nobody can tell any more. It decides nothing.
        candidate.is_theirs_at_conversion = true;
    }
    let order = (
        record.order.id.to_string(),
        record.order.total_minor,
        record.order.refunded_minor,
        format!("{:?}", record.order.items),
    );
    Some(Outline {
        decision: format!("{nameless:?}"),
        ledger: format!("{ledger:?}"),
        seal,
        order,
        deliveries: deliveries.len(),
    })
}

async fn outlines(world: &World, ids: &[&str]) -> Vec<Option<Outline>> {
    let mut found = Vec::new();
    for id in ids {
        found.push(outline(world, id).await);
    }
    found
}

async fn summary(world: &World) -> Summary {
    world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap()
}

fn event(id: &str, when: Timestamp, kind: EventKind) -> Event {
    Event { id: EventId::parse(id).unwrap(), at: when, kind }
}

async fn tell(world: &World, visitor_id: &str, session_id: &str, events: Vec<Event>) {
    let batch = EventBatch {
        tenant: world.tenant,
        visitor: visitor(visitor_id),
        session: session(session_id),
        received_at: at(0.5),
        events,
    };
    world.store.record_events(batch).await.unwrap();
}

fn identify(id: &str, who: &str, when: Timestamp) -> Event {
    let traits = Some(format!(r#"{{"card":"card-of-{who}"}}"#));
    event(id, when, EventKind::Identify { user: user(who), traits })
}

fn page(id: &str, properties: &str, when: Timestamp) -> Event {
    event(id, when, EventKind::Seen { name: "page".to_owned(), properties: properties.to_owned() })
}

fn token(world: &World) -> String {
    format!("token-{}", world.tenant.store)
}

fn shown(world: &World, id: &str, ids: [&str; 2], product: &str, when: Timestamp) -> NewVisualization {
    let mut new = world.shown(id, ids[0], &[product], when);
    new.visualization.session = Some(session(ids[1]));
    new
}

fn ordered(id: &str, ids: [&str; 2], who: Option<&str>, when: Timestamp) -> Order {
    Order {
        visitor: Some(visitor(ids[0])),
        session: Some(session(ids[1])),
        user: who.map(user),
        created_at: when,
        ..an_order(id)
    }
}

const PHONE: [&str; 2] = ["br-phone", "tab-phone"];
const LAPTOP: [&str; 2] = ["br-laptop", "tab-laptop"];
const BOB: [&str; 2] = ["br-laptop", "tab-bob"];

/// Ann looks on her phone and buys on the laptop, which was Bob's before and is his again afterwards.
pub(crate) async fn a_shared_laptop(world: &World) {
    let mut settings = store_settings("Shop");
    settings.keep_traits = true;
    world.store.update_store(world.tenant, settings).await.unwrap();
    tell(world, BOB[0], BOB[1], vec![identify("e-1", "cust-bob", at(-30.0))]).await;
    world.store.record_visualization(shown(world, "viz-bob", BOB, "q", at(-29.0))).await.unwrap();
    let properties = r#"{"note":"ann-was-here"}"#;
    tell(world, PHONE[0], PHONE[1], vec![page("e-2", properties, at(-20.0))]).await;
    let mut picture = shown(world, "viz-phone", PHONE, "p", at(-19.0));
    picture.picture = Some(StoredPicture {
        token: token(world),
        media_type: "image/png".to_owned(),
        bytes: b"ann-was-here".to_vec(),
        expires_at: at(1_000.0),
    });
    world.store.record_visualization(picture).await.unwrap();
    tell(world, PHONE[0], PHONE[1], vec![identify("e-3", "cust-ann", at(-18.0))]).await;
    tell(world, LAPTOP[0], LAPTOP[1], vec![identify("e-4", "cust-ann", at(-10.0))]).await;
    world.store.record_visualization(shown(world, "viz-laptop", LAPTOP, "q", at(-9.0))).await.unwrap();
    let by_browser = Order { source: Source::Browser, ..ordered("1", LAPTOP, None, at(-8.0)) };
    world.send(by_browser).await;
    world.send(ordered("1", LAPTOP, Some("cust-ann"), at(-8.0))).await;
    let refund = Order { refunded_minor: 3_000, ..ordered("1", LAPTOP, Some("cust-ann"), at(-8.0)) };
    world.send(Order { updated_at: Some(at(0.2)), ..refund }).await;
    tell(world, BOB[0], BOB[1], vec![identify("e-5", "cust-bob", at(-5.0))]).await;
    world.send(ordered("2", BOB, Some("cust-bob"), at(-4.0))).await;
    let lead = Order { items: Vec::new(), total_minor: 0, ..ordered("3", PHONE, None, at(-3.0)) };
    world.send(lead).await;
    let pending =
        Order { status: OrderStatus::Pending, ..ordered("4", ["br-other", "tab-other"], None, at(-2.0)) };
    world.send(pending).await;
}

#[tokio::test]
async fn every_id_goes_and_every_figure_stays() {
    for world in worlds().await {
        a_shared_laptop(&world).await;
        let ids = ["1", "2", "3", "4"];
        let before = (outlines(&world, &ids).await, summary(&world).await);
        let text = dump(&world).await;
        assert!(ANNS.iter().all(|id| text.contains(id)), "{text}");
        let erased = world.erase(ann()).await;
        assert_eq!(erased, Erased { facts: 9, conversions: 2, visualizations: 2, pictures: 1 });
        let text = dump(&world).await;
        for id in ANNS.into_iter().filter(|id| *id != "br-laptop") {
            assert!(!text.contains(id), "{id} is still there: {text}");
        }
        assert!(BOBS.iter().all(|id| text.contains(id)), "{text}");
        assert_eq!(outlines(&world, &ids).await, before.0);
        // The laptop is two browsers from now on: Ann's and Bob's.
        let Summary { visitors, .. } = before.1;
        assert_eq!(Summary { visitors: visitors + 1, ..before.1 }, summary(&world).await);
        world.check().await;
        let verified = world.store.verify(Box::new(|_, _| {})).await.unwrap();
        assert_eq!(verified.faults, Vec::<String>::new());
        assert_eq!(world.store.picture(&token(&world), at(0.0)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn bobs_facts_keep_the_id_of_the_laptop_and_anns_have_another() {
    for world in worlds().await {
        a_shared_laptop(&world).await;
        world.erase(ann()).await;
        let anns = world.conversion("1").await.order;
        let bobs = world.conversion("2").await.order;
        assert_eq!(bobs.visitor, Some(visitor("br-laptop")));
        assert_eq!(bobs.user, Some(user("cust-bob")));
        assert!(anns.visitor.is_some_and(|id| id.as_str().starts_with("erased-")));
        assert!(anns.user.is_some_and(|id| id.as_str().starts_with("erased-")));
        assert!(anns.session.is_some_and(|id| id.as_str().starts_with("erased-")));
    }
}

#[tokio::test]
async fn a_late_snapshot_does_not_bring_the_ids_back() {
    for world in worlds().await {
        a_shared_laptop(&world).await;
        world.erase(ann()).await;
        let again = Order {
            refunded_minor: 3_000,
            updated_at: Some(at(0.2)),
            ..ordered("1", LAPTOP, Some("cust-ann"), at(-8.0))
        };
        assert_eq!(outcome(&world.send(again.clone()).await), Outcome::Unchanged);
        let refunded = Order { refunded_minor: 10_000, updated_at: Some(at(0.4)), ..again };
        assert_eq!(outcome(&world.send(refunded.clone()).await), Outcome::Updated);
        let stale = Order { updated_at: Some(at(0.1)), ..refunded };
        assert_eq!(outcome(&world.send(stale).await), Outcome::Stale);
        let text = dump(&world).await;
        assert!(["cust-ann", "tab-laptop"].iter().all(|id| !text.contains(id)), "{text}");
        assert_eq!(world.conversion("1").await.order.refunded_minor, 10_000);
        world.check().await;
        world.store.recompute(Box::new(|_, _| {})).await.unwrap();
        assert!(!dump(&world).await.contains("cust-ann"));
        // An order that is new is new: whoever buys after an erasure says so.
        assert_eq!(outcome(&world.send(ordered("5", PHONE, None, at(0.0))).await), Outcome::Created);
        assert_eq!(world.conversion("5").await.order.visitor, Some(visitor("br-phone")));
    }
}

#[tokio::test]
async fn a_repeated_visualization_and_a_repeated_event_change_nothing_either() {
    for world in worlds().await {
        a_shared_laptop(&world).await;
        world.erase(ann()).await;
        let before = dump(&world).await;
        let again = shown(&world, "viz-phone", PHONE, "p", at(-19.0));
        assert!(!world.store.record_visualization(again).await.unwrap().created);
        tell(&world, PHONE[0], PHONE[1], vec![identify("e-3", "cust-ann", at(-18.0))]).await;
        assert_eq!(dump(&world).await, before);
    }
}

#[tokio::test]
async fn erasing_a_browser_takes_all_of_its_facts_and_leaves_its_users() {
    for world in worlds().await {
        a_shared_laptop(&world).await;
        let ids = ["1", "2", "3", "4"];
        let before = (outlines(&world, &ids).await, summary(&world).await);
        let erased = world.erase(Person::Visitor(visitor("br-laptop"))).await;
        assert_eq!(erased, Erased { facts: 9, conversions: 2, visualizations: 2, pictures: 0 });
        assert_eq!((outlines(&world, &ids).await, summary(&world).await), before);
        let text = dump(&world).await;
        assert!(["br-laptop", "tab-laptop", "tab-bob"].iter().all(|id| !text.contains(id)), "{text}");
        assert!(["cust-ann", "cust-bob", "br-phone"].iter().all(|id| text.contains(id)), "{text}");
        world.check().await;
    }
}

#[tokio::test]
async fn somebody_nobody_knows_is_nothing_to_erase() {
    for world in worlds().await {
        a_shared_laptop(&world).await;
        let before = dump(&world).await;
        assert_eq!(world.erase(Person::User(user("nobody"))).await, Erased::default());
        assert_eq!(world.erase(Person::Visitor(visitor("nobody"))).await, Erased::default());
        assert_eq!(dump(&world).await, before);
        // And once is enough.
        world.erase(ann()).await;
        assert_eq!(world.erase(ann()).await, Erased::default());
    }
}

#[tokio::test]
async fn the_same_ids_in_another_store_stay() {
    for world in worlds().await {
        let other = world.neighbour("Other", 9).await;
        a_shared_laptop(&world).await;
        a_shared_laptop(&other).await;
        let before = outlines(&other, &["1", "2", "3"]).await;
        let query = || VisualizationQuery { range: Range::ALL, widget: None, cursor: None, limit: 50 };
        let list = || other.store.visualizations(other.tenant, query());
        let shown = list().await.unwrap();
        world.erase(ann()).await;
        assert_eq!(outlines(&other, &["1", "2", "3"]).await, before);
        assert_eq!(list().await.unwrap().data, shown.data);
        assert_eq!(other.conversion("1").await.order.user, Some(user("cust-ann")));
        assert!(other.store.picture(&token(&other), at(0.0)).await.unwrap().is_some());
        other.check().await;
    }
}

/// The laptop was seen, but by Bob's events alone, when Ann's order came from it.
#[tokio::test]
async fn that_a_shared_browser_was_seen_stays_known_of_both_its_halves() {
    for world in worlds().await {
        tell(&world, BOB[0], BOB[1], vec![identify("e-1", "cust-bob", at(-5.0))]).await;
        world.send(ordered("1", LAPTOP, Some("cust-ann"), at(-3.0))).await;
        tell(&world, "br-tv", "tab-tv", vec![identify("e-2", "cust-ann", at(-5.0))]).await;
        world.send(ordered("2", ["br-tv", "tab-bob"], Some("cust-bob"), at(-3.0))).await;
        let before = outlines(&world, &["1", "2"]).await;
        world.erase(ann()).await;
        assert_eq!(outlines(&world, &["1", "2"]).await, before);
        world.check().await;
    }
}
