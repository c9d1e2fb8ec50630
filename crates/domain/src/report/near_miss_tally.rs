//! Folds assisted orders into the pairs of ids that would make them direct if they were one product.
//!
//! Example: 456 was ordered after a picture of 123 and 124. Both (456, 123) and (456, 124) are told, each with this
//! order: either alias would make it direct.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::packed::{Currencies, Packed, Packing, add, add_minor};
use super::products::{MissedMoney, NEAR_MISSES_MAX, NearMiss};
use super::sheet::{Sheet, SheetFault, whole};
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
    /// By the id that was ordered, then by the one that was shown.
    pairs: HashMap<ProductId, HashMap<ProductId, Cells>>,
    /// How many pairs there are.
    count: usize,
    /// Some were forgotten.
    is_cut: bool,
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
        for (ordered, shown) in pairs(order, decision, groups) {
            let example = (occurred_at, order.id.clone());
            let shown = self.pairs.entry(ordered).or_default().entry(shown);
            let cells = shown.or_insert_with(|| {
                self.count += 1;
                Cells::new(&example)
            });
            cells.conversions += 1;
            *cells.money.entry(order.currency).or_default() += i128::from(net);
            cells.example = example.max(cells.example.clone());
        }
        self.forget_where_too_many();
    }

    /// The rarer half, where there are too many.
    fn forget_where_too_many(&mut self) {
        if self.count <= PAIRS_MAX {
            return;
        }
        let mut counts: Vec<u64> =
            self.pairs.values().flat_map(HashMap::values).map(|cells| cells.conversions).collect();
        let (_, median, _) = counts.select_nth_unstable(PAIRS_MAX / 2);
        let least = *median;
        for shown in self.pairs.values_mut() {
            shown.retain(|_, cells| cells.conversions > least);
        }
        self.pairs.retain(|_, shown| !shown.is_empty());
        self.count = self.pairs.values().map(HashMap::len).sum();
        self.is_cut = true;
    }

    /// Whether some pairs were forgotten: then it is no sheet, whose sum with others would be exact.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The pairs, most orders first, then the latest ones; at most [`NEAR_MISSES_MAX`].
    #[must_use]
    pub fn finish(self) -> Vec<NearMiss> {
        let shown =
            self.pairs.iter().flat_map(|(ordered, shown)| shown.iter().map(move |one| (ordered, one)));
        let mut found: Vec<_> = shown.map(|(ordered, (shown, cells))| ((ordered, shown), cells)).collect();
        let rank = |cells: &Cells| (cells.conversions, cells.example.0);
        let order = |one: &Pair<'_>, other: &Pair<'_>| {
            rank(other.1).cmp(&rank(one.1)).then_with(|| one.0.cmp(&other.0))
        };
        if found.len() > NEAR_MISSES_MAX {
            found.select_nth_unstable_by(NEAR_MISSES_MAX, order);
            found.truncate(NEAR_MISSES_MAX);
        }
        found.sort_unstable_by(order);
        found.into_iter().map(|((ordered, shown), cells)| cells.tell(ordered, shown)).collect()
    }

    fn read(&mut self, packed: &mut Packed<'_>) -> Option<()> {
        let currencies = Currencies::read(packed)?;
        for _ in 0..packed.length()? {
            let ordered = packed.text()?;
            if !self.pairs.contains_key(ordered) {
                self.pairs.insert(ProductId::parse(ordered).ok()?, HashMap::new());
            }
            let known = self.pairs.get_mut(ordered)?;
            for _ in 0..packed.length()? {
                let shown = packed.text()?;
                let part = Part::read(packed, &currencies)?;
                if let Some(cells) = known.get_mut(shown) {
                    part.add_to(cells)?;
                } else {
                    known.insert(ProductId::parse(shown).ok()?, part.into_cells()?);
                    self.count += 1;
                }
            }
        }
        Some(())
    }
}

type Pair<'a> = ((&'a ProductId, &'a ProductId), &'a Cells);

