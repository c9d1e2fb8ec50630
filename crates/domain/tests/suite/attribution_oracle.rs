//! SPEC sections 6 to 8 once more, written as slowly and plainly as their text, over strings and sets: the engine must
//! agree in every field on thousands of histories. Nothing of the engine is used here but the facts' own types.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use selektable_domain::attribution::{Candidate, Decision};
use selektable_domain::opaque::ProductId;
use selektable_domain::order::Item;
use selektable_domain::visualization::{ShownProduct, Visualization};

use crate::generated::any_history;
use crate::histories::History;
use crate::oracle_models::{assert_decays, split, weights};

/// One visualization considered, as plain values.
#[derive(Clone, Debug, PartialEq)]
struct Considered {
    id: String,
    age_ms: i64,
    link: &'static str,
    theirs_at_conversion: bool,
    matches: bool,
    makes_direct: bool,
    code: &'static str,
    weight: i128,
    order_minor: i128,
    matched_minor: i128,
}

/// A decision as plain values.
#[derive(Debug, PartialEq)]
struct Verdict {
    kind: &'static str,
    reason: &'static str,
    candidates: Vec<Considered>,
    /// Net order and matched lines, attributed and provisional, lines before refunds.
    minor: [i128; 5],
    time_to_conversion_ms: Option<i64>,
    missed_by_ms: Option<i64>,
    lag_direct_ms: Option<i64>,
    lag_any_ms: Option<i64>,
}

impl From<&Candidate> for Considered {
    fn from(candidate: &Candidate) -> Self {
        Self {
            id: candidate.visualization.id.to_string(),
            age_ms: candidate.age_ms,
            link: candidate.person_link.code(),
            theirs_at_conversion: candidate.is_theirs_at_conversion,
            matches: candidate.matches_product,
            makes_direct: candidate.makes_direct,
            code: candidate.code.code(),
            weight: i128::from(candidate.weight),
            order_minor: i128::from(candidate.order_minor),
            matched_minor: i128::from(candidate.matched_minor),
        }
    }
}

