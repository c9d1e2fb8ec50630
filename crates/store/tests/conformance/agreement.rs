//! Whatever happens to orders, figures agree with each other to the cent: both dates, all widgets, all buckets, and
//! the ledger with the decisions.

use std::collections::BTreeMap;

use selektable_domain::id::WidgetId;
use selektable_domain::money::Currency;
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::{DateBasis, Lens, RevenueLine};
use selektable_domain::rules::{Model, RevenueBasis, Ruleset};
use selektable_domain::schedule::Effective;
use selektable_domain::time::{DAY_MS, HOUR_MS, Range, Timestamp};

use crate::world::{World, an_order, at, item, new_id, new_widget, visitor, worlds};

/// Numbers that look random and are the same on every run (Knuth's constants, "MMIX").
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn amount(&mut self, end: u64) -> i64 {
        i64::try_from(self.below(end)).unwrap()
    }
}

/// A month in which shoppers visualize with two widgets, buy, edit, return and call off; some facts come late.
async fn a_month(world: &World, dice: &mut Dice) -> [WidgetId; 2] {
    let second = new_id();
    world.store.create_widget(world.tenant, new_widget(second)).await.unwrap();
    let widgets = [world.widget, second];
    // So that one order is shared by both widgets.
    let rules = Ruleset { model: Model::Linear, basis: RevenueBasis::MatchedLines, ..Ruleset::FIRST };
    world.publish(rules, Effective::Everything, at(0.0)).await;
    for number in 0..60 {
        let who = format!("shopper-{}", number % 13);
        let placed = at(0.0).plus_millis(dice.amount(20) * DAY_MS + dice.amount(1_000));
        for shown in 0..dice.below(4) {
            let when = placed.plus_millis(-dice.amount(9 * 24) * HOUR_MS);
            let mut new = world.shown(&format!("viz-{number}-{shown}"), &who, &["p"], when);
            new.visualization.widget = widgets[usize::try_from(dice.below(2)).unwrap()];
            new.received_at = when.plus_millis(dice.amount(2) * 12 * DAY_MS);
            world.store.record_visualization(new).await.unwrap();
        }
        a_life(world, dice, (number, &who, placed)).await;
    }
    widgets
}

async fn a_life(world: &World, dice: &mut Dice, (number, who, placed): (i64, &str, Timestamp)) {
    let currency = Currency::parse(["EUR", "JPY"][usize::try_from(dice.below(2)).unwrap()]).unwrap();
    let mut when = placed;
    for _ in 0..=dice.below(5) {
        let total_minor = 1_000 + dice.amount(3) * 333;
        let product = ["p", "q"][usize::try_from(dice.below(2)).unwrap()];
        let order = Order {
            visitor: Some(visitor(who)),
            session: None,
            currency,
            total_minor,
            refunded_minor: dice.amount(2) * dice.amount(1_300),
            status: OrderStatus::BY_RANK[usize::try_from(dice.below(6)).unwrap()],
            created_at: placed,
            updated_at: Some(when),
            items: vec![item(product, total_minor - 100)],
            test: dice.below(12) == 0,
            ..an_order(&format!("order-{number}"))
        };
        world.send_at(order, when.plus_millis(1_000)).await;
        when = when.plus_millis(dice.amount(5 * DAY_MS.unsigned_abs()) + 1);
    }
}

type Sums = BTreeMap<Currency, [i128; 6]>;

fn sums(lines: impl IntoIterator<Item = RevenueLine>) -> Sums {
    let mut sums = Sums::new();
    for line in lines {
        let amounts = [
            line.gross_minor,
            line.refunded_minor,
            line.net_minor,
            line.direct_minor,
            line.assisted_minor,
            line.provisional_minor,
        ];
        let sum = sums.entry(line.currency).or_default();
        sum.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
    }
    sums
}

async fn total(world: &World, lens: Lens) -> Sums {
    sums(world.store.summary(world.tenant, Range::ALL, lens).await.unwrap().revenue)
}

fn days() -> Vec<Range> {
    let day = |nth: i64| Range {
        from: at(0.0).plus_millis((nth - 1) * DAY_MS),
        to: at(0.0).plus_millis(nth * DAY_MS),
    };
    (0..80).map(day).collect()
}

#[tokio::test]
async fn both_dates_all_buckets_and_the_ledger_sum_to_the_same_cent() {
    for seed in 0..3 {
        for world in worlds().await {
            let widgets = a_month(&world, &mut Dice(seed)).await;
            for widget in [None, Some(widgets[0]), Some(widgets[1])] {
                let stands = total(&world, Lens { widget, ..Lens::default() }).await;
                let nothing = stands.values().flatten().filter(|sum| **sum == 0).count();
                assert!(
                    stands.len() == 2 && nothing <= 2,
                    "the month has something of everything: {stands:?}"
                );
                let long_after = Some(at(0.0).plus_millis(1_000 * DAY_MS));
                for (dates, as_of) in
                    DateBasis::ALL.into_iter().flat_map(|dates| [(dates, None), (dates, long_after)])
                {
                    let lens = Lens { widget, dates, as_of };
                    assert_eq!(total(&world, lens).await, stands, "{lens:?}");
                    let series = world.store.series(world.tenant, days(), lens).await.unwrap();
                    let lines = series.into_iter().flat_map(|bucket| bucket.revenue);
                    assert_eq!(sums(lines), stands, "{lens:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn widgets_sum_to_what_is_attributed_on_every_day_and_as_known_on_every_day() {
    for world in worlds().await {
        let widgets = a_month(&world, &mut Dice(7)).await;
        for dates in DateBasis::ALL {
            for as_of in [None, Some(at(9.0 * 24.0)), Some(at(17.0 * 24.0))] {
                let of = async |widget| {
                    world.store.series(world.tenant, days(), Lens { widget, dates, as_of }).await.unwrap()
                };
                let [whole, one, two] =
                    [of(None).await, of(Some(widgets[0])).await, of(Some(widgets[1])).await];
                let attributed = |lines: Vec<RevenueLine>| -> Vec<(Currency, [i128; 2])> {
                    let sums = sums(lines).into_iter().map(|(currency, sum)| (currency, [sum[3], sum[4]]));
                    sums.filter(|(_, sum)| *sum != [0, 0]).collect()
                };
                for ((whole, one), two) in whole.into_iter().zip(one).zip(two) {
                    let parts = [one.revenue, two.revenue].concat();
                    assert_eq!(attributed(parts), attributed(whole.revenue), "{dates:?} {as_of:?}");
                }
            }
        }
    }
}
