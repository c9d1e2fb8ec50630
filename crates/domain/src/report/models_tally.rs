//! Shares each conversion's credit once more under every model.
//!
//! Example: 100.00 over three visualizations, the first by widget A, the others by B. Last touch gives B 100.00,
//! first touch A 100.00, linear A 33.34 and B 66.66; each column sums to 100.00.

mod bytes;
mod cells;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use self::cells::{Cells, Share};
use super::TypeCounts;
use super::figures::reasons;
use super::models::{
    Credited, CreditedMoney, MODEL_PRODUCTS_MAX, ModelColumn, ModelsReport, UnattributedMoney,
};
use crate::attribution::{AttributionType, Candidate, CandidateCode, Decision, Reason, weights};
use crate::id::WidgetId;
use crate::money::{Currency, split_largest_remainder};
use crate::opaque::ProductId;
use crate::order::{Order, OrderStatus};
use crate::products::ProductGroups;
use crate::rules::Model;

/// Adds up conversions under every model; tests are left out before. Grows with widgets and products, not with
/// conversions.
#[derive(Clone, Debug)]
pub struct ModelsTally {
    in_force: Model,
    by_type: TypeCounts,
    widgets: BTreeMap<WidgetId, Cells>,
    /// By the first product of a picture, under its group's name.
    products: HashMap<ProductId, Cells>,
    unattributed: HashMap<Reason, u64>,
    unattributed_money: BTreeMap<Currency, i128>,
}

impl ModelsTally {
    /// Begins; `in_force` is the model of the rules for what happens now.
    #[must_use]
    pub fn new(in_force: Model) -> Self {
        Self {
            in_force,
            by_type: TypeCounts::default(),
            widgets: BTreeMap::new(),
            products: HashMap::new(),
            unattributed: HashMap::new(),
            unattributed_money: BTreeMap::new(),
        }
    }

    /// Adds a conversion that is direct or assisted; one that is neither has no visualizations to credit, see
    /// [`ModelsTally::add_unattributed`]. Cancelled ones count for nothing.
    pub fn add(&mut self, order: &Order, decision: &Decision, groups: &ProductGroups) {
        if decision.kind == AttributionType::None {
            let net = order.net().minor;
            let net = if decision.rules.counts.is_revenue(order.status) { net } else { 0 };
            return self.add_unattributed(order.status, decision.reason, order.currency, net);
        }
        if !order.status.counts_as_conversion() {
            return;
        }
        self.by_type.count(decision.kind);
        let eligible: Vec<&Candidate> = decision.candidates.iter().filter(|one| is_eligible(one)).collect();
        let ages: Vec<i64> = eligible.iter().map(|candidate| candidate.age_ms).collect();
        for (place, model) in Model::ALL.into_iter().enumerate() {
            let weights = weights(model, decision.rules.window, &ages);
            let shares = split_largest_remainder(decision.attributed_minor, &weights);
            for ((candidate, weight), minor) in eligible.iter().zip(weights).zip(shares) {
                let share = Share { place, weight, currency: order.currency, kind: decision.kind, minor };
                let shown = &candidate.visualization;
                self.widgets.entry(shown.widget).or_default().add(&share);
                if let Some(first) = shown.products.first() {
                    self.products.entry(groups.of(&first.product).clone()).or_default().add(&share);
                }
            }
        }
    }

