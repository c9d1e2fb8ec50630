//! Folds pictures and orders into a line a product.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::packed::{Currencies, Packed, Packing, add, add_minor};
use super::products::{LineMoney, PRODUCTS_MAX, ProductRow};
use super::sheet::{Sheet, SheetFault, whole};
use crate::attribution::{CandidateCode, Decision};
use crate::money::Currency;
use crate::opaque::ProductId;
use crate::order::Order;

/// Adds up pictures and orders; tests are left out before. Grows with the catalogue, not with orders.
#[derive(Clone, Debug, Default)]
pub struct ProductsTally {
    rows: HashMap<ProductId, Cells>,
}

#[derive(Clone, Debug, Default)]
struct Cells {
    visualizations: u64,
    ordered: u64,
    ordered_after_visualization: u64,
    money: BTreeMap<Currency, (i128, i128)>,
}

/// Products, by their groups, that the person of a decision visualized in the window.
pub fn visualized_before<E>(
    decision: &Decision,
    mut group: impl FnMut(&ProductId) -> Result<ProductId, E>,
) -> Result<BTreeSet<ProductId>, E> {
    let is_in_window = |code| !matches!(code, CandidateCode::OutOfWindow | CandidateCode::AfterOrder);
    let in_window = decision.candidates.iter().filter(|candidate| is_in_window(candidate.code));
    in_window
        .flat_map(|candidate| &candidate.visualization.products)
        .map(|shown| group(&shown.product))
        .collect()
}

impl ProductsTally {
    /// Adds a picture that showed these groups.
    pub fn add_picture(&mut self, groups: &BTreeSet<ProductId>) {
        for group in groups {
            self.row(group).visualizations += 1;
        }
    }

    /// Adds an order; `is_revenue` is what its rules say of its status, `visualized` the groups its person
    /// visualized before, in the window. Cancelled orders count for nothing.
    ///
    /// # Errors
    /// Those of `group`, which names the group of an id.
    pub fn add_order<E>(
        &mut self,
        order: &Order,
        is_revenue: bool,
        visualized: &BTreeSet<ProductId>,
        mut group: impl FnMut(&ProductId) -> Result<ProductId, E>,
    ) -> Result<(), E> {
        if !order.status.counts_as_conversion() {
            return Ok(());
        }
        let mut lines: BTreeMap<ProductId, i128> = BTreeMap::new();
        for item in &order.items {
            *lines.entry(group(&item.product)?).or_default() += i128::from(item.total_minor);
        }
        for (product, minor) in lines {
            let was_visualized = visualized.contains(&product);
            let cells = self.row(&product);
            cells.ordered += 1;
            cells.ordered_after_visualization += u64::from(was_visualized);
            if is_revenue {
                let line = cells.money.entry(order.currency).or_default();
                line.0 += minor;
                line.1 += if was_visualized { minor } else { 0 };
            }
        }
        Ok(())
    }

    fn row(&mut self, product: &ProductId) -> &mut Cells {
        self.rows.entry(product.clone()).or_default()
    }

    fn read(&mut self, packed: &mut Packed<'_>) -> Option<()> {
        let currencies = Currencies::read(packed)?;
        let rows = packed.length()?;
        self.rows.reserve(rows);
        for _ in 0..rows {
            let product = packed.text()?;
            if let Some(cells) = self.rows.get_mut(product) {
                cells.read(packed, &currencies)?;
            } else {
                let product = ProductId::parse(product).ok()?;
                self.rows.entry(product).or_default().read(packed, &currencies)?;
            }
        }
        Some(())
    }

    /// The lines, most ordered after a visualization first, then most ordered, most visualized, by id; at most
    /// [`PRODUCTS_MAX`].
    #[must_use]
    pub fn finish(self) -> Vec<ProductRow> {
        let mut rows: Vec<ProductRow> =
            self.rows.into_iter().map(|(product, cells)| cells.finish(product)).collect();
        rows.sort_by(|one, other| {
            let rank = |row: &ProductRow| {
                Reverse((row.ordered_after_visualization, row.ordered, row.visualizations))
            };
            rank(one).cmp(&rank(other)).then_with(|| one.product.cmp(&other.product))
        });
        rows.truncate(PRODUCTS_MAX);
        rows
    }
}

impl Sheet for ProductsTally {
    fn to_bytes(&self) -> Vec<u8> {
        let mut packing = Packing::default();
        let all = self.rows.values().flat_map(|cells| cells.money.keys().copied());
        let currencies = Currencies::write(&mut packing, all);
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_unstable_by_key(|(product, _)| *product);
        packing.length(rows.len());
        for (product, cells) in rows {
            packing.text(product.as_str());
            cells.write(&mut packing, &currencies);
        }
        packing.into_bytes()
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), SheetFault> {
        let mut packed = Packed::new(bytes);
        let read = self.read(&mut packed);
        whole(read, packed.is_at_end())
    }

