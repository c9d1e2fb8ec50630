//! Histories at random: few names, so that they meet often, and times around every edge.

use std::collections::BTreeSet;
use std::convert::Infallible;

use proptest::prelude::*;
use proptest::sample::select;
use selektable_domain::attribution::Evidence;
use selektable_domain::id::WidgetId;
use selektable_domain::identity::Link;
use selektable_domain::money::{AMOUNT_MINOR_MAX, Currency};
use selektable_domain::opaque::{ProductId, UserId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::products::{AliasClaims, ProductGroups, group_of};
use selektable_domain::rules::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis, Ruleset};
use selektable_domain::time::{DAY_MS, HOUR_MS, Timestamp, Window};
use selektable_domain::visualization::{PRODUCTS_MAX, ShownProduct, Visualization};

use crate::histories::{History, T_C, line, link, order, product, session, shown, visitor};

pub(crate) const PRODUCTS: &[&str] = &["a", "b", "c", "d", "e", "f", "g"];

/// Now and then none.
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

/// Ordinary amounts, the smallest, and the largest there is.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0_i64..30_000, 2 => 0_i64..8, 1 => select(vec![AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX - 1])]
}

fn shown_product() -> impl Strategy<Value = ShownProduct> {
    (select(PRODUCTS), prop::collection::vec(select(PRODUCTS), 0..3)).prop_map(|(name, variants)| {
        ShownProduct { product: product(name), variants: variants.into_iter().map(product).collect() }
    })
}

fn visualizations(window: i64) -> impl Strategy<Value = Vec<Visualization>> {
    let products = prop_oneof![
        2 => prop::collection::vec(shown_product(), 1..2),
        1 => prop::collection::vec(shown_product(), 2..=PRODUCTS_MAX),
    ];
    let one = (name(&["v", "v", "w", "x"]), name(&["s", "t"]), products, age(window), 1_u8..3);
    prop::collection::vec(one, 0..8).prop_map(|made| {
        let numbered = made.into_iter().enumerate();
        numbered
            .map(|(number, (visitor_name, session_name, products, age, widget))| Visualization {
                widget: WidgetId::from_slice(&[widget; 16]).unwrap(),
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
    prop::collection::vec(one, 0..5)
        .prop_map(|made| made.into_iter().map(|(visitor, user, age)| link(visitor, user, age)).collect())
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (select(PRODUCTS), prop::option::of(select(PRODUCTS)), amount(), 1_u32..4)
        .prop_map(|(name, variant, minor, quantity)| Item { quantity, ..line(name, variant, minor) });
    prop_oneof![1 => Just(Vec::new()), 4 => prop::collection::vec(item, 1..5)]
}

fn any_order() -> impl Strategy<Value = Order> {
    (
        (name(&["v"]), name(&["s"]), name(&["ann", "bob"])),
        (amount(), prop_oneof![Just(0), amount()]),
        (select(OrderStatus::BY_RANK.to_vec()), select(Source::ALL.to_vec()), any::<bool>()),
        select(vec!["EUR", "JPY", "KWD"]),
        items(),
    )
        .prop_map(
            |((visitor_name, session_name, user), money, (status, source, test), currency, items)| Order {
                visitor: visitor_name.as_deref().and_then(visitor),
                session: session_name.as_deref().and_then(session),
                user: user.and_then(|user| UserId::parse(&user).ok()),
                total_minor: money.0,
                refunded_minor: money.1,
                status,
                source,
                test,
                currency: Currency::parse(currency).unwrap(),
                items,
                ..order(&[])
            },
        )
}

/// Every combination of rules with this window.
pub(crate) fn any_rules(window: i64) -> impl Strategy<Value = Ruleset> {
    let choices = (
        select(Model::ALL.to_vec()),
        select(RevenueBasis::ALL.to_vec()),
        select(vec![ProductMatch::Group, ProductMatch::Group, ProductMatch::Exact]),
        select(LeadDirect::ALL.to_vec()),
        select(CountsFrom::ALL.to_vec()),
        1_u32..9,
    );
    choices.prop_map(move |(model, basis, products, leads, counts, version)| Ruleset {
        version,
        window: Window::from_millis(window).unwrap(),
        model,
        basis,
        products,
        leads,
        counts,
    })
}

fn table() -> impl Strategy<Value = Vec<(String, Option<String>)>> {
    prop::collection::btree_map(select(PRODUCTS), prop::option::weighted(0.8, select(PRODUCTS)), 0..4)
        .prop_map(|rows| {
            rows.into_iter().map(|(id, parent)| (id.to_owned(), parent.map(str::to_owned))).collect()
        })
}

/// The products that facts name as the one `id` is a variant of.
fn carried(id: &ProductId, order: &Order, visualizations: &[Visualization]) -> Vec<ProductId> {
    let shown = visualizations.iter().flat_map(|picture| &picture.products);
    let by_pictures = shown.filter(|shown| shown.variants.contains(id)).map(|shown| &shown.product);
    let by_lines =
        order.items.iter().filter(|item| item.variant.as_ref() == Some(id)).map(|item| &item.product);
    let distinct: BTreeSet<&ProductId> =
        by_pictures.chain(by_lines).filter(|product| *product != id).collect();
    distinct.into_iter().cloned().collect()
}

/// The groups as a store would gather them.
fn groups(
    table: &[(String, Option<String>)],
    order: &Order,
    visualizations: &[Visualization],
) -> ProductGroups {
    let parent = |id: &ProductId| {
        let said = table.iter().find(|(variant, _)| variant == id.as_str());
        let claims = AliasClaims {
            table: said.map(|(_, parent)| parent.as_deref().map(product)),
            carried: carried(id, order, visualizations),
        };
        Ok::<_, Infallible>(claims.parent().cloned())
    };
    let mut groups = ProductGroups::default();
    for id in PRODUCTS.iter().map(|name| product(name)) {
        let group = group_of(&id, parent).unwrap();
        groups.put(id, group);
    }
    groups
}

/// Nothing, or what was before the window's first instant, and a little more.
fn gone(window: i64) -> impl Strategy<Value = Option<Timestamp>> {
    let around = select(vec![-1, 0, 1, window, window + 1]);
    proptest::option::of(around.prop_map(move |more| Timestamp::from_millis(T_C - window + more)))
}

/// Any history of a small shop.
pub(crate) fn any_history() -> impl Strategy<Value = History> {
    let window = select(vec![HOUR_MS, Window::DEFAULT.as_millis(), 30 * DAY_MS + 1, 365 * DAY_MS]);
    let facts = window.prop_flat_map(|window| {
        let told = (any_order(), visualizations(window), links(window), (any::<bool>(), gone(window)));
        (any_rules(window), told, table())
    });
    facts.prop_map(|(rules, (order, visualizations, links, (visitor_seen, events_gone_before)), table)| {
        History {
            evidence: Evidence {
                links,
                visitor_seen,
                events_gone_before,
                groups: groups(&table, &order, &visualizations),
                visualizations,
            },
            order,
            occurred_at: Timestamp::from_millis(T_C),
            rules,
            table,
        }
    })
}
