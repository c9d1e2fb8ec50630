//! SPEC section 6 once more, written as slowly and plainly as its text, from sets instead of one pass; the engine
//! must agree on thousands of histories.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use selektable_domain::attribution::{Decision, WEIGHT_WHOLE};
use selektable_domain::opaque::ProductId;
use selektable_domain::order::Item;
use selektable_domain::visualization::Visualization;

use crate::histories::{History, any_history};

/// A decision as plain values.
#[derive(Debug, PartialEq)]
struct Verdict {
    kind: &'static str,
    reason: &'static str,
    codes: BTreeMap<String, &'static str>,
    credited: Option<String>,
    order_minor: i64,
    matched_minor: i64,
    attributed_minor: i64,
    provisional_minor: i64,
    time_to_conversion_ms: Option<i64>,
    missed_by_ms: Option<i64>,
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        let whole = decision.candidates.iter().find(|candidate| candidate.weight == WEIGHT_WHOLE);
        Self {
            kind: decision.kind.code(),
            reason: decision.reason.code(),
            credited: whole.map(|candidate| candidate.visualization.id.to_string()),
            order_minor: decision.order_minor,
            matched_minor: decision.matched_minor,
            attributed_minor: decision.attributed_minor,
            provisional_minor: decision.provisional_minor,
            time_to_conversion_ms: decision.time_to_conversion_ms,
            missed_by_ms: decision.window_missed_by_ms,
            codes: decision
                .candidates
                .into_iter()
                .map(|candidate| (candidate.visualization.id.to_string(), candidate.code.code()))
                .collect(),
        }
    }
}

/// "The user linked to the visitor at that time; before a visitor's first link, that first user; without any link,
/// the visitor."
fn person(history: &History, visitor: &str, at: i64) -> String {
    let mut said: Vec<(i64, String)> = Vec::new();
    for link in &history.evidence.links {
        if link.visitor.as_str() == visitor {
            said.push((link.at.as_millis(), link.user.to_string()));
        }
    }
    said.sort();
    let Some((_, first)) = said.first() else { return format!("visitor {visitor}") };
    let mut user = first;
    for (since, name) in &said {
        if *since <= at {
            user = name;
        }
    }
    format!("user {user}")
}

fn is_mine(history: &History, picture: &Visualization) -> bool {
    let same_session = match (&history.order.session, &picture.session) {
        (Some(one), Some(other)) => one.as_str() == other.as_str(),
        _ => false,
    };
    let same_person = match (&history.order.visitor, &picture.visitor) {
        (Some(buyer), Some(viewer)) => {
            person(history, buyer.as_str(), history.occurred_at.as_millis())
                == person(history, viewer.as_str(), picture.at.as_millis())
        }
        _ => false,
    };
    same_session || same_person
}

fn shown_ids(picture: &Visualization) -> BTreeSet<&str> {
    let shown = picture.products.iter();
    shown.flat_map(|shown| shown.variants.iter().chain([&shown.product])).map(ProductId::as_str).collect()
}

fn line_ids(item: &Item) -> BTreeSet<&str> {
    item.variant.iter().chain([&item.product]).map(ProductId::as_str).collect()
}

fn shows_bought(history: &History, picture: &Visualization) -> bool {
    history.order.items.iter().any(|item| !line_ids(item).is_disjoint(&shown_ids(picture)))
}

fn net(history: &History) -> i64 {
    match history.order.status.code() {
        "cancelled" | "refunded" => 0,
        _ => (history.order.total_minor - history.order.refunded_minor).max(0),
    }
}

fn matched(history: &History, direct: &[&Visualization]) -> i64 {
    let mut sum = 0;
    for item in &history.order.items {
        if direct.iter().any(|picture| !line_ids(item).is_disjoint(&shown_ids(picture))) {
            sum += item.total_minor;
        }
    }
    sum.min(net(history))
}

