//! Folds pairs of outcomes, what stands and what a draft decides, into their difference. Two tallies of two halves of
//! a range merge into that of the whole, so that several threads can work.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::dry_run::{DRY_RUN_ORDERS_MAX, DryRun, Flip, MoneyMove, OrderMove, WidgetMove};
use crate::attribution::{AttributionType, Decision, Reason};
use crate::id::WidgetId;
use crate::money::Currency;
use crate::opaque::{OrderId, VisualizationId};
use crate::order::OrderStatus;
use crate::rules::Ruleset;
use crate::time::Timestamp;

/// One visualization's share of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutcomeShare {
    /// The visualization, by a number of the caller's.
    pub visualization: i64,
    /// Its widget.
    pub widget: WidgetId,
    /// Billionths.
    pub weight: u32,
    /// Attributed to it, minor units.
    pub attributed_minor: i64,
}

/// What was decided on one conversion, as far as a dry run compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeBrief {
    /// Direct, assisted or none.
    pub kind: AttributionType,
    /// Why.
    pub reason: Reason,
    /// Attributed, minor units.
    pub attributed_minor: i64,
    /// Would be attributed once paid, minor units.
    pub provisional_minor: i64,
    /// Who has a share, by visualization.
    pub shares: Vec<OutcomeShare>,
}

impl OutcomeBrief {
    /// Of a decision on an order of this status. `number` tells the caller's number of a visualization.
    ///
    /// # Errors
    /// Those of `number`.
    pub fn of<E>(
        decision: &Decision,
        status: OrderStatus,
        mut number: impl FnMut(&VisualizationId) -> Result<i64, E>,
    ) -> Result<Self, E> {
        let is_revenue = decision.rules.counts.is_revenue(status);
        let shares = decision.credits().map(|candidate| {
            Ok(OutcomeShare {
                visualization: number(&candidate.visualization.id)?,
                widget: candidate.visualization.widget,
                weight: candidate.weight,
                attributed_minor: if is_revenue { decision.basis_minor(candidate) } else { 0 },
            })
        });
        let mut shares: Vec<OutcomeShare> = shares.collect::<Result<_, E>>()?;
        shares.sort_unstable();
        Ok(Self {
            kind: decision.kind,
            reason: decision.reason,
            attributed_minor: decision.attributed_minor,
            provisional_minor: decision.provisional_minor,
            shares,
        })
    }

    fn told(&self) -> (AttributionType, Reason, i64) {
        (self.kind, self.reason, self.attributed_minor)
    }
}

/// Adds up conversions; tests and cancelled orders are left out before. Grows with widgets only.
#[derive(Clone, Debug, Default)]
pub struct DryRunTally {
    conversions: u64,
    changed: u64,
    /// By the places of both types in [`AttributionType::ALL`].
    flips: [[u64; 3]; 3],
    money: Moves,
    widgets: BTreeMap<WidgetId, WidgetCells>,
    orders: Vec<OrderMove>,
}

/// By currency: direct before and after, assisted before and after.
type Moves = BTreeMap<Currency, [[i128; 2]; 2]>;

#[derive(Clone, Debug, Default)]
struct WidgetCells {
    weight: [u128; 2],
    money: Moves,
}

fn add_money(moves: &mut Moves, currency: Currency, kind: AttributionType, side: usize, minor: i64) {
    let place = match kind {
        AttributionType::Direct => 0,
        AttributionType::Assisted => 1,
        AttributionType::None => return,
    };
    moves.entry(currency).or_default()[place][side] += i128::from(minor);
}

fn merge_money(moves: &mut Moves, other: Moves) {
    for (currency, cells) in other {
        let line = moves.entry(currency).or_default();
        for (mine, others) in line.iter_mut().flatten().zip(cells.into_iter().flatten()) {
            *mine += others;
        }
    }
}

fn money_lines(moves: Moves) -> Vec<MoneyMove> {
    let line = |(currency, [direct, assisted]): (Currency, [[i128; 2]; 2])| MoneyMove {
        currency,
        direct_before_minor: direct[0],
        direct_after_minor: direct[1],
        assisted_before_minor: assisted[0],
        assisted_after_minor: assisted[1],
    };
    moves.into_iter().map(line).collect()
}

fn place(kind: AttributionType) -> usize {
    match kind {
        AttributionType::Direct => 0,
        AttributionType::Assisted => 1,
        AttributionType::None => 2,
    }
}

