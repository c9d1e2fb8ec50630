//! Folds assisted orders into the pairs of ids that would make them direct if they were one product.
//!
//! Example: 456 was ordered after a picture of 123 and 124. Both (456, 123) and (456, 124) are told, each with this
//! order: either alias would make it direct.

use std::collections::hash_map::Entry;
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
    ids: Ids,
    /// By the places of the id that was ordered and of the one that was shown.
    pairs: HashMap<(usize, usize), Cells>,
    /// Some were forgotten.
    is_cut: bool,
}

/// Ids in the order in which they were come across: there are far fewer of them than pairs.
#[derive(Clone, Debug, Default)]
struct Ids {
    places: HashMap<ProductId, usize>,
    all: Vec<ProductId>,
}

impl Ids {
    fn place(&mut self, id: &ProductId) -> usize {
        if let Some(known) = self.places.get(id) {
            return *known;
        }
        self.all.push(id.clone());
        self.places.insert(id.clone(), self.all.len() - 1);
        self.all.len() - 1
    }

    /// `None` of a text that can't be one.
    fn place_of(&mut self, text: &str) -> Option<usize> {
        match self.places.get(text) {
            Some(known) => Some(*known),
            None => Some(self.place(&ProductId::parse(text).ok()?)),
        }
    }
}

#[derive(Clone, Debug)]
struct Cells {
    conversions: u64,
    /// By currency, of which there is mostly one.
    money: Vec<(Currency, i128)>,
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
            let pair = (self.ids.place(&ordered), self.ids.place(&shown));
            let cells = self.pairs.entry(pair).or_insert_with(|| Cells::new(example.clone()));
            cells.conversions += 1;
            *cells.line(order.currency) += i128::from(net);
            if example > cells.example {
                cells.example = example;
            }
        }
        self.forget_where_too_many();
    }

    /// The rarer half, where there are too many.
    fn forget_where_too_many(&mut self) {
        if self.pairs.len() <= PAIRS_MAX {
            return;
        }
        let mut counts: Vec<u64> = self.pairs.values().map(|cells| cells.conversions).collect();
        let (_, median, _) = counts.select_nth_unstable(PAIRS_MAX / 2);
        let least = *median;
        self.pairs.retain(|_, cells| cells.conversions > least);
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
        let named = |(ordered, shown): (usize, usize)| (&self.ids.all[ordered], &self.ids.all[shown]);
        let mut found: Vec<Pair<'_>> = self.pairs.iter().map(|(pair, cells)| (named(*pair), cells)).collect();
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
        let ids: Vec<usize> =
            (0..packed.length()?).map(|_| self.ids.place_of(packed.text()?)).collect::<Option<_>>()?;
        let pairs = packed.length()?;
        self.pairs.reserve(pairs);
        for _ in 0..pairs {
            let mut place = || ids.get(usize::try_from(packed.count()?).ok()?).copied();
            match self.pairs.entry((place()?, place()?)) {
                Entry::Occupied(known) => known.into_mut().read(packed, &currencies)?,
                Entry::Vacant(vacant) => {
                    vacant.insert(Cells::of(packed, &currencies)?);
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
        let money = self.pairs.values().flat_map(|cells| &cells.money);
        let currencies = Currencies::write(&mut packing, money.map(|(currency, _)| *currency));
        let named = |place: &usize| &self.ids.all[*place];
        let ids: BTreeSet<&ProductId> =
            self.pairs.keys().flat_map(|(ordered, shown)| [named(ordered), named(shown)]).collect();
        packing.length(ids.len());
        for id in &ids {
            packing.text(id.as_str());
        }
        let places: HashMap<&ProductId, usize> = ids.into_iter().zip(0..).collect();
        let place = |own: &usize| places.get(named(own)).copied().unwrap_or_default();
        let pairs =
            self.pairs.iter().map(|((ordered, shown), cells)| ((place(ordered), place(shown)), cells));
        let sorted: BTreeMap<(usize, usize), &Cells> = pairs.collect();
        packing.length(sorted.len());
        for ((ordered, shown), cells) in sorted {
            packing.length(ordered);
            packing.length(shown);
            cells.write(&mut packing, &currencies);
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
    const fn new(example: (Timestamp, OrderId)) -> Self {
        Self { conversions: 0, money: Vec::new(), example }
    }

    fn line(&mut self, currency: Currency) -> &mut i128 {
        let place = match self.money.binary_search_by_key(&currency, |(known, _)| *known) {
            Ok(known) => known,
            Err(free) => {
                self.money.insert(free, (currency, 0));
                free
            }
        };
        &mut self.money[place].1
    }

    fn write(&self, packing: &mut Packing, currencies: &Currencies) {
        packing.number(self.example.0.as_millis());
        packing.text(self.example.1.as_str());
        packing.count(self.conversions);
        packing.length(self.money.len());
        for (currency, minor) in &self.money {
            packing.length(currencies.place(*currency));
            packing.number(*minor);
        }
    }

    /// Those of a sheet.
    fn of(packed: &mut Packed<'_>, currencies: &[Currency]) -> Option<Self> {
        let (at, example) = (Timestamp::from_millis(packed.number()?), packed.text()?);
        let mut cells = Self::new((at, OrderId::parse(example).ok()?));
        cells.read_counts(packed, currencies)?;
        Some(cells)
    }

    /// Adds those of a sheet.
    fn read(&mut self, packed: &mut Packed<'_>, currencies: &[Currency]) -> Option<()> {
        let (at, example) = (Timestamp::from_millis(packed.number()?), packed.text()?);
        if (at, example) > (self.example.0, self.example.1.as_str()) {
            self.example = (at, OrderId::parse(example).ok()?);
        }
        self.read_counts(packed, currencies)
    }

    fn read_counts(&mut self, packed: &mut Packed<'_>, currencies: &[Currency]) -> Option<()> {
        add(&mut self.conversions, packed.count()?)?;
        for _ in 0..packed.length()? {
            let currency = currencies.get(usize::try_from(packed.count()?).ok()?)?;
            add_minor(self.line(*currency), packed.number()?)?;
        }
        Some(())
    }

    fn tell(&self, ordered: &ProductId, visualized: &ProductId) -> NearMiss {
        let line = |(currency, net_minor): &(Currency, i128)| MissedMoney {
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
