//! Folds pictures and orders into a line a product.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::products::{LineMoney, PRODUCTS_MAX, ProductRow};
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

impl Cells {
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
    use super::*;
    use crate::order::OrderStatus;
    use crate::rules::Ruleset;
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

    #[test]
    fn the_list_is_bounded() {
        let mut tally = ProductsTally::default();
        for number in 0..PRODUCTS_MAX + 20 {
            tally.add_picture(&BTreeSet::from([product(&format!("p{number}"))]));
        }
        assert_eq!(tally.finish().len(), PRODUCTS_MAX);
    }
}