fn absence(history: &History, mine: &[&Visualization], old: bool) -> &'static str {
    if history.order.visitor.is_none() && history.order.session.is_none() {
        "no_visitor"
    } else if old {
        "out_of_window"
    } else if !mine.is_empty() {
        "only_after_order"
    } else if history.evidence.visitor_seen {
        "never_visualized"
    } else {
        "visitor_never_seen"
    }
}

fn judge(history: &History) -> Verdict {
    let window = history.rules.window.as_millis();
    let is_lead = history.order.items.is_empty();
    let age = |picture: &Visualization| history.occurred_at.as_millis() - picture.at.as_millis();
    let mine: Vec<&Visualization> =
        history.evidence.visualizations.iter().filter(|picture| is_mine(history, picture)).collect();
    let fresh: Vec<&Visualization> =
        mine.iter().copied().filter(|picture| (0..=window).contains(&age(picture))).collect();
    let direct: Vec<&Visualization> = fresh
        .iter()
        .copied()
        .filter(|picture| {
            if is_lead {
                picture.session.is_some() && picture.session == history.order.session
            } else {
                shows_bought(history, picture)
            }
        })
        .collect();
    let eligible = if direct.is_empty() { &fresh } else { &direct };
    let winner = eligible.iter().max_by_key(|picture| (picture.at, picture.id.to_string())).copied();
    let kind = match (direct.is_empty(), fresh.is_empty()) {
        (false, _) => "direct",
        (true, false) => "assisted",
        (true, true) => "none",
    };
    let missed = mine.iter().map(|picture| age(picture) - window).filter(|miss| *miss > 0).min();
    let reason = match (kind, is_lead) {
        ("direct", false) => "product_visualized",
        ("direct", true) => "same_session",
        ("assisted", false) => "other_product_visualized",
        ("assisted", true) => "other_session",
        _ => absence(history, &mine, missed.is_some()),
    };
    let code = |picture: &Visualization| {
        let is_in = |set: &[&Visualization]| set.iter().any(|other| other.id == picture.id);
        match age(picture) {
            age if age < 0 => "after_order",
            age if age > window => "out_of_window",
            _ if winner.is_some_and(|winner| winner.id == picture.id) => "credited",
            _ if is_in(eligible) => "no_weight",
            _ if is_lead => "other_session",
            _ => "product_mismatch",
        }
    };
    let (order_minor, matched_minor) =
        (if kind == "none" { 0 } else { net(history) }, matched(history, &direct));
    let in_play = if history.rules.basis.code() == "order" { order_minor } else { matched_minor };
    let status = history.order.status.code();
    Verdict {
        kind,
        reason,
        codes: mine.iter().map(|picture| (picture.id.to_string(), code(picture))).collect(),
        credited: winner.map(|picture| picture.id.to_string()),
        order_minor,
        matched_minor,
        attributed_minor: if ["processing", "completed"].contains(&status) { in_play } else { 0 },
        provisional_minor: if ["pending", "on-hold"].contains(&status) { in_play } else { 0 },
        time_to_conversion_ms: winner.map(age),
        missed_by_ms: missed.filter(|_| reason == "out_of_window"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_192))]

    #[test]
    fn the_engine_agrees_with_the_plain_reading_of_the_rule(history in any_history()) {
        prop_assert_eq!(Verdict::from(history.decide()), judge(&history));
    }
}

/// The comparison is worth something only if the histories reach every answer.
#[test]
fn generated_histories_reach_every_type_reason_and_code() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for _ in 0..4_096 {
        let verdict = judge(&any_history().new_tree(&mut runner).unwrap().current());
        reached.extend([verdict.kind, verdict.reason]);
        reached.extend(verdict.codes.into_values());
    }
    let wanted = [
        "after_order",
        "assisted",
        "credited",
        "direct",
        "never_visualized",
        "no_visitor",
        "no_weight",
        "none",
        "only_after_order",
        "other_product_visualized",
        "other_session",
        "out_of_window",
        "product_mismatch",
        "product_visualized",
        "same_session",
        "visitor_never_seen",
    ];
    assert_eq!(reached, BTreeSet::from(wanted));
}
