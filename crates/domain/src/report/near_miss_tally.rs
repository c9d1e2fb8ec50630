//! Folds assisted orders into the pairs of ids that would make them direct if they were one product.
//!
//! Example: 456 was ordered after a picture of 123 and 124. Both (456, 123) and (456, 124) are told, each with this
//! order: either alias would make it direct.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::products::{MissedMoney, NEAR_MISSES_MAX, NearMiss};
use crate::attribution::{AttributionType, CandidateCode, Decision};
use crate::money::Currency;
use crate::opaque::{OrderId, ProductId};
use crate::order::Order;
use crate::products::ProductGroups;
use crate::rules::ProductMatch;
use crate::time::Timestamp;

/// Most pairs of one order: those of its latest visualizations.
const PAIRS_OF_ORDER_MAX: usize = 200;
/// Most pairs kept meanwhile. Beyond them the rarer half is forgotten: what is told are the most frequent ones.
const PAIRS_MAX: usize = 100_000;

/// Adds up orders; tests are left out before.
#[derive(Clone, Debug, Default)]
pub struct NearMissTally {
    pairs: HashMap<(ProductId, ProductId), Cells>,
}

#[derive(Clone, Debug)]
struct Cells {
    conversions: u64,
    money: BTreeMap<Currency, i128>,
    example: (Timestamp, OrderId),
}

impl NearMissTally {
    /// Adds an order that occurred at a time. Only assisted orders with lines count, decided under rules that know
    /// groups of products; ids are told by the names of their groups.
    pub fn add(
        &mut self,
        order: &Order,
        occurred_at: Timestamp,
        decision: &Decision,
        groups: &ProductGroups,
    ) {
        let counts = order.status.counts_as_conversion()
            && decision.kind == AttributionType::Assisted
            && decision.rules.products == ProductMatch::Group;
        if !counts {
            return;
        }
        let net = order.net().minor;
        let net = if decision.rules.counts.is_revenue(order.status) { net } else { 0 };
        for pair in pairs(order, decision, groups) {
            let example = (occurred_at, order.id.clone());
            let cells = self.pairs.entry(pair).or_insert_with(|| Cells::new(&example));
            cells.conversions += 1;
            *cells.money.entry(order.currency).or_default() += i128::from(net);
            cells.example = example.max(cells.example.clone());
        }
        if self.pairs.len() > PAIRS_MAX {
            self.forget_rarer_half();
        }
    }

    fn forget_rarer_half(&mut self) {
        let mut counts: Vec<u64> = self.pairs.values().map(|cells| cells.conversions).collect();
        let (_, median, _) = counts.select_nth_unstable(PAIRS_MAX / 2);
        let least = *median;
        self.pairs.retain(|_, cells| cells.conversions > least);
    }

    /// The pairs, most orders first, then the latest ones; at most [`NEAR_MISSES_MAX`].
    #[must_use]
    pub fn finish(self) -> Vec<NearMiss> {
        let mut found: Vec<_> = self.pairs.into_iter().collect();
        found.sort_by(|(one_pair, one), (other_pair, other)| {
            let rank = |cells: &Cells| (cells.conversions, cells.example.0);
            rank(other).cmp(&rank(one)).then_with(|| one_pair.cmp(other_pair))
        });
        found.truncate(NEAR_MISSES_MAX);
        found.into_iter().map(|(pair, cells)| cells.finish(pair)).collect()
    }
}

fn pairs(order: &Order, decision: &Decision, groups: &ProductGroups) -> BTreeSet<(ProductId, ProductId)> {
    let is_in_window = |code| !matches!(code, CandidateCode::OutOfWindow | CandidateCode::AfterOrder);
    let in_window = decision.candidates.iter().rev().filter(|candidate| is_in_window(candidate.code));
    let ordered: BTreeSet<&ProductId> = order.items.iter().map(|item| groups.of(&item.product)).collect();
    let mut found = BTreeSet::new();
    for shown in in_window.flat_map(|candidate| &candidate.visualization.products) {
        let shown = groups.of(&shown.product);
        let room = PAIRS_OF_ORDER_MAX.saturating_sub(found.len());
        found.extend(ordered.iter().take(room).map(|ordered| ((*ordered).clone(), shown.clone())));
    }
    found
}