impl DryRunTally {
    /// Adds a conversion: its order's id, time and currency, what stands and what the draft decides.
    pub fn add(
        &mut self,
        (order, occurred_at, currency): (&OrderId, Timestamp, Currency),
        before: &OutcomeBrief,
        after: &OutcomeBrief,
    ) {
        self.conversions += 1;
        self.flips[place(before.kind)][place(after.kind)] += 1;
        for (side, outcome) in [before, after].into_iter().enumerate() {
            add_money(&mut self.money, currency, outcome.kind, side, outcome.attributed_minor);
            for share in &outcome.shares {
                let cells = self.widgets.entry(share.widget).or_default();
                cells.weight[side] += u128::from(share.weight);
                add_money(&mut cells.money, currency, outcome.kind, side, share.attributed_minor);
            }
        }
        if before != after {
            self.changed += 1;
            let (before, after) = (before.told(), after.told());
            self.orders.push(OrderMove { order: order.clone(), occurred_at, currency, before, after });
            // Twice as many, so that sorting is rare.
            if self.orders.len() >= 2 * DRY_RUN_ORDERS_MAX {
                keep_largest(&mut self.orders);
            }
        }
    }

    /// Adds what another tally counted.
    pub fn merge(&mut self, other: Self) {
        self.conversions += other.conversions;
        self.changed += other.changed;
        for (mine, others) in self.flips.iter_mut().flatten().zip(other.flips.into_iter().flatten()) {
            *mine += others;
        }
        merge_money(&mut self.money, other.money);
        for (widget, cells) in other.widgets {
            let mine = self.widgets.entry(widget).or_default();
            mine.weight = [mine.weight[0] + cells.weight[0], mine.weight[1] + cells.weight[1]];
            merge_money(&mut mine.money, cells.money);
        }
        self.orders.extend(other.orders);
        keep_largest(&mut self.orders);
    }

    /// The difference that these rules would make.
    #[must_use]
    pub fn finish(mut self, rules: Ruleset) -> DryRun {
        keep_largest(&mut self.orders);
        let flip = |before: AttributionType, after: AttributionType| Flip {
            before,
            after,
            conversions: self.flips[place(before)][place(after)],
        };
        let kinds = AttributionType::ALL;
        let widget = |(widget, cells): (WidgetId, WidgetCells)| WidgetMove {
            widget,
            weight_before: cells.weight[0],
            weight_after: cells.weight[1],
            money: money_lines(cells.money),
        };
        DryRun {
            rules,
            conversions: self.conversions,
            changed: self.changed,
            flips: kinds.iter().flat_map(|before| kinds.map(|after| flip(*before, after))).collect(),
            money: money_lines(self.money),
            widgets: self.widgets.into_iter().map(widget).collect(),
            orders: self.orders,
        }
    }
}

/// Keeps the orders that move most, in an order that does not depend on how the work was shared out.
fn keep_largest(orders: &mut Vec<OrderMove>) {
    orders.sort_by_cached_key(|one| {
        (Reverse(moved(one)), Reverse(one.occurred_at), one.order.as_str().to_owned())
    });
    orders.truncate(DRY_RUN_ORDERS_MAX);
}

