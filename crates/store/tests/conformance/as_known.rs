//! Figures as known at an instant: facts and decisions of later are not there.

use selektable_domain::attribution::Reason;
use selektable_domain::order::Order;
use selektable_domain::report::{Lens, Summary, TypeCounts};
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Effective;
use selektable_domain::time::{Range, Timestamp, Window};
use selektable_store::ingest::NewVisualization;

use crate::world::{World, an_order, at, worlds};

async fn known(world: &World, as_of: Timestamp) -> Summary {
    let lens = Lens { as_of: Some(as_of), ..Lens::default() };
    world.store.summary(world.tenant, Range::ALL, lens).await.unwrap()
}

/// Bought at noon, known half an hour later; what was visualized before reaches us five hours later.
async fn a_late_visualization(world: &World) {
    world.send(an_order("order")).await;
    let late = NewVisualization { received_at: at(5.0), ..world.shown("viz", "v", &["p"], at(-1.0)) };
    world.store.record_visualization(late).await.unwrap();
}

#[tokio::test]
async fn a_late_visualization_changes_no_report_of_before() {
    for world in worlds().await {
        a_late_visualization(&world).await;
        let before = known(&world, at(4.9)).await;
        assert_eq!(before.by_type, TypeCounts { none: 1, ..TypeCounts::default() });
        assert_eq!(before.unattributed, [(Reason::VisitorNeverSeen, 1)]);
        assert_eq!((before.visualizations, before.visitors), (0, 0));
        assert_eq!((before.revenue[0].net_minor, before.revenue[0].direct_minor), (10_000, 0));
        let after = known(&world, at(5.0)).await;
        assert_eq!(after.by_type, TypeCounts { direct: 1, ..TypeCounts::default() });
        assert_eq!(after, world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap());
    }
}

#[tokio::test]
async fn a_widgets_share_is_the_one_that_was_known() {
    for world in worlds().await {
        a_late_visualization(&world).await;
        let share = async |as_of| {
            let lens = Lens { widget: Some(world.widget), as_of, ..Lens::default() };
            world.store.summary(world.tenant, Range::ALL, lens).await.unwrap()
        };
        assert_eq!(share(Some(at(4.9))).await, Summary::default());
        assert_eq!(share(Some(at(5.0))).await, share(None).await);
        assert_eq!(share(None).await.revenue[0].direct_minor, 10_000);
    }
}

#[tokio::test]
async fn what_was_not_known_yet_is_not_there() {
    for world in worlds().await {
        world.send(an_order("order")).await;
        assert_eq!(known(&world, at(0.49)).await, Summary::default());
        assert_eq!(known(&world, at(0.5)).await.by_type.none, 1);
    }
}

#[tokio::test]
async fn an_order_that_turns_out_to_be_a_test_was_counted_before() {
    for world in worlds().await {
        world.send(an_order("order")).await;
        let test = Order { test: true, updated_at: Some(at(2.0)), ..an_order("order") };
        world.send_at(test, at(2.0)).await;
        assert_eq!(known(&world, at(1.0)).await.by_type.total(), 1);
        assert_eq!(known(&world, at(2.0)).await, Summary::default());
    }
}

#[tokio::test]
async fn rules_published_for_everything_change_no_report_of_before() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-5.0)).await;
        world.send(an_order("order")).await;
        let before = known(&world, at(9.0)).await;
        assert_eq!((before.by_type.direct, &before.ruleset_versions[..]), (1, &[(1, 1)][..]));
        let short = Ruleset { window: Window::from_hours(1).unwrap(), ..Ruleset::FIRST };
        world.publish(short, Effective::Everything, at(10.0)).await;
        assert_eq!(known(&world, at(9.0)).await, before);
        let after = known(&world, at(10.0)).await;
        assert_eq!((after.by_type.none, &after.ruleset_versions[..]), (1, &[(2, 1)][..]));
        assert_eq!(after, world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap());
    }
}

#[tokio::test]
async fn many_conversions_under_new_rules_are_shown_all_at_once_in_the_ledger_too() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-5.0)).await;
        let orders: Vec<_> = (0..700).map(|nth| world.delivery(an_order(&format!("order-{nth}")))).collect();
        world.store.ingest_orders(orders).await.unwrap();
        let short = Ruleset { window: Window::from_hours(1).unwrap(), ..Ruleset::FIRST };
        let drafted = world.store.draft_ruleset(world.tenant, short, at(1.0)).await.unwrap().unwrap();
        let publishing =
            world.store.publish_ruleset(world.tenant, drafted.version, Effective::Everything, at(2.0));
        publishing.await.unwrap();
        let mut told = known(&world, at(3.0)).await;
        while told.by_type.direct > 0 {
            assert_eq!(told.ruleset_versions, [(1, 700)], "of the new rules nothing or everything");
            told = known(&world, at(3.0)).await;
        }
        assert_eq!(told.ruleset_versions, [(2, 700)]);
        assert_eq!(known(&world, at(1.9)).await.ruleset_versions, [(1, 700)]);
    }
}