impl Sheet for NearMissTally {
    fn to_bytes(&self) -> Vec<u8> {
        let mut packing = Packing::default();
        let cells = self.pairs.values().flat_map(HashMap::values);
        let currencies = Currencies::write(&mut packing, cells.flat_map(|cells| cells.money.keys().copied()));
        let sorted: BTreeMap<_, BTreeMap<_, _>> =
            self.pairs.iter().map(|(ordered, shown)| (ordered, shown.iter().collect())).collect();
        packing.length(sorted.len());
        for (ordered, shown) in sorted {
            packing.text(ordered.as_str());
            packing.length(shown.len());
            for (shown, cells) in shown {
                packing.text(shown.as_str());
                cells.write(&mut packing, &currencies);
            }
        }
        packing.into_bytes()
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), SheetFault> {
        let mut packed = Packed::new(bytes);
        let read = self.read(&mut packed);
        whole(read, packed.is_at_end())?;
        self.forget_where_too_many();
        Ok(())
    }

    fn is_nothing(&self) -> bool {
        self.pairs.is_empty()
    }
}

/// The cells of a pair in a sheet.
struct Part<'a> {
    conversions: u64,
    money: Vec<(Currency, i128)>,
    example: (Timestamp, &'a str),
}

impl<'a> Part<'a> {
    fn read(packed: &mut Packed<'a>, currencies: &[Currency]) -> Option<Self> {
        let conversions = packed.count()?;
        let mut money = Vec::new();
        for _ in 0..packed.length()? {
            let currency = currencies.get(usize::try_from(packed.count()?).ok()?)?;
            money.push((*currency, packed.number()?));
        }
        let at = Timestamp::from_millis(packed.number()?);
        Some(Self { conversions, money, example: (at, packed.text()?) })
    }

    fn add_to(self, cells: &mut Cells) -> Option<()> {
        add(&mut cells.conversions, self.conversions)?;
        for (currency, minor) in &self.money {
            add_minor(cells.money.entry(*currency).or_default(), *minor)?;
        }
        if self.example > (cells.example.0, cells.example.1.as_str()) {
            cells.example = self.example()?;
        }
        Some(())
    }

    fn example(&self) -> Option<(Timestamp, OrderId)> {
        Some((self.example.0, OrderId::parse(self.example.1).ok()?))
    }

    fn into_cells(self) -> Option<Cells> {
        let mut cells = Cells::new(&self.example()?);
        self.add_to(&mut cells)?;
        Some(cells)
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

    fn write(&self, packing: &mut Packing, currencies: &Currencies) {
        packing.count(self.conversions);
        packing.length(self.money.len());
        for (currency, minor) in &self.money {
            packing.length(currencies.place(*currency));
            packing.number(*minor);
        }
        packing.number(self.example.0.as_millis());
        packing.text(self.example.1.as_str());
    }

    fn tell(&self, ordered: &ProductId, visualized: &ProductId) -> NearMiss {
        let line = |(currency, net_minor): (&Currency, &i128)| MissedMoney {
            currency: *currency,
            net_minor: *net_minor,
        };
        NearMiss {
            ordered: ordered.clone(),
            visualized: visualized.clone(),
            conversions: self.conversions,
            money: self.money.iter().map(line).collect(),
            example: self.example.1.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{Scene, euro, product, widget};
    use super::super::sheet::tests::{in_parts_and_whole, is_read_without_a_panic};
    use super::*;
    use crate::order::OrderStatus;
    use crate::rules::Ruleset;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn parts_add_up(
            all in prop::collection::vec((
                0_i64..9_000,
                prop::sample::select(OrderStatus::BY_RANK.to_vec()),
                prop::collection::vec(prop::sample::select(vec!["q", "r", "s"]), 1..3),
                (0_i64..3, 0_u8..9),
            ), 0..12),
            cut in 0_usize..12,
            any in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let begin = NearMissTally::default;
            let (parts, whole) = in_parts_and_whole(&all, cut, begin, |tally, (total, status, shown, (at, id))| {
                let scene = Scene::order(&format!("o{id}"), *total, &["p", "o"]).status(*status);
                let scene = scene.shown(1, widget(1), shown);
                let decision = scene.decide(&Ruleset::FIRST);
                tally.add(&scene.order, Timestamp::from_millis(*at), &decision, &scene.evidence.groups);
            });
            prop_assert_eq!(&parts, &whole);
            is_read_without_a_panic(begin, &whole, &any);
        }
    }
}