/// What an order moves, minor units: what direct and what assisted money win or lose.
fn moved(order: &OrderMove) -> i128 {
    let amount = |(kind, _, minor): (AttributionType, Reason, i64), wanted| {
        if kind == wanted { i128::from(minor) } else { 0 }
    };
    let kinds = [AttributionType::Direct, AttributionType::Assisted];
    kinds.into_iter().map(|kind| (amount(order.after, kind) - amount(order.before, kind)).abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::super::scene::{Scene, euro, widget};
    use super::*;
    use crate::rules::Model;
    use crate::time::Window;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn brief(scene: &Scene, rules: &Ruleset) -> OutcomeBrief {
        let number = |id: &VisualizationId| Ok::<_, Infallible>(id.as_str()[4..].parse().unwrap());
        OutcomeBrief::of(&scene.decide(rules), scene.order.status, number).unwrap()
    }

    fn tally(scenes: &[(i64, Scene)], before: &Ruleset, after: &Ruleset) -> DryRunTally {
        let mut tally = DryRunTally::default();
        for (at, scene) in scenes {
            let order = (&scene.order.id, Timestamp::from_millis(*at), scene.order.currency);
            tally.add(order, &brief(scene, before), &brief(scene, after));
        }
        tally
    }

    fn flips(run: &DryRun) -> Vec<u64> {
        run.flips.iter().map(|flip| flip.conversions).collect()
    }

    #[test]
    fn a_shorter_window_is_told_order_by_order_and_widget_by_widget() {
        let draft = Ruleset { window: Window::from_hours(24).unwrap(), ..Ruleset::FIRST }.numbered(2);
        let stays = Scene::order("stays", 100, &["p"]).shown(1, widget(1), &["p"]);
        let falls =
            Scene::order("falls", 700, &["p"]).shown(48, widget(1), &["p"]).shown(1, widget(2), &["q"]);
        let goes = Scene::order("goes", 200, &["p"]).shown(48, widget(2), &["q"]);
        let run = tally(&[(1, stays), (2, falls), (3, goes)], &Ruleset::FIRST, &draft).finish(draft);
        assert_eq!((run.conversions, run.changed), (3, 2));
        // direct → direct, assisted, none; assisted → …; none → ….
        assert_eq!(flips(&run), [1, 1, 0, 0, 0, 1, 0, 0, 0]);
        let line = |direct_before_minor, direct_after_minor, assisted_before_minor, assisted_after_minor| {
            MoneyMove {
                currency: euro(),
                direct_before_minor,
                direct_after_minor,
                assisted_before_minor,
                assisted_after_minor,
            }
        };
        assert_eq!(run.money, [line(800, 100, 200, 700)]);
        let told: Vec<&str> = run.orders.iter().map(|order| order.order.as_str()).collect();
        assert_eq!(told, ["falls", "goes"]);
        assert_eq!(run.orders[1].after, (AttributionType::None, Reason::OutOfWindow, 0));
        let widgets: Vec<_> = run
            .widgets
            .iter()
            .map(|moved| (moved.weight_before, moved.weight_after, &moved.money[..]))
            .collect();
        let whole = 1_000_000_000;
        assert_eq!(
            widgets,
            [(2 * whole, whole, &[line(800, 100, 0, 0)][..]), (whole, whole, &[line(0, 0, 200, 700)][..])]
        );
    }

    #[test]
    fn another_model_changes_credits_and_no_totals() {
        let draft = Ruleset { model: Model::FirstTouch, ..Ruleset::FIRST }.numbered(2);
        let scene = Scene::order("o", 100, &["p"]).shown(2, widget(1), &["p"]).shown(1, widget(2), &["p"]);
        let run = tally(&[(1, scene)], &Ruleset::FIRST, &draft).finish(draft);
        assert_eq!(run.changed, 1);
        assert_eq!((run.money[0].direct_before_minor, run.money[0].direct_after_minor), (100, 100));
        let weights: Vec<_> =
            run.widgets.iter().map(|moved| (moved.weight_before, moved.weight_after)).collect();
        assert_eq!(weights, [(0, 1_000_000_000), (1_000_000_000, 0)]);
    }

    proptest! {
        #[test]
        fn halves_merge_into_the_whole_however_they_are_cut(
            orders in prop::collection::vec((0_i64..50, 0_i64..3_000, 0_i64..100, 0_u8..3), 0..900),
            cut in any::<prop::sample::Index>(),
        ) {
            let draft = Ruleset { window: Window::from_hours(50).unwrap(), ..Ruleset::FIRST }.numbered(2);
            let scenes: Vec<(i64, Scene)> = orders.iter().enumerate().map(|(nth, (at, total, hours, whose))| {
                (*at, Scene::order(&format!("o{nth}"), *total, &["p"]).shown(*hours, widget(*whose), &["p"]))
            }).collect();
            let whole = tally(&scenes, &Ruleset::FIRST, &draft).finish(draft);
            let (left, right) = scenes.split_at(cut.index(scenes.len() + 1));
            let mut merged = tally(right, &Ruleset::FIRST, &draft);
            merged.merge(tally(left, &Ruleset::FIRST, &draft));
            prop_assert_eq!(&merged.finish(draft), &whole);
            prop_assert_eq!(flips(&whole).iter().sum::<u64>(), whole.conversions);
            prop_assert!(whole.orders.len() <= DRY_RUN_ORDERS_MAX);
        }
    }
}