    fn is_nothing(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Cells {
    fn write(&self, packing: &mut Packing, currencies: &Currencies) {
        for count in [self.visualizations, self.ordered, self.ordered_after_visualization] {
            packing.count(count);
        }
        packing.length(self.money.len());
        for (currency, (lines, visualized)) in &self.money {
            packing.length(currencies.place(*currency));
            packing.number(*lines);
            packing.number(*visualized);
        }
    }

    fn read(&mut self, packed: &mut Packed<'_>, currencies: &[Currency]) -> Option<()> {
        add(&mut self.visualizations, packed.count()?)?;
        add(&mut self.ordered, packed.count()?)?;
        add(&mut self.ordered_after_visualization, packed.count()?)?;
        for _ in 0..packed.length()? {
            let currency = currencies.get(usize::try_from(packed.count()?).ok()?)?;
            let line = self.money.entry(*currency).or_default();
            add_minor(&mut line.0, packed.number()?)?;
            add_minor(&mut line.1, packed.number()?)?;
        }
        Some(())
    }

    fn finish(self, product: ProductId) -> ProductRow {
        let line = |(currency, (lines_minor, visualized_minor))| LineMoney {
            currency,
            lines_minor,
            visualized_minor,
        };
        ProductRow {
            product,
            visualizations: self.visualizations,
            ordered: self.ordered,
            ordered_after_visualization: self.ordered_after_visualization,
            money: self.money.into_iter().map(line).collect(),
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
    use std::convert::Infallible;

    fn add(tally: &mut ProductsTally, scene: &Scene) {
        let decision = scene.decide(&Ruleset::FIRST);
        let group = |id: &ProductId| Ok::<_, Infallible>(scene.evidence.groups.of(id).clone());
        let visualized = visualized_before(&decision, group).unwrap();
        let is_revenue = decision.rules.counts.is_revenue(scene.order.status);
        tally.add_order(&scene.order, is_revenue, &visualized, group).unwrap();
    }

    #[test]
    fn a_product_is_told_under_its_groups_name_once_an_order() {
        let mut tally = ProductsTally::default();
        tally.add_picture(&BTreeSet::from([product("sofa")]));
        // 456 and 457 are variants of `sofa`, shown four hours before; `rug` was shown too long before.
        let bought = Scene::order("one", 10_000, &["456", "457", "rug"])
            .one_product("456", "sofa")
            .one_product("457", "sofa")
            .shown(4, widget(1), &["sofa"])
            .shown(8 * 24, widget(1), &["rug"]);
        add(&mut tally, &bought);
        add(&mut tally, &Scene::order("two", 500, &["rug"]).status(OrderStatus::Pending));
        add(&mut tally, &Scene::order("three", 700, &["rug"]).status(OrderStatus::Cancelled));
        add(&mut tally, &Scene::order("four", 900, &["rug"]));
        let line =
            |lines_minor, visualized_minor| LineMoney { currency: euro(), lines_minor, visualized_minor };
        let told = tally.finish();
        assert_eq!(
            told,
            [
                ProductRow {
                    product: product("sofa"),
                    visualizations: 1,
                    ordered: 1,
                    ordered_after_visualization: 1,
                    money: vec![line(10_000, 10_000)],
                },
                ProductRow {
                    product: product("rug"),
                    visualizations: 0,
                    ordered: 3,
                    ordered_after_visualization: 0,
                    money: vec![line(900, 0)],
                },
            ]
        );
    }

    fn scene() -> impl Strategy<Value = Scene> {
        let ids = ["456", "457", "sofa", "rug"];
        let some = move || prop::collection::vec(prop::sample::select(ids.to_vec()), 1..4);
        let status = prop::sample::select(OrderStatus::BY_RANK.to_vec());
        (0_i64..5_000, some(), some(), 0_i64..200, status).prop_map(
            |(total, bought, shown, hours, status)| {
                let scene = Scene::order("o", total, &bought).status(status).shown(hours, widget(1), &shown);
                scene.one_product("456", "sofa").one_product("457", "sofa")
            },
        )
    }

    proptest! {
        #[test]
        fn parts_add_up(
            all in prop::collection::vec(scene(), 0..20),
            cut in 0_usize..20,
            any in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let add = |tally: &mut ProductsTally, scene: &Scene| {
                tally.add_picture(&BTreeSet::from([product("sofa"), scene.order.items[0].product.clone()]));
                add(tally, scene);
            };
            let (parts, whole) = in_parts_and_whole(&all, cut, ProductsTally::default, add);
            prop_assert_eq!(&parts, &whole);
            is_read_without_a_panic(ProductsTally::default, &whole, &any);
        }
    }

    #[test]
    fn the_list_is_bounded() {
        let mut tally = ProductsTally::default();
        for number in 0..PRODUCTS_MAX + 20 {
            tally.add_picture(&BTreeSet::from([product(&format!("p{number}"))]));
        }
        assert_eq!(tally.finish().len(), PRODUCTS_MAX);
    }
}
