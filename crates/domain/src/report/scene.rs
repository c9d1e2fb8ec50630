//! One order and what was visualized before it, for tests of reports.

use crate::attribution::{Conversion, Decision, Evidence, decide};
use crate::id::{Id, WidgetId};
use crate::money::Currency;
use crate::opaque::{OrderId, ProductId, VisitorId, VisualizationId};
use crate::order::{Item, Order, OrderStatus, Source};
use crate::rules::Ruleset;
use crate::time::{HOUR_MS, Timestamp};
use crate::visualization::{ShownProduct, Visualization};

/// When the order was placed.
const PLACED: Timestamp = Timestamp::from_millis(1_795_435_200_000);

/// An order with its evidence.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) order: Order,
    pub(super) evidence: Evidence,
}

pub(super) fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

pub(super) fn product(id: &str) -> ProductId {
    ProductId::parse(id).unwrap()
}

pub(super) fn widget(number: u8) -> WidgetId {
    Id::from_slice(&[number; 16]).unwrap()
}

impl Scene {
    /// A completed order of a seen visitor; the first product costs everything.
    pub(super) fn order(id: &str, total_minor: i64, products: &[&str]) -> Self {
        let item = |(nth, id): (usize, &&str)| {
            let total = if nth == 0 { total_minor } else { 0 };
            Item { product: product(id), variant: None, quantity: 1, price_minor: total, total_minor: total }
        };
        let order = Order {
            id: OrderId::parse(id).unwrap(),
            source: Source::Server,
            visitor: Some(VisitorId::parse("v").unwrap()),
            session: None,
            user: None,
            currency: euro(),
            total_minor,
            refunded_minor: 0,
            status: OrderStatus::Completed,
            created_at: PLACED,
            updated_at: None,
            items: products.iter().enumerate().map(item).collect(),
            test: false,
            label: None,
            platform: None,
        };
        Self { order, evidence: Evidence { visitor_seen: true, ..Evidence::default() } }
    }

    pub(super) fn status(mut self, status: OrderStatus) -> Self {
        self.order.status = status;
        self
    }

    /// So many hours before, by this widget.
    pub(super) fn shown(mut self, hours: i64, widget: WidgetId, products: &[&str]) -> Self {
        let shown = |id: &&str| ShownProduct { product: product(id), variants: Vec::new() };
        let number = self.evidence.visualizations.len();
        self.evidence.visualizations.push(Visualization {
            id: VisualizationId::parse(&format!("viz-{number}")).unwrap(),
            widget,
            visitor: self.order.visitor.clone(),
            session: None,
            products: products.iter().map(shown).collect(),
            at: PLACED.plus_millis(-hours * HOUR_MS),
        });
        self
    }

    /// These two ids are one product, named by the second.
    pub(super) fn one_product(mut self, variant: &str, of: &str) -> Self {
        self.evidence.groups.put(product(variant), product(of));
        self
    }

    pub(super) fn decide(&self, rules: &Ruleset) -> Decision {
        decide(Conversion { order: &self.order, occurred_at: PLACED }, &self.evidence, rules)
    }
}