    /// Adds a conversion that is not attributed; `net_minor` is 0 where its status is no revenue.
    pub fn add_unattributed(
        &mut self,
        status: OrderStatus,
        reason: Reason,
        currency: Currency,
        net_minor: i64,
    ) {
        if !status.counts_as_conversion() {
            return;
        }
        self.by_type.count(AttributionType::None);
        *self.unattributed.entry(reason).or_default() += 1;
        *self.unattributed_money.entry(currency).or_default() += i128::from(net_minor);
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> ModelsReport {
        let told = self.told();
        let column = |(place, model): (usize, Model)| ModelColumn {
            model,
            in_force: model == self.in_force,
            shares: told.iter().map(|(credited, cells)| cells.share(credited.clone(), place)).collect(),
            total: self.total(place),
        };
        let money = |(currency, net_minor): (&Currency, &i128)| UnattributedMoney {
            currency: *currency,
            net_minor: *net_minor,
        };
        let models = Model::ALL.into_iter().enumerate().map(column).collect();
        ModelsReport {
            by_type: self.by_type,
            models,
            unattributed_money: self.unattributed_money.iter().map(money).collect(),
            unattributed: reasons(self.unattributed),
        }
    }

    /// Widgets, then products, each by their weight under the model in force.
    fn told(&self) -> Vec<(Credited, &Cells)> {
        let place = Model::ALL.iter().position(|model| *model == self.in_force).unwrap_or(0);
        let mut widgets: Vec<_> = self.widgets.iter().collect();
        widgets.sort_by_key(|(widget, cells)| (Reverse(cells.weight(place)), **widget));
        let mut products: Vec<_> = self.products.iter().collect();
        products.sort_by(|(one, cells), (other, others)| {
            others.weight(place).cmp(&cells.weight(place)).then_with(|| one.cmp(other))
        });
        products.truncate(MODEL_PRODUCTS_MAX);
        let widgets = widgets.into_iter().map(|(widget, cells)| (Credited::Widget(*widget), cells));
        let products =
            products.into_iter().map(|(product, cells)| (Credited::Product(product.clone()), cells));
        widgets.chain(products).collect()
    }

    fn total(&self, place: usize) -> Vec<CreditedMoney> {
        let mut total = Cells::default();
        self.widgets.values().for_each(|cells| total.add_money_of(cells));
        total.lines(place)
    }
}

/// Whether a model may give it credit.
fn is_eligible(candidate: &Candidate) -> bool {
    matches!(candidate.code, CandidateCode::Credited | CandidateCode::NoWeight)
}

#[cfg(test)]
mod tests {
    use super::super::scene::{Scene, euro, product, widget};
    use super::super::sheet::tests::{in_parts_and_whole, is_read_without_a_panic};
    use super::*;
    use crate::attribution::WEIGHT_WHOLE;
    use crate::rules::{RevenueBasis, Ruleset};
    use proptest::prelude::*;

    fn report(scenes: &[Scene], rules: &Ruleset) -> ModelsReport {
        let mut tally = ModelsTally::new(rules.model);
        for scene in scenes {
            tally.add(&scene.order, &scene.decide(rules), &scene.evidence.groups);
        }
        tally.finish()
    }

    fn money(report: &ModelsReport, model: Model, credited: &Credited) -> Vec<(i128, i128)> {
        let column = report.models.iter().find(|column| column.model == model).unwrap();
        let share = column.shares.iter().find(|share| share.credited == *credited).unwrap();
        share.money.iter().map(|line| (line.direct_minor, line.assisted_minor)).collect()
    }

    #[test]
    fn every_model_shares_the_same_conversion_its_own_way() {
        let scene = Scene::order("o", 10_000, &["p"])
            .shown(3, widget(1), &["p"])
            .shown(2, widget(2), &["p", "q"])
            .shown(1, widget(2), &["p"]);
        let told = report(&[scene], &Ruleset::FIRST);
        let (one, two) = (Credited::Widget(widget(1)), Credited::Widget(widget(2)));
        assert_eq!(money(&told, Model::LastTouch, &two), [(10_000, 0)]);
        assert_eq!(money(&told, Model::LastTouch, &one), []);
        assert_eq!(money(&told, Model::FirstTouch, &one), [(10_000, 0)]);
        assert_eq!(money(&told, Model::Linear, &one), [(3_334, 0)]);
        assert_eq!(money(&told, Model::Linear, &two), [(6_666, 0)]);
        assert_eq!(money(&told, Model::PositionBased, &two), [(6_000, 0)]);
        assert_eq!(money(&told, Model::Linear, &Credited::Product(product("p"))), [(10_000, 0)]);
        let in_force: Vec<_> = told.models.iter().filter(|column| column.in_force).collect();
        assert_eq!((in_force.len(), in_force[0].model), (1, Model::LastTouch));
        assert_eq!(in_force[0].shares[0].weight, u128::from(WEIGHT_WHOLE));
    }