impl From<&Decision> for Verdict {
    fn from(decision: &Decision) -> Self {
        Self {
            kind: decision.kind.code(),
            reason: decision.reason.code(),
            candidates: decision.candidates.iter().map(Considered::from).collect(),
            minor: [
                decision.order_minor,
                decision.matched_minor,
                decision.attributed_minor,
                decision.provisional_minor,
                decision.lines_minor,
            ]
            .map(i128::from),
            time_to_conversion_ms: decision.time_to_conversion_ms,
            missed_by_ms: decision.window_missed_by_ms,
            lag_direct_ms: decision.lag_direct_ms,
            lag_any_ms: decision.lag_any_ms,
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

/// "Same person key, or same session."
fn person_link(history: &History, picture: &Visualization, at: i64) -> Option<&'static str> {
    if let (Some(buyer), Some(viewer)) = (&history.order.visitor, &picture.visitor) {
        let who_bought = person(history, buyer.as_str(), history.occurred_at.as_millis());
        if who_bought == person(history, viewer.as_str(), at) {
            return Some(if buyer.as_str() == viewer.as_str() { "same_visitor" } else { "same_user" });
        }
    }
    same_session(history, picture).then_some("same_session")
}

fn same_session(history: &History, picture: &Visualization) -> bool {
    match (&history.order.session, &picture.session) {
        (Some(one), Some(other)) => one.as_str() == other.as_str(),
        _ => false,
    }
}

/// What the store says `id` is a variant of: its table first, else facts that agree.
fn parent(history: &History, id: &str) -> Option<String> {
    for (variant, product) in &history.table {
        if variant == id {
            return product.clone();
        }
    }
    let mut named = BTreeSet::new();
    for picture in &history.evidence.visualizations {
        for shown in &picture.products {
            if shown.variants.iter().any(|variant| variant.as_str() == id) {
                named.insert(shown.product.to_string());
            }
        }
    }
    for item in &history.order.items {
        if item.variant.as_ref().is_some_and(|variant| variant.as_str() == id) {
            named.insert(item.product.to_string());
        }
    }
    named.remove(id);
    if named.len() == 1 { named.pop_first() } else { None }
}

/// Two ids are one product when the chains of "is a variant of" from both come to one id: walked one step at a time,
/// for more steps than there are ids, a chain has ended or goes round for ever.
fn are_one_product(history: &History, one: &str, other: &str) -> bool {
    let chain = |start: &str| {
        let mut ids = BTreeSet::from([start.to_owned()]);
        let mut last = start.to_owned();
        for _ in 0..100 {
            let Some(next) = parent(history, &last) else { break };
            ids.insert(next.clone());
            last = next;
        }
        ids
    };
    !chain(one).is_disjoint(&chain(other))
}

fn shown_ids(shown: &ShownProduct) -> BTreeSet<&str> {
    shown.variants.iter().chain([&shown.product]).map(ProductId::as_str).collect()
}

fn is_bought(history: &History, shown: &ShownProduct, item: &Item) -> bool {
    let line: BTreeSet<&str> = item.variant.iter().chain([&item.product]).map(ProductId::as_str).collect();
    let shown_product = shown.product.as_str();
    if history.rules.products.code() == "group" {
        return !line.is_disjoint(&shown_ids(shown))
            || line.iter().any(|id| are_one_product(history, id, shown_product));
    }
    match &item.variant {
        Some(variant) if !shown.variants.is_empty() => shown_ids(shown).contains(variant.as_str()),
        Some(_) => line.contains(shown_product),
        None => shown_ids(shown).contains(item.product.as_str()),
    }
}

fn shows(history: &History, picture: &Visualization, item: &Item) -> bool {
    picture.products.iter().any(|shown| is_bought(history, shown, item))
}

fn net(history: &History) -> i128 {
    match history.order.status.code() {
        "cancelled" | "refunded" => 0,
        _ => i128::from((history.order.total_minor - history.order.refunded_minor).max(0)),
    }
}

/// "The lines of visualized products, never more than the order."
fn lines(history: &History, direct: &[&Visualization]) -> i128 {
    let mut sum = 0;
    for item in &history.order.items {
        if direct.iter().any(|picture| shows(history, picture, item)) {
            sum += i128::from(item.total_minor);
        }
    }
    sum.min(i128::from(history.order.total_minor))
}

/// Attributed and provisional.
fn by_status(history: &History, in_play: i128) -> [i128; 2] {
    let revenue: &[&str] = match history.rules.counts.code() {
        "any" => &["pending", "on-hold", "processing", "completed"],
        "placed" => &["on-hold", "processing", "completed"],
        "paid" => &["processing", "completed"],
        _ => &["completed"],
    };
    match history.order.status.code() {
        "cancelled" | "refunded" => [0, 0],
        status if revenue.contains(&status) => [in_play, 0],
        _ => [0, in_play],
    }
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
    } else if history.order.visitor.is_some()
        && history.evidence.events_gone_before.is_some_and(|gone| {
            history.occurred_at.as_millis() - history.rules.window.as_millis() < gone.as_millis()
        })
    {
        "evidence_expired"
    } else {
        "visitor_never_seen"
    }
}

fn age(history: &History, picture: &Visualization) -> i64 {
    history.occurred_at.as_millis() - picture.at.as_millis()
}

fn makes_direct(history: &History, picture: &Visualization) -> bool {
    if history.order.items.is_empty() {
        history.rules.leads.code() == "same_person" || same_session(history, picture)
    } else {
        history.order.items.iter().any(|item| shows(history, picture, item))
    }
}

fn considered<'a>(history: &'a History) -> Vec<&'a Visualization> {
    let all = history.evidence.visualizations.iter();
    let mut mine: Vec<&'a Visualization> =
        all.filter(|picture| person_link(history, picture, picture.at.as_millis()).is_some()).collect();
    mine.sort_by_key(|picture| (picture.at, picture.id.to_string()));
    mine
}

fn is_in(set: &[&Visualization], picture: &Visualization) -> bool {
    set.iter().any(|other| other.id == picture.id)
}

