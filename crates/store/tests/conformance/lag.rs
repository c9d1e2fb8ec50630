//! How long shoppers take, and what other windows would credit.

use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::lag::{SafariNote, WindowRevenue};
use selektable_domain::time::{DAY_MS, HOUR_MS, Range};

use crate::world::{World, an_order, at, euro, item, visitor, worlds};

/// Direct after 5 h; direct after 10 days, so out of the window; only another product, 2 days before; a stranger; and
/// what is not looked at.
async fn shoppers(world: &World) {
    for (who, products, hours) in [("a", "p", -5.0), ("b", "p", -240.0), ("c", "q", -48.0)] {
        world.show(&format!("viz-{who}"), who, &[products], at(hours)).await;
    }
    for who in ["a", "b", "c", "d"] {
        let order = Order { visitor: Some(visitor(who)), session: None, ..an_order(who) };
        world.send(order.clone()).await;
        let id = |what: &str| an_order(&format!("{what}-{who}")).id;
        world.send(Order { id: id("test"), test: true, ..order.clone() }).await;
        world.send(Order { id: id("off"), status: OrderStatus::Cancelled, ..order }).await;
    }
}

#[tokio::test]
async fn ages_past_the_window_tell_what_a_longer_one_would_credit() {
    for world in worlds().await {
        shoppers(&world).await;
        let told = world.store.lag(world.tenant, Range::ALL).await.unwrap();
        assert_eq!((told.conversions, told.median_direct_ms), (4, Some(5 * HOUR_MS)));
        let lines: Vec<_> = told
            .windows
            .iter()
            .map(|advice| {
                let days = advice.window.as_millis() / DAY_MS;
                (days, advice.in_force, advice.direct, advice.assisted, advice.none)
            })
            .collect();
        assert_eq!(
            lines[..4],
            [(1, false, 1, 0, 3), (3, false, 1, 1, 2), (7, true, 1, 1, 2), (14, false, 2, 1, 1)]
        );
        let revenue = WindowRevenue { currency: euro(), direct_minor: 20_000, assisted_minor: 10_000 };
        assert_eq!(told.windows[3].revenue, [revenue]);
        assert_eq!(told.safari, SafariNote { late_known_users: 0, late_browsers: 1, strangers: 1 });
        let filled: Vec<_> = told
            .curve
            .iter()
            .filter(|bar| bar.direct + bar.other > 0)
            .map(|bar| (bar.up_to_ms / HOUR_MS, bar.direct, bar.other))
            .collect();
        assert_eq!(filled, [(6, 1, 0), (48, 0, 1), (336, 1, 0)]);
    }
}

#[tokio::test]
async fn a_known_user_is_found_again_after_a_browser_lost_its_storage() {
    for world in worlds().await {
        world.show("viz", "old", &["p"], at(-8.0 * 24.0)).await;
        world.identify("old", "ann", at(-8.0 * 24.0)).await;
        world.identify("new", "ann", at(-1.0)).await;
        let order = Order { visitor: Some(visitor("new")), session: None, ..an_order("order") };
        world.send(Order { items: vec![item("p", 10_000)], ..order }).await;
        let told = world.store.lag(world.tenant, Range::ALL).await.unwrap();
        assert_eq!(told.safari, SafariNote { late_known_users: 1, late_browsers: 0, strangers: 0 });
    }
}