    #[test]
    fn what_is_not_paid_counts_and_earns_nothing_and_what_is_cancelled_is_not_there() {
        let scene =
            |id: &str, status| Scene::order(id, 500, &["p"]).status(status).shown(1, widget(1), &["p"]);
        let told =
            report(&[scene("a", OrderStatus::Pending), scene("b", OrderStatus::Cancelled)], &Ruleset::FIRST);
        assert_eq!(told.by_type, TypeCounts { direct: 1, assisted: 0, none: 0 });
        assert!(told.models.iter().all(|column| column.total.is_empty()));
    }

    #[test]
    fn the_unattributed_stand_beside() {
        let scenes =
            [Scene::order("a", 500, &["p"]), Scene::order("b", 70, &["p"]).status(OrderStatus::Pending)];
        let told = report(&scenes, &Ruleset::FIRST);
        assert_eq!(told.unattributed, [(Reason::NeverVisualized, 2)]);
        assert_eq!(told.unattributed_money, [UnattributedMoney { currency: euro(), net_minor: 500 }]);
    }

    proptest! {
        #[test]
        fn parts_add_up(
            all in prop::collection::vec((
                0_i64..=20_000,
                prop::sample::select(OrderStatus::BY_RANK.to_vec()),
                prop::collection::vec((0_i64..=200, 0_u8..3, prop::sample::select(vec!["p", "q", "r"])), 0..5),
            ), 0..12),
            cut in 0_usize..12,
            any in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let begin = || ModelsTally::new(Model::Linear);
            let (parts, whole) = in_parts_and_whole(&all, cut, begin, |tally, (total, status, shown)| {
                let scene = Scene::order("o", *total, &["p"]).status(*status);
                let scene = shown
                    .iter()
                    .fold(scene, |scene, (hours, whose, what)| scene.shown(*hours, widget(*whose), &[what]));
                tally.add(&scene.order, &scene.decide(&Ruleset::FIRST), &scene.evidence.groups);
            });
            prop_assert_eq!(&parts, &whole);
            is_read_without_a_panic(begin, &whole, &any);
        }

        #[test]
        fn the_totals_are_equal_under_all_models(
            orders in prop::collection::vec((
                0_i64..=20_000,
                prop::sample::select(OrderStatus::BY_RANK.to_vec()),
                prop::collection::vec((0_i64..=200, 0_u8..3, prop::sample::select(vec!["p", "q"])), 0..9),
            ), 0..6),
            basis in prop::sample::select(RevenueBasis::ALL.to_vec()),
        ) {
            let rules = Ruleset { basis, ..Ruleset::FIRST };
            let scenes: Vec<Scene> = orders.iter().enumerate().map(|(nth, (total, status, shown))| {
                let scene = Scene::order(&format!("o{nth}"), *total, &["p"]).status(*status);
                shown.iter().fold(scene, |scene, (hours, whose, what)| scene.shown(*hours, widget(*whose), &[what]))
            }).collect();
            let told = report(&scenes, &rules);
            let attributed: i128 =
                scenes.iter().map(|scene| i128::from(scene.decide(&rules).attributed_minor)).sum();
            let credited = u128::from(told.by_type.direct + told.by_type.assisted) * u128::from(WEIGHT_WHOLE);
            for column in &told.models {
                prop_assert_eq!(&column.total, &told.models[0].total);
                let sum: i128 = column.total.iter().map(|line| line.direct_minor + line.assisted_minor).sum();
                prop_assert_eq!(sum, attributed);
                let widgets = column.shares.iter().filter(|share| matches!(share.credited, Credited::Widget(_)));
                prop_assert_eq!(widgets.map(|share| share.weight).sum::<u128>(), credited);
            }
        }
    }
}
