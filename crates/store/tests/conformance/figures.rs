//! Counts and sums, with the numbers worked out by hand.

use selektable_domain::attribution::Reason;
use selektable_domain::id::WidgetId;
use selektable_domain::money::{AMOUNT_MINOR_MAX, Currency};
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::{DateBasis, Lens, RevenueLine, SeriesBucket, Summary, TypeCounts};
use selektable_domain::time::{HOUR_MS, Range};

use crate::world::{World, an_order, at, euro, item, new_id, new_widget, visitor, worlds};

/// Direct 100.00 with 30.00 back; assisted 50.00; unattributed 20.00; provisional 40.00 (direct); cancelled 70.00;
/// direct ¥1,000; a test order.
async fn a_day(world: &World) {
    world.show("viz", "v", &["p"], at(-5.0)).await;
    world.show("viz-2", "v", &["p"], at(-4.0)).await;
    let order =
        |id: &str, total_minor: i64, hours| Order { total_minor, created_at: at(hours), ..an_order(id) };
    let yen = Currency::parse("JPY").unwrap();
    for order in [
        Order { refunded_minor: 3_000, ..order("direct", 10_000, -3.0) },
        Order { items: vec![item("other", 5_000)], ..order("assisted", 5_000, -2.5) },
        Order { visitor: Some(visitor("w")), ..order("none", 2_000, -2.0) },
        Order { status: OrderStatus::Pending, ..order("pending", 4_000, -1.5) },
        Order { status: OrderStatus::Cancelled, ..order("cancelled", 7_000, -1.0) },
        Order { currency: yen, ..order("yen", 1_000, -0.5) },
        Order { test: true, ..order("test", 99_000, -0.5) },
    ] {
        world.send(order).await;
    }
}

fn of_widget(widget: WidgetId) -> Lens {
    Lens { widget: Some(widget), ..Lens::default() }
}

/// Every way to read figures; the last ones as known after everything was.
fn lenses(world: &World) -> Vec<Lens> {
    let widgets = [None, Some(world.widget)];
    let known = [None, Some(at(1.0))];
    let lenses = DateBasis::ALL.into_iter().flat_map(|dates| {
        widgets.into_iter().flat_map(move |widget| known.map(|as_of| Lens { widget, dates, as_of }))
    });
    lenses.collect()
}

fn euros() -> RevenueLine {
    RevenueLine {
        currency: euro(),
        gross_minor: 10_000 + 5_000 + 2_000 + 4_000 + 7_000,
        refunded_minor: 3_000 + 7_000,
        net_minor: 7_000 + 5_000 + 2_000,
        direct_minor: 7_000,
        assisted_minor: 5_000,
        provisional_minor: 4_000,
    }
}

fn yen() -> RevenueLine {
    let currency = Currency::parse("JPY").unwrap();
    RevenueLine { gross_minor: 1_000, net_minor: 1_000, direct_minor: 1_000, ..RevenueLine::zero(currency) }
}

#[tokio::test]
async fn a_summary_counts_and_sums_a_range() {
    for world in worlds().await {
        a_day(&world).await;
        let summary = world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap();
        let expected = Summary {
            visualizations: 2,
            visitors: 1,
            by_type: TypeCounts { direct: 3, assisted: 1, none: 1 },
            unattributed: vec![(Reason::VisitorNeverSeen, 1)],
            revenue: vec![euros(), yen()],
            ruleset_versions: vec![(1, 5)],
        };
        assert_eq!(summary, expected);
        let empty = Range { from: at(5.0), to: at(6.0) };
        let summary = world.store.summary(world.tenant, empty, Lens::default()).await.unwrap();
        assert_eq!(summary, Summary::default());
    }
}

#[tokio::test]
async fn a_widgets_summary_has_its_share_of_the_conversions_it_is_credited_with() {
    for world in worlds().await {
        a_day(&world).await;
        let second = new_id();
        world.store.create_widget(world.tenant, new_widget(second)).await.unwrap();
        let summary = world.store.summary(world.tenant, Range::ALL, of_widget(world.widget)).await.unwrap();
        assert_eq!((summary.visualizations, summary.visitors), (2, 1));
        assert_eq!(summary.by_type, TypeCounts { direct: 3, assisted: 1, none: 0 });
        let without_stranger = RevenueLine { gross_minor: 26_000, net_minor: 12_000, ..euros() };
        assert_eq!(summary.revenue, [without_stranger, yen()]);
        let other = world.store.summary(world.tenant, Range::ALL, of_widget(second)).await.unwrap();
        assert_eq!(other, Summary::default());
    }
}

#[tokio::test]
async fn the_buckets_of_a_series_sum_to_the_summary() {
    for world in worlds().await {
        a_day(&world).await;
        let hour = |nth: i64| Range {
            from: at(-6.0).plus_millis(nth * HOUR_MS),
            to: at(-5.0).plus_millis(nth * HOUR_MS),
        };
        for lens in lenses(&world) {
            let buckets: Vec<Range> = (0..6).map(hour).collect();
            let series = world.store.series(world.tenant, buckets.clone(), lens).await.unwrap();
            assert_eq!(series.iter().map(|bucket| bucket.range).collect::<Vec<_>>(), buckets);
            for bucket in &series {
                let summary = world.store.summary(world.tenant, bucket.range, lens).await.unwrap();
                let told = SeriesBucket {
                    range: bucket.range,
                    visualizations: summary.visualizations,
                    by_type: summary.by_type,
                    revenue: summary.revenue,
                };
                assert_eq!(*bucket, told);
            }
            let direct: u64 = series.iter().map(|bucket| bucket.by_type.direct).sum();
            assert_eq!(direct, 3);
        }
        assert!(world.store.series(world.tenant, Vec::new(), Lens::default()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn sums_pass_sixty_four_bits() {
    for world in worlds().await {
        let orders: Vec<_> = (0..1_100)
            .map(|number| {
                let order = an_order(&format!("order-{number}"));
                world.delivery(Order { total_minor: AMOUNT_MINOR_MAX, ..order })
            })
            .collect();
        world.store.ingest_orders(orders).await.unwrap();
        let summary = world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap();
        assert_eq!(summary.revenue[0].gross_minor, 1_100 * i128::from(AMOUNT_MINOR_MAX));
        assert!(summary.revenue[0].gross_minor > i128::from(i64::MAX));
    }
}