impl Cells {
    fn new(example: &(Timestamp, OrderId)) -> Self {
        Self { conversions: 0, money: BTreeMap::new(), example: example.clone() }
    }

    fn finish(self, (ordered, visualized): (ProductId, ProductId)) -> NearMiss {
        let line = |(currency, net_minor)| MissedMoney { currency, net_minor };
        NearMiss {
            ordered,
            visualized,
            conversions: self.conversions,
            money: self.money.into_iter().map(line).collect(),
            example: self.example.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{Scene, euro, product, widget};
    use super::*;
    use crate::order::OrderStatus;
    use crate::rules::Ruleset;

    fn told(scenes: &[Scene], rules: &Ruleset) -> Vec<NearMiss> {
        let mut tally = NearMissTally::default();
        for (nth, scene) in scenes.iter().enumerate() {
            let at = Timestamp::from_millis(i64::try_from(nth).unwrap());
            tally.add(&scene.order, at, &scene.decide(rules), &scene.evidence.groups);
        }
        tally.finish()
    }

    #[test]
    fn a_pair_counts_an_order_once_and_its_latest_order_is_the_example() {
        let twice = |id: &str| {
            Scene::order(id, 1_000, &["456", "456"]).shown(2, widget(1), &["123", "124"]).shown(
                1,
                widget(1),
                &["123"],
            )
        };
        let found = told(&[twice("a"), twice("b").status(OrderStatus::Pending)], &Ruleset::FIRST);
        let miss = |visualized: &str| NearMiss {
            ordered: product("456"),
            visualized: product(visualized),
            conversions: 2,
            money: vec![MissedMoney { currency: euro(), net_minor: 1_000 }],
            example: OrderId::parse("b").unwrap(),
        };
        assert_eq!(found, [miss("123"), miss("124")]);
    }

    #[test]
    fn only_what_an_alias_would_mend_is_told() {
        let direct = Scene::order("a", 1, &["p"]).shown(1, widget(1), &["p"]);
        let late = Scene::order("b", 1, &["p"]).shown(8 * 24, widget(1), &["q"]);
        let lead = Scene::order("c", 1, &[]).shown(1, widget(1), &["q"]);
        let missed = Scene::order("d", 1, &["p"]).shown(1, widget(1), &["q"]);
        let cancelled = missed.clone().status(OrderStatus::Cancelled);
        assert!(told(&[direct, late, lead, cancelled], &Ruleset::FIRST).is_empty());
        assert_eq!(told(std::slice::from_ref(&missed), &Ruleset::FIRST).len(), 1);
        // Where only equal ids match, an alias mends nothing.
        assert!(told(&[missed], &Ruleset { products: ProductMatch::Exact, ..Ruleset::FIRST }).is_empty());
    }

    #[test]
    fn every_pair_told_makes_its_order_direct_when_it_is_one_product() {
        let scene =
            Scene::order("a", 1, &["p1", "r"]).one_product("p1", "p").shown(1, widget(1), &["q", "s"]);
        let found = told(std::slice::from_ref(&scene), &Ruleset::FIRST);
        assert_eq!(found.len(), 4);
        for miss in found {
            let ordered = miss.ordered.as_str();
            let mut mended = scene.clone().one_product(ordered, miss.visualized.as_str());
            if ordered == "p" {
                mended = mended.one_product("p1", miss.visualized.as_str());
            }
            assert_eq!(mended.decide(&Ruleset::FIRST).kind, AttributionType::Direct);
        }
    }
}
