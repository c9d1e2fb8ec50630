//! Facts about one shop, made by hand. [`crate::generated`] makes them at random.

use selektable_domain::attribution::{
    Change, Conversion, Decision, Evidence, Seal, changes, decide, seal_evidence,
};
use selektable_domain::id::WidgetId;
use selektable_domain::identity::Link;
use selektable_domain::money::Currency;
use selektable_domain::opaque::{OrderId, ProductId, SessionId, UserId, VisitorId, VisualizationId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::products::ProductGroups;
use selektable_domain::rules::Ruleset;
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::{ShownProduct, Visualization};

/// When every conversion of these tests happens.
pub(crate) const T_C: i64 = 1_795_428_900_000;

/// Everything one decision rests on.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) order: Order,
    pub(crate) occurred_at: Timestamp,
    pub(crate) evidence: Evidence,
    pub(crate) rules: Ruleset,
    /// The store's alias table, from which `evidence.groups` was made: `variant → product`, or on its own.
    pub(crate) table: Vec<(String, Option<String>)>,
}

impl History {
    pub(crate) fn conversion(&self) -> Conversion<'_> {
        Conversion { order: &self.order, occurred_at: self.occurred_at }
    }

    pub(crate) fn decide(&self) -> Decision {
        decide(self.conversion(), &self.evidence, &self.rules)
    }

    pub(crate) fn under(&self, rules: Ruleset) -> Self {
        Self { rules, ..self.clone() }
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        changes(self.conversion(), &self.decide())
    }

    pub(crate) fn seal(&self) -> Seal {
        seal_evidence(self.conversion(), &self.decide(), &self.evidence)
    }
}

/// A paid order of visitor `v` in session `s`, in euros; its total is the sum of its lines, given as product and cents.
pub(crate) fn order(lines: &[(&str, i64)]) -> Order {
    let items: Vec<Item> = lines.iter().map(|(name, cents)| line(name, None, *cents)).collect();
    Order {
        id: OrderId::parse("o-1").unwrap(),
        source: Source::Server,
        visitor: visitor("v"),
        session: session("s"),
        user: None,
        currency: Currency::parse("EUR").unwrap(),
        total_minor: lines.iter().map(|(_, cents)| cents).sum(),
        refunded_minor: 0,
        status: OrderStatus::Completed,
        created_at: Timestamp::from_millis(T_C),
        updated_at: None,
        items,
        test: false,
        label: None,
        platform: None,
    }
}

pub(crate) fn line(name: &str, variant: Option<&str>, total_minor: i64) -> Item {
    Item {
        product: product(name),
        variant: variant.map(product),
        quantity: 1,
        price_minor: total_minor,
        total_minor,
    }
}

/// A visualization of visitor `v` in session `s`, made `age` milliseconds before the conversion.
pub(crate) fn shown(id: &str, products: &[&str], age: i64) -> Visualization {
    Visualization {
        id: VisualizationId::parse(id).unwrap(),
        widget: WidgetId::from_slice(&[7; 16]).unwrap(),
        visitor: visitor("v"),
        session: session("s"),
        products: products
            .iter()
            .map(|name| ShownProduct { product: product(name), variants: Vec::new() })
            .collect(),
        at: Timestamp::from_millis(T_C - age),
    }
}

/// The same by another browser and session.
pub(crate) fn by(visitor_name: &str, session_name: &str, visualization: Visualization) -> Visualization {
    Visualization { visitor: visitor(visitor_name), session: session(session_name), ..visualization }
}

pub(crate) fn link(visitor_name: &str, user: &str, age: i64) -> Link {
    Link {
        at: Timestamp::from_millis(T_C - age),
        user: UserId::parse(user).unwrap(),
        visitor: visitor(visitor_name).unwrap(),
    }
}

pub(crate) fn visitor(name: &str) -> Option<VisitorId> {
    VisitorId::parse(name).ok()
}

pub(crate) fn session(name: &str) -> Option<SessionId> {
    SessionId::parse(name).ok()
}

pub(crate) fn product(name: &str) -> ProductId {
    ProductId::parse(name).unwrap()
}

/// An order and what was shown before it, under a new store's rules.
pub(crate) fn history(order: Order, visualizations: Vec<Visualization>) -> History {
    let visitor_seen = !visualizations.is_empty();
    History {
        order,
        occurred_at: Timestamp::from_millis(T_C),
        evidence: Evidence {
            links: Vec::new(),
            visualizations,
            visitor_seen,
            events_gone_before: None,
            groups: ProductGroups::default(),
        },
        rules: Ruleset::FIRST,
        table: Vec::new(),
    }
}
