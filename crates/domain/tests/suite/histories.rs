//! Facts about one shop, made by hand for stories and at random for properties.

use proptest::prelude::*;
use proptest::sample::select;
use selektable_domain::attribution::{Conversion, Decision, Evidence, decide};
use selektable_domain::id::WidgetId;
use selektable_domain::identity::Link;
use selektable_domain::money::Currency;
use selektable_domain::opaque::{OrderId, ProductId, SessionId, UserId, VisitorId, VisualizationId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::rules::{RevenueBasis, Ruleset};
use selektable_domain::time::{HOUR_MS, Timestamp, Window};
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
}

impl History {
    pub(crate) fn decide(&self) -> Decision {
        let conversion = Conversion { order: &self.order, occurred_at: self.occurred_at };
        decide(conversion, &self.evidence, &self.rules)
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
        evidence: Evidence { links: Vec::new(), visualizations, visitor_seen },
        rules: Ruleset::FIRST,
    }
}

/// Few names, so that they meet often; now and then none.
fn name(names: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.85, select(names).prop_map(str::to_owned))
}

/// Ages around every edge of a window, and between.
fn age(window: i64) -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => select(vec![-HOUR_MS, -1, 0, 1, window - 1, window, window + 1, 2 * window]),
        2 => -window / 4..2 * window,
    ]
}

const PRODUCTS: &[&str] = &["a", "b", "c", "d", "e"];

fn shown_product() -> impl Strategy<Value = ShownProduct> {
    (select(PRODUCTS), prop::collection::vec(select(PRODUCTS), 0..2)).prop_map(|(name, variants)| {
        ShownProduct { product: product(name), variants: variants.into_iter().map(product).collect() }
    })
}

fn visualizations(window: i64) -> impl Strategy<Value = Vec<Visualization>> {
    let one = (
        name(&["v", "v", "w", "x"]),
        name(&["s", "t"]),
        prop::collection::vec(shown_product(), 1..3),
        age(window),
    );
    prop::collection::vec(one, 0..7).prop_map(|made| {
        let numbered = made.into_iter().enumerate();
        numbered
            .map(|(number, (visitor_name, session_name, products, age))| Visualization {
                visitor: visitor_name.as_deref().and_then(visitor),
                session: session_name.as_deref().and_then(session),
                products,
                ..shown(&format!("viz-{number}"), &[], age)
            })
            .collect()
    })
}

fn links(window: i64) -> impl Strategy<Value = Vec<Link>> {
    let one = (select(vec!["v", "w", "x"]), select(vec!["ann", "bob"]), age(window));
    prop::collection::vec(one, 0..4)
        .prop_map(|made| made.into_iter().map(|(visitor, user, age)| link(visitor, user, age)).collect())
}

fn any_order() -> impl Strategy<Value = Order> {
    let item = (select(PRODUCTS), prop::option::of(select(PRODUCTS)), 0_i64..10_000)
        .prop_map(|(name, variant, cents)| line(name, variant, cents));
    (
        (name(&["v"]), name(&["s"])),
        (0_i64..30_000, 0_i64..40_000),
        select(OrderStatus::BY_RANK.to_vec()),
        select(vec!["EUR", "JPY", "KWD"]),
        prop::collection::vec(item, 0..4),
    )
        .prop_map(|((visitor_name, session_name), (total, refunded), status, currency, items)| Order {
            visitor: visitor_name.as_deref().and_then(visitor),
            session: session_name.as_deref().and_then(session),
            total_minor: total,
            refunded_minor: refunded,
            status,
            currency: Currency::parse(currency).unwrap(),
            items,
            ..order(&[])
        })
}

/// Any history of a small shop.
pub(crate) fn any_history() -> impl Strategy<Value = History> {
    let window = select(vec![HOUR_MS, Window::DEFAULT.as_millis(), 365 * 24 * HOUR_MS]);
    let facts = window.prop_flat_map(|window| {
        (
            Just(window),
            any_order(),
            visualizations(window),
            links(window),
            any::<bool>(),
            select(vec![RevenueBasis::Order, RevenueBasis::MatchedLines]),
        )
    });
    facts.prop_map(|(window, order, visualizations, links, visitor_seen, basis)| History {
        order,
        occurred_at: Timestamp::from_millis(T_C),
        evidence: Evidence { links, visualizations, visitor_seen },
        rules: Ruleset { window: Window::from_millis(window).unwrap(), basis, ..Ruleset::FIRST },
    })
}
