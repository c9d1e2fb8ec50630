//! Products, and near misses that an alias mends.

use selektable_domain::attribution::AttributionType;
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::products::{LineMoney, MissedMoney, NearMiss, ProductRow};
use selektable_domain::time::Range;
use selektable_store::rules::{AliasChange, AliasSays};

use crate::world::{World, an_order, at, euro, item, order_id, product, visitor, worlds};

/// The shopper saw 123 and a rug; others bought nothing they saw.
async fn a_shop(world: &World) {
    world.show("viz-1", "v", &["123", "rug"], at(-5.0)).await;
    world.show("viz-2", "v", &["123"], at(-4.0)).await;
    for (id, created, items) in [
        ("missed", -3.0, vec![item("456", 8_000), item("lamp", 2_000)]),
        ("again", -2.0, vec![item("456", 10_000)]),
        ("rug", -1.0, vec![item("rug", 6_000), item("rug", 4_000)]),
    ] {
        world.send(Order { items, created_at: at(created), ..an_order(id) }).await;
    }
    let others = Order { visitor: Some(visitor("w")), session: None, ..an_order("others") };
    world.send(Order { items: vec![item("rug", 10_000)], ..others }).await;
    for (id, status, test) in [("off", OrderStatus::Cancelled, false), ("test", OrderStatus::Completed, true)]
    {
        world.send(Order { items: vec![item("456", 10_000)], status, test, ..an_order(id) }).await;
    }
}

fn row(id: &str, counts: [u64; 3], money: (i128, i128)) -> ProductRow {
    let money = LineMoney { currency: euro(), lines_minor: money.0, visualized_minor: money.1 };
    ProductRow {
        product: product(id),
        visualizations: counts[0],
        ordered: counts[1],
        ordered_after_visualization: counts[2],
        money: vec![money],
    }
}

async fn alias(world: &World, variant: &str, of: &str) {
    let says = AliasSays::VariantOf(product(of));
    let change = AliasChange { variant: product(variant), says };
    world.store.set_aliases(world.tenant, vec![change], at(1.0)).await.unwrap();
}

#[tokio::test]
async fn products_are_counted_shown_ordered_and_ordered_after_being_shown() {
    for world in worlds().await {
        a_shop(&world).await;
        let told = world.store.products(world.tenant, Range::ALL).await.unwrap();
        let shown = ProductRow { money: Vec::new(), ..row("123", [2, 0, 0], (0, 0)) };
        assert_eq!(
            told,
            [
                row("rug", [1, 2, 1], (20_000, 10_000)),
                row("456", [0, 2, 0], (18_000, 0)),
                row("lamp", [0, 1, 0], (2_000, 0)),
                shown,
            ]
        );
    }
}

#[tokio::test]
async fn a_near_miss_is_direct_once_the_alias_is_there() {
    for world in worlds().await {
        a_shop(&world).await;
        let misses = world.store.near_misses(world.tenant, Range::ALL).await.unwrap();
        let miss = |ordered: &str, visualized: &str, conversions, net_minor, example: &str| NearMiss {
            ordered: product(ordered),
            visualized: product(visualized),
            conversions,
            money: vec![MissedMoney { currency: euro(), net_minor }],
            example: order_id(example),
        };
        assert_eq!(
            misses,
            [
                miss("456", "123", 2, 20_000, "again"),
                miss("456", "rug", 2, 20_000, "again"),
                miss("lamp", "123", 1, 10_000, "missed"),
                miss("lamp", "rug", 1, 10_000, "missed"),
            ]
        );
        assert_eq!(world.conversion("again").await.attribution.kind, AttributionType::Assisted);
        alias(&world, "456", "123").await;
        for id in ["missed", "again"] {
            assert_eq!(world.conversion(id).await.attribution.kind, AttributionType::Direct);
        }
        assert_eq!(world.store.near_misses(world.tenant, Range::ALL).await.unwrap(), []);
        let told = world.store.products(world.tenant, Range::ALL).await.unwrap();
        assert_eq!(told[0], row("123", [2, 2, 2], (18_000, 18_000)));
    }
}
