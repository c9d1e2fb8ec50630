//! One order, however often, in whatever order and at the same time it is told.

use selektable_domain::attribution::AttributionType;
use selektable_domain::money::Currency;
use selektable_domain::order::version::Outcome;
use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_domain::report::{ConversionRecord, DeliveryOutcome, DeliveryQuery};
use selektable_domain::time::Range;
use selektable_store::ingest::OrderIngested;

use crate::world::{an_order, at, item, new_id, order_id, outcome, visitor, worlds};

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_posts_of_one_order_at_once_create_it_once() {
    for world in worlds().await {
        let posts = (0..64).map(|_| {
            let (store, delivery) = (world.store.clone(), world.delivery(an_order("1")));
            tokio::spawn(async move { store.ingest_orders(vec![delivery]).await.unwrap().remove(0) })
        });
        let mut outcomes = Vec::new();
        for post in posts.collect::<Vec<_>>() {
            outcomes.push(outcome(&post.await.unwrap()));
        }
        let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
        assert_eq!((count(Outcome::Created), count(Outcome::Unchanged)), (1, 63));
        assert_eq!(world.conversions().await.data.len(), 1);
        world.check().await;
    }
}

#[tokio::test]
async fn every_order_of_arrival_of_an_orders_life_ends_in_one_state() {
    let statuses =
        [OrderStatus::Pending, OrderStatus::OnHold, OrderStatus::Processing, OrderStatus::Refunded];
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        let mut ends = Vec::new();
        for (turn, order) in permutations(&[0, 1, 2, 3]).into_iter().enumerate() {
            let id = format!("order-{turn}");
            for place in order {
                let status = statuses[place];
                let total_minor = 1_000 + i64::try_from(place).unwrap();
                world.send(Order { status, total_minor, ..an_order(&id) }).await;
            }
            ends.push(without_ids(world.conversion(&id).await));
        }
        assert_eq!(ends.len(), 24);
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
        world.check().await;
    }
}

fn permutations(places: &[usize]) -> Vec<Vec<usize>> {
    let Some((first, rest)) = places.split_first() else { return vec![Vec::new()] };
    let put = |tail: Vec<usize>| {
        (0..=tail.len()).map(move |place| {
            let mut whole = tail.clone();
            whole.insert(place, *first);
            whole
        })
    };
    permutations(rest).into_iter().flat_map(put).collect()
}

/// A record without what names it.
fn without_ids(mut record: ConversionRecord) -> ConversionRecord {
    record.id = selektable_domain::id::ConversionId::from_slice(&[0; 16]).unwrap();
    record.order.id = order_id("-");
    record
}

#[tokio::test]
async fn the_same_again_is_unchanged_an_older_one_stale_and_both_leave_the_order_alone() {
    for world in worlds().await {
        let newer = Order { updated_at: Some(at(2.0)), ..an_order("1") };
        let older = Order { updated_at: Some(at(1.0)), total_minor: 5, ..an_order("1") };
        let newest = Order { updated_at: Some(at(3.0)), status: OrderStatus::Refunded, ..an_order("1") };
        let mut outcomes = Vec::new();
        for order in [&newer, &newer, &older, &newest] {
            outcomes.push(outcome(&world.send(order.clone()).await));
        }
        assert_eq!(outcomes, [Outcome::Created, Outcome::Unchanged, Outcome::Stale, Outcome::Updated]);
        assert_eq!(world.conversion("1").await.order, newest);
        world.check().await;
    }
}

#[tokio::test]
async fn another_currency_is_refused_kept_as_a_delivery_and_changes_nothing() {
    for world in worlds().await {
        world.send(an_order("1")).await;
        let before = world.conversion("1").await;
        let dollars = Order { currency: Currency::parse("USD").unwrap(), ..an_order("1") };
        let answer = world.send(dollars).await;
        assert!(matches!(answer, OrderIngested::CurrencyChanged(_)), "{answer:?}");
        assert_eq!(world.conversion("1").await, before);
        let query = DeliveryQuery {
            range: Range::ALL,
            refused: Some(true),
            order_id: Some(order_id("1")),
            cursor: None,
            limit: 50,
        };
        let refused = world.store.deliveries(world.tenant, query).await.unwrap().data;
        assert_eq!(refused.len(), 1);
        assert!(
            matches!(&refused[0].outcome, DeliveryOutcome::Refused { status: 409, code, .. } if code == "currency_changed")
        );
        world.check().await;
    }
}