/// Judges a history; the engine's weights are taken for the model that needs more than fractions, after they were
/// checked to be near enough.
fn judge(history: &History, found: &Decision) -> Verdict {
    let window = history.rules.window.as_millis();
    let is_lead = history.order.items.is_empty();
    let mine = considered(history);
    let pick = |wanted: &dyn Fn(&Visualization) -> bool| -> Vec<&Visualization> {
        mine.iter().copied().filter(|picture| wanted(picture)).collect()
    };
    let fresh = pick(&|picture| (0..=window).contains(&age(history, picture)));
    let direct = pick(&|picture| is_in(&fresh, picture) && makes_direct(history, picture));
    let eligible = if direct.is_empty() { &fresh } else { &direct };
    let ages: Vec<i64> = eligible.iter().map(|picture| age(history, picture)).collect();
    let shares = weights(history.rules.model.code(), eligible.len()).unwrap_or_else(|| {
        let engines = found.candidates.iter().filter(|candidate| is_in(eligible, &candidate.visualization));
        let engines: Vec<i128> = engines.map(|candidate| i128::from(candidate.weight)).collect();
        assert_decays(history.rules.window.as_millis(), &ages, &engines);
        engines
    });
    let kind = match (direct.is_empty(), fresh.is_empty()) {
        (false, _) => "direct",
        (true, false) => "assisted",
        (true, true) => "none",
    };
    let missed = mine.iter().map(|picture| age(history, picture) - window).filter(|miss| *miss > 0).min();
    let reason = match (kind, is_lead) {
        ("direct", false) => "product_visualized",
        ("direct", true) => "same_session",
        ("assisted", false) => "other_product_visualized",
        ("assisted", true) => "other_session",
        _ => absence(history, &mine, missed.is_some()),
    };
    let whole_order = if kind == "none" { 0 } else { net(history) };
    let lines_minor = if kind == "direct" { lines(history, &direct) } else { 0 };
    let matched = lines_minor.min(net(history));
    let in_play = if history.rules.basis.code() == "order" { whole_order } else { matched };
    let [attributed, provisional] = by_status(history, in_play);
    let credits = Credits::share(eligible, &shares, whole_order, matched);
    let before = |picture: &&&Visualization| age(history, picture) >= 0;
    Verdict {
        kind,
        reason,
        candidates: mine.iter().map(|picture| credits.consider(history, picture)).collect(),
        minor: [whole_order, matched, attributed, provisional, lines_minor],
        time_to_conversion_ms: ages
            .iter()
            .zip(&shares)
            .filter(|(_, share)| **share > 0)
            .map(|(age, _)| *age)
            .min(),
        missed_by_ms: missed.filter(|_| reason == "out_of_window"),
        lag_direct_ms: mine
            .iter()
            .filter(before)
            .filter(|picture| makes_direct(history, picture))
            .map(|picture| age(history, picture))
            .min(),
        lag_any_ms: mine.iter().filter(before).map(|picture| age(history, picture)).min(),
    }
}

/// Who gets what: weight, share of the order, share of the lines.
struct Credits(BTreeMap<String, [i128; 3]>);

impl Credits {
    fn share(eligible: &[&Visualization], weights: &[i128], order: i128, matched: i128) -> Self {
        if eligible.is_empty() {
            return Self(BTreeMap::new());
        }
        let (order, matched) = (split(order, weights), split(matched, weights));
        let shares = (0..weights.len()).map(|place| [weights[place], order[place], matched[place]]);
        Self(eligible.iter().map(|picture| picture.id.to_string()).zip(shares).collect())
    }

    fn consider(&self, history: &History, picture: &Visualization) -> Considered {
        let share = self.0.get(picture.id.as_str());
        let [weight, order_minor, matched_minor] = share.copied().unwrap_or_default();
        let code = match age(history, picture) {
            age if age < 0 => "after_order",
            age if age > history.rules.window.as_millis() => "out_of_window",
            _ if weight > 0 => "credited",
            _ if share.is_some() => "no_weight",
            _ if history.order.items.is_empty() => "other_session",
            _ => "product_mismatch",
        };
        let conversion_at = history.occurred_at.as_millis();
        Considered {
            id: picture.id.to_string(),
            age_ms: age(history, picture),
            link: person_link(history, picture, picture.at.as_millis()).unwrap(),
            theirs_at_conversion: person_link(history, picture, conversion_at).is_some(),
            matches: history.order.items.iter().any(|item| shows(history, picture, item)),
            makes_direct: makes_direct(history, picture),
            code,
            weight,
            order_minor,
            matched_minor,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_192))]

    #[test]
    fn the_engine_agrees_with_the_plain_reading_of_the_rule(history in any_history()) {
        let decision = history.decide();
        prop_assert_eq!(Verdict::from(&decision), judge(&history, &decision));
    }
}

/// The comparison is worth something only if the histories reach every answer.
#[test]
fn generated_histories_reach_every_type_reason_code_and_link() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for _ in 0..4_096 {
        let history = any_history().new_tree(&mut runner).unwrap().current();
        let verdict = judge(&history, &history.decide());
        reached.extend([verdict.kind, verdict.reason]);
        reached.extend(verdict.candidates.iter().flat_map(|considered| [considered.code, considered.link]));
        reached.extend(history.changes().iter().map(selektable_domain::attribution::Change::code));
    }
    let wanted = "after_order assisted credited direct earlier_visualization evidence_expired longer_window \
                  never_visualized no_visitor no_weight none one_product one_session only_after_order \
                  other_product_visualized other_session out_of_window product_mismatch product_visualized \
                  same_session same_user same_visitor shorter_window visitor_never_seen";
    assert_eq!(reached, wanted.split_whitespace().collect());
}
