//! Money by order date and by refund date, with the numbers worked out by hand.

use selektable_domain::ledger::LedgerCause;
use selektable_domain::money::Currency;
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::{DateBasis, Lens, RevenueLine, TypeCounts};
use selektable_domain::time::{Range, Timestamp};

use crate::world::{World, an_order, at, euro, order_id, worlds};

const BY_REFUND: Lens = Lens { widget: None, dates: DateBasis::Refund, as_of: None };

fn instant(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn month(first: &str, next: &str) -> Range {
    Range { from: instant(&format!("{first}T00:00:00Z")), to: instant(&format!("{next}T00:00:00Z")) }
}

fn march() -> Range {
    month("2026-03-01", "2026-04-01")
}

fn april() -> Range {
    month("2026-04-01", "2026-05-01")
}

fn may() -> Range {
    month("2026-05-01", "2026-06-01")
}

/// 100.00 on 3 March for a product visualized the day before; 30.00 given back on 9 April.
async fn march_and_april(world: &World) {
    world.show("viz", "v", &["p"], instant("2026-03-02T12:00:00Z")).await;
    let placed = instant("2026-03-03T12:00:00Z");
    let order = Order { created_at: placed, ..an_order("order") };
    world.send_at(order.clone(), placed.plus_millis(1_000)).await;
    let refunded = instant("2026-04-09T10:00:00Z");
    let part = Order { refunded_minor: 3_000, updated_at: Some(refunded), ..order };
    world.send_at(part, refunded.plus_millis(1_000)).await;
}

async fn refund_the_rest(world: &World) {
    let refunded = instant("2026-05-20T10:00:00Z");
    let all = Order {
        created_at: instant("2026-03-03T12:00:00Z"),
        refunded_minor: 3_000,
        status: OrderStatus::Refunded,
        updated_at: Some(refunded),
        ..an_order("order")
    };
    world.send_at(all, refunded.plus_millis(1_000)).await;
}

fn line(gross: i128, refunded: i128, net: i128) -> RevenueLine {
    RevenueLine {
        gross_minor: gross,
        refunded_minor: refunded,
        net_minor: net,
        direct_minor: net,
        ..RevenueLine::zero(euro())
    }
}

async fn revenue(world: &World, range: Range, lens: Lens) -> Vec<RevenueLine> {
    world.store.summary(world.tenant, range, lens).await.unwrap().revenue
}

#[tokio::test]
async fn a_refund_lowers_the_month_of_its_order_or_its_own_month() {
    for world in worlds().await {
        march_and_april(&world).await;
        let widget = Some(world.widget);
        for lens in [Lens::default(), Lens { widget, ..Lens::default() }] {
            assert_eq!(revenue(&world, march(), lens).await, [line(10_000, 3_000, 7_000)]);
            assert_eq!(revenue(&world, april(), lens).await, []);
        }
        for lens in [BY_REFUND, Lens { widget, ..BY_REFUND }] {
            assert_eq!(revenue(&world, march(), lens).await, [line(10_000, 0, 10_000)]);
            assert_eq!(revenue(&world, april(), lens).await, [line(0, 3_000, -3_000)]);
            assert_eq!(revenue(&world, Range::ALL, lens).await, [line(10_000, 3_000, 7_000)]);
        }
        let counted = world.store.summary(world.tenant, april(), BY_REFUND).await.unwrap().by_type;
        assert_eq!(counted, TypeCounts::default(), "the conversion is counted where it happened");
    }
}

#[tokio::test]
async fn last_months_report_can_be_made_again_as_it_was_known() {
    for world in worlds().await {
        march_and_april(&world).await;
        refund_the_rest(&world).await;
        assert_eq!(revenue(&world, march(), Lens::default()).await, [line(10_000, 10_000, 0)]);
        for dates in DateBasis::ALL {
            let known = |text: &str| Lens { dates, as_of: Some(instant(text)), ..Lens::default() };
            let end_of_march = known("2026-03-31T23:59:59Z");
            assert_eq!(revenue(&world, march(), end_of_march).await, [line(10_000, 0, 10_000)]);
            assert_eq!(revenue(&world, march(), known("2026-03-03T12:00:00Z")).await, []);
        }
        let end_of_april = Lens { as_of: Some(instant("2026-04-30T23:59:59Z")), ..Lens::default() };
        assert_eq!(revenue(&world, march(), end_of_april).await, [line(10_000, 3_000, 7_000)]);
        let end_of_april = Lens { dates: DateBasis::Refund, ..end_of_april };
        assert_eq!(revenue(&world, march(), end_of_april).await, [line(10_000, 0, 10_000)]);
        assert_eq!(revenue(&world, april(), end_of_april).await, [line(0, 3_000, -3_000)]);
        assert_eq!(revenue(&world, may(), end_of_april).await, []);
    }
}

#[tokio::test]
async fn an_order_that_is_paid_back_in_full_was_revenue_until_then() {
    for world in worlds().await {
        march_and_april(&world).await;
        refund_the_rest(&world).await;
        for lens in [BY_REFUND, Lens { widget: Some(world.widget), ..BY_REFUND }] {
            assert_eq!(revenue(&world, march(), lens).await, [line(10_000, 0, 10_000)]);
            assert_eq!(revenue(&world, april(), lens).await, [line(0, 3_000, -3_000)]);
            assert_eq!(revenue(&world, may(), lens).await, [line(0, 7_000, -7_000)]);
            assert_eq!(revenue(&world, Range::ALL, lens).await, [line(10_000, 10_000, 0)]);
        }
        let by_refund = world.store.summary(world.tenant, march(), BY_REFUND).await.unwrap();
        assert_eq!(by_refund.by_type, TypeCounts { direct: 1, ..TypeCounts::default() });
    }
}

#[tokio::test]
async fn what_is_called_off_before_it_is_paid_is_revenue_on_no_date() {
    for world in worlds().await {
        let placed = instant("2026-03-03T12:00:00Z");
        let order = Order { created_at: placed, status: OrderStatus::Pending, ..an_order("order") };
        world.send_at(order.clone(), placed).await;
        let later = instant("2026-04-09T10:00:00Z");
        let off = Order { status: OrderStatus::Cancelled, updated_at: Some(later), ..order };
        world.send_at(off, later).await;
        let told = |gross_minor, refunded_minor| RevenueLine {
            gross_minor,
            refunded_minor,
            ..RevenueLine::zero(euro())
        };
        assert_eq!(revenue(&world, march(), BY_REFUND).await, [told(10_000, 0)]);
        assert_eq!(revenue(&world, april(), BY_REFUND).await, [told(0, 10_000)]);
        assert_eq!(revenue(&world, march(), Lens::default()).await, [told(10_000, 10_000)]);
    }
}

#[tokio::test]
async fn a_refund_that_is_taken_back_raises_its_own_month() {
    for world in worlds().await {
        march_and_april(&world).await;
        let later = instant("2026-05-02T10:00:00Z");
        let back = Order {
            created_at: instant("2026-03-03T12:00:00Z"),
            updated_at: Some(later),
            ..an_order("order")
        };
        world.send_at(back, later).await;
        assert_eq!(revenue(&world, may(), BY_REFUND).await, [line(0, -3_000, 3_000)]);
        assert_eq!(revenue(&world, Range::ALL, BY_REFUND).await, [line(10_000, 0, 10_000)]);
        let explained = world.store.conversion(world.tenant, order_id("order")).await.unwrap().unwrap();
        let told: Vec<_> =
            explained.ledger.iter().map(|entry| (entry.entry, entry.cause, entry.net_minor())).collect();
        assert_eq!(
            told,
            [
                (1, LedgerCause::Created, 10_000),
                (2, LedgerCause::PartlyRefunded, 7_000),
                (3, LedgerCause::Reopened, 10_000),
            ]
        );
        assert_eq!(explained.ledger[1].at, instant("2026-04-09T10:00:00Z"));
        assert_eq!(explained.ledger[1].known_at, instant("2026-04-09T10:00:01Z"));
    }
}

#[tokio::test]
async fn yen_euros_and_dinars_have_a_line_each_and_are_never_added() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-5.0)).await;
        for (code, amounts, refunded) in
            [("JPY", [1_000, 2_501], 1), ("EUR", [1_000, 2_502], 2), ("KWD", [1_000, 2_503], 3)]
        {
            for (nth, total_minor) in amounts.into_iter().enumerate() {
                let currency = Currency::parse(code).unwrap();
                let refunded_minor = if nth == 1 { refunded } else { 0 };
                world
                    .send(Order {
                        currency,
                        total_minor,
                        refunded_minor,
                        ..an_order(&format!("{code}-{nth}"))
                    })
                    .await;
            }
        }
        let told = |code: &str, gross_minor, refunded_minor, net: i128| RevenueLine {
            currency: Currency::parse(code).unwrap(),
            ..line(gross_minor, refunded_minor, net)
        };
        let lines =
            [told("EUR", 3_502, 2, 3_500), told("JPY", 3_501, 1, 3_500), told("KWD", 3_503, 3, 3_500)];
        for lens in [Lens::default(), BY_REFUND] {
            assert_eq!(revenue(&world, Range::ALL, lens).await, lines);
        }
    }
}
