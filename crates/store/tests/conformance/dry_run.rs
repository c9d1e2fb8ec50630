//! A draft tried on history changes nothing, and tells what publishing it would give.

use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::dry_run::DryRun;
use selektable_domain::time::{HOUR_MS, Range};

use crate::world::{World, an_order, at, visitor, worlds};

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

async fn tried(world: &World, version: u32) -> DryRun {
    let tried = world.store.dry_run(world.tenant, version, Range::ALL, Box::new(|_, _| {})).await;
    tried.unwrap().unwrap()
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