#[tokio::test]
async fn a_servers_word_replaces_a_browsers_money_and_keeps_its_identity() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        let seen = Order { source: Source::Browser, total_minor: 1, ..an_order("1") };
        let told = Order { visitor: Some(visitor("proxy")), session: None, ..an_order("1") };
        world.send(seen.clone()).await;
        world.send(told.clone()).await;
        assert_eq!(outcome(&world.send(Order { total_minor: 7, ..seen.clone() }).await), Outcome::Stale);
        let end = world.conversion("1").await;
        assert_eq!((end.order.total_minor, &end.order.visitor), (10_000, &seen.visitor));
        assert_eq!((end.order.source, end.attribution.kind), (Source::Server, AttributionType::Direct));
        world.check().await;
    }
}

#[tokio::test]
async fn a_batch_answers_every_order_in_its_place() {
    for world in worlds().await {
        let orders = ["a", "b", "a"].map(|id| world.delivery(an_order(id))).to_vec();
        let answers = world.store.ingest_orders(orders).await.unwrap();
        let outcomes: Vec<Outcome> = answers.iter().map(outcome).collect();
        assert_eq!(outcomes, [Outcome::Created, Outcome::Created, Outcome::Unchanged]);
    }
}

#[tokio::test]
async fn strangers_are_warned_about_at_most_ten_products_at_a_time() {
    for world in worlds().await {
        let codes = |answer: OrderIngested| match answer {
            OrderIngested::Taken { warnings, .. } => warnings
                .into_iter()
                .map(|fault| (fault.code, fault.pointer.unwrap_or_default()))
                .collect::<Vec<_>>(),
            OrderIngested::CurrencyChanged(changed) => panic!("{changed}"),
        };
        let many = Order { items: (0..12).map(|_| item("p", 1)).collect(), ..an_order("1") };
        let warned = codes(world.send(many).await);
        assert_eq!(warned[0], ("visitor_never_seen".to_owned(), "/visitorId".to_owned()));
        assert_eq!(warned[10], ("unknown_product".to_owned(), "/items/9/productId".to_owned()));
        assert_eq!(warned.len(), 11);
        // An order does not make its visitor seen; somebody else's visualization makes the product known.
        world.show("viz", "other", &["p"], at(-1.0)).await;
        assert_eq!(codes(world.send(an_order("2")).await).len(), 1);
        world.see("v", at(-1.0)).await;
        assert_eq!(codes(world.send(an_order("3")).await), []);
    }
}

#[tokio::test]
async fn deliveries_tell_every_way_a_request_ended_newest_first() {
    for world in worlds().await {
        let first = an_order("1");
        let second = Order { status: OrderStatus::Refunded, ..an_order("1") };
        for (minutes, order) in [(1.0, &first), (2.0, &first), (3.0, &second), (4.0, &first)] {
            let mut delivery = world.delivery(order.clone());
            delivery.received_at = at(minutes / 60.0);
            delivery.id = new_id();
            world.store.ingest_orders(vec![delivery]).await.unwrap();
        }
        let explained = world.store.conversion(world.tenant, order_id("1")).await.unwrap().unwrap();
        let told: Vec<Outcome> = explained
            .deliveries
            .iter()
            .map(|delivery| match &delivery.outcome {
                DeliveryOutcome::Accepted { outcome, .. } => *outcome,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [Outcome::Stale, Outcome::Updated, Outcome::Unchanged, Outcome::Created]);
        let query = |refused, limit| DeliveryQuery {
            range: Range::ALL,
            refused,
            order_id: None,
            cursor: None,
            limit,
        };
        let listed = world.store.deliveries(world.tenant, query(None, 50)).await.unwrap();
        assert_eq!(listed.data, explained.deliveries);
        assert!(world.store.deliveries(world.tenant, query(Some(true), 50)).await.unwrap().data.is_empty());
        let page = world.store.deliveries(world.tenant, query(Some(false), 3)).await.unwrap();
        let rest = DeliveryQuery { cursor: page.next, ..query(Some(false), 3) };
        let rest = world.store.deliveries(world.tenant, rest).await.unwrap();
        assert_eq!((page.data.len(), rest.data.len(), rest.next), (3, 1, None));
    }
}
