//! A draft tried on history changes nothing, and tells what publishing it would give.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::dry_run::{DryRun, MoneyMove};
use selektable_domain::report::{Lens, Summary, TypeCounts};
use selektable_domain::rules::{Model, ProductMatch, RevenueBasis, Ruleset};
use selektable_domain::schedule::Effective;
use selektable_domain::time::{HOUR_MS, Range, Window};

use crate::world::{World, an_order, at, euro, item, order_id, visitor, worlds};

/// Sixty shoppers; shopper *n* saw the product *n* hours before buying it for *n* euros.
async fn shoppers(world: &World) {
    for number in 1..=60_i64 {
        let who = format!("shopper-{number}");
        let placed = at(0.0).plus_millis(-number * HOUR_MS / 4);
        world.show(&format!("viz-{number}"), &who, &["p"], placed.plus_millis(-number * HOUR_MS)).await;
        let order = Order {
            visitor: Some(visitor(&who)),
            session: None,
            total_minor: number * 100,
            created_at: placed,
            ..an_order(&format!("order-{number}"))
        };
        world.send(order.clone()).await;
        let off = an_order(&format!("off-{number}")).id;
        world.send(Order { id: off, status: OrderStatus::Cancelled, ..order }).await;
    }
}

async fn draft(world: &World, rules: Ruleset) -> Ruleset {
    world.store.draft_ruleset(world.tenant, rules, at(1.0)).await.unwrap().unwrap()
}

async fn tried(world: &World, version: u32) -> DryRun {
    let tried = world.store.dry_run(world.tenant, version, Range::ALL, Box::new(|_, _| {})).await;
    tried.unwrap().unwrap()
}

async fn summary(world: &World) -> Summary {
    world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap()
}

#[tokio::test]
async fn a_shorter_window_is_told_before_it_counts() {
    for world in worlds().await {
        shoppers(&world).await;
        let before = summary(&world).await;
        let rules =
            draft(&world, Ruleset { window: Window::from_hours(24).unwrap(), ..Ruleset::FIRST }).await;
        let run = tried(&world, rules.version).await;
        assert_eq!((run.rules, run.conversions, run.changed), (rules, 60, 36));
        let flips: Vec<_> = run.flips.iter().filter(|flip| flip.conversions > 0).collect();
        assert_eq!(flips.iter().map(|flip| flip.conversions).collect::<Vec<_>>(), [24, 36]);
        assert_eq!((flips[1].before, flips[1].after), (AttributionType::Direct, AttributionType::None));
        // 1 + … + 60 is 1,830, 1 + … + 24 is 300.
        let money = MoneyMove {
            currency: euro(),
            direct_before_minor: 183_000,
            direct_after_minor: 30_000,
            assisted_before_minor: 0,
            assisted_after_minor: 0,
        };
        assert_eq!(run.money, [money]);
        assert_eq!(run.widgets.len(), 1);
        let moved = &run.widgets[0];
        assert_eq!((moved.widget, moved.weight_before), (world.widget, 60 * 1_000_000_000));
        assert_eq!((moved.weight_after, &moved.money[..]), (24 * 1_000_000_000, &[money][..]));
        assert_eq!((run.orders.len(), run.orders[0].order.as_str()), (36, "order-60"));
        assert_eq!(run.orders[0].before, (AttributionType::Direct, Reason::ProductVisualized, 6_000));
        assert_eq!(run.orders[0].after, (AttributionType::None, Reason::OutOfWindow, 0));
        assert_eq!(summary(&world).await, before, "nothing was written");
    }
}

#[tokio::test]
async fn the_rules_in_force_change_nothing_and_unknown_ones_are_not_tried() {
    for world in worlds().await {
        shoppers(&world).await;
        let run = tried(&world, 1).await;
        assert_eq!((run.conversions, run.changed, run.orders.len()), (60, 0, 0));
        let unknown = world.store.dry_run(world.tenant, 9, Range::ALL, Box::new(|_, _| {})).await;
        assert_eq!(unknown.unwrap(), None);
    }
}

#[tokio::test]
async fn a_range_is_tried_alone_and_progress_ends_at_the_whole() {
    for world in worlds().await {
        shoppers(&world).await;
        let rules = draft(&world, Ruleset { model: Model::FirstTouch, ..Ruleset::FIRST }).await;
        let last = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&last);
        let progress = Box::new(move |done, _| seen.store(done, Ordering::Relaxed));
        // Orders 1 to 4 were placed in the last hour.
        let range = Range { from: at(-1.0), to: at(0.0) };
        let run = world.store.dry_run(world.tenant, rules.version, range, progress).await.unwrap().unwrap();
        assert_eq!((run.conversions, run.changed), (4, 0));
        assert_eq!(last.load(Ordering::Relaxed), 4);
    }
}

#[tokio::test]
async fn what_a_dry_run_tells_is_what_publishing_gives() {
    let linear = Ruleset { model: Model::Linear, basis: RevenueBasis::MatchedLines, ..Ruleset::FIRST };
    let strict = Ruleset { products: ProductMatch::Exact, window: Window::from_hours(12).unwrap(), ..linear };
    for rules in [linear, strict] {
        for world in worlds().await {
            shoppers(&world).await;
            for hours in 1..=20 {
                let who = format!("shopper-{}", 2 * hours);
                world.show(&format!("late-{hours}"), &who, &["q"], at(-1.5 * f64::from(hours))).await;
                let placed = at(f64::from(-hours) / 2.0);
                let order = Order {
                    visitor: Some(visitor(&who)),
                    session: None,
                    created_at: placed,
                    ..an_order("more")
                };
                let items = vec![item("p", 3_333), item("q", 4_444)];
                world.send(Order { id: order_id(&format!("more-{hours}")), items, ..order }).await;
            }
            let before = summary(&world).await;
            let drafted = draft(&world, rules).await;
            let run = tried(&world, drafted.version).await;
            world.publish(rules, Effective::Everything, at(2.0)).await;
            let after = summary(&world).await;
            let lines = before.revenue.iter().zip(&after.revenue).map(|(before, after)| MoneyMove {
                currency: before.currency,
                direct_before_minor: before.direct_minor,
                direct_after_minor: after.direct_minor,
                assisted_before_minor: before.assisted_minor,
                assisted_after_minor: after.assisted_minor,
            });
            assert_eq!(run.money, lines.collect::<Vec<_>>());
            let now_of =
                |kind| run.flips.iter().filter(|flip| flip.after == kind).map(|flip| flip.conversions).sum();
            let counts = TypeCounts {
                direct: now_of(AttributionType::Direct),
                assisted: now_of(AttributionType::Assisted),
                none: now_of(AttributionType::None),
            };
            assert_eq!(counts, after.by_type);
            assert!(run.changed > 0 && run.conversions == after.by_type.total());
            for moved in &run.orders {
                let stands = world.conversion(moved.order.as_str()).await.attribution;
                assert_eq!((stands.kind, stands.reason, stands.attributed_minor), moved.after);
            }
            let again = tried(&world, drafted.version).await;
            assert_eq!(again.changed, 0, "what is in force is what was tried");
        }
    }
}
