//! The rule itself. Pure; total; independent of the order in which evidence is given.

use super::{
    AttributionType, Candidate, CandidateCode, Conversion, Decision, Evidence, PersonLink, Reason,
    WEIGHT_WHOLE,
};
use crate::identity::{Link, Person, person_at};
use crate::money::split_largest_remainder;
use crate::order::{Item, Order};
use crate::rules::{Model, RevenueBasis, Ruleset};
use crate::visualization::Visualization;

/// Decides one conversion.
#[must_use]
pub fn decide(conversion: Conversion<'_>, evidence: &Evidence, rules: &Ruleset) -> Decision {
    let mut candidates = candidates(conversion, evidence, rules);
    let (kind, reason) = classify(conversion.order, &mut candidates, evidence.visitor_seen);
    let eligible = mark_eligible(kind, conversion.order, &mut candidates);
    let net = conversion.order.net().minor;
    let order_minor = if kind == AttributionType::None { 0 } else { net };
    let matched_minor = matched_lines(kind, conversion.order, &candidates, &eligible).min(net);
    share(rules.model, &eligible, &mut candidates, order_minor, matched_minor);
    let in_play = match rules.basis {
        RevenueBasis::Order => order_minor,
        RevenueBasis::MatchedLines => matched_minor,
    };
    let status = conversion.order.status;
    Decision {
        kind,
        reason,
        ruleset_version: rules.version,
        model: rules.model,
        basis: rules.basis,
        window_ms: rules.window.as_millis(),
        order_minor,
        matched_minor,
        attributed_minor: if status.counts_as_revenue() { in_play } else { 0 },
        provisional_minor: if status.is_provisional() { in_play } else { 0 },
        time_to_conversion_ms: credited_ages(&candidates).min(),
        window_missed_by_ms: (reason == Reason::OutOfWindow).then(|| missed_by(&candidates, rules)).flatten(),
        candidates,
    }
}

fn credited_ages(candidates: &[Candidate]) -> impl Iterator<Item = i64> {
    candidates
        .iter()
        .filter(|candidate| candidate.code == CandidateCode::Credited)
        .map(|candidate| candidate.age_ms)
}

fn missed_by(candidates: &[Candidate], rules: &Ruleset) -> Option<i64> {
    let too_old = candidates.iter().filter(|candidate| candidate.code == CandidateCode::OutOfWindow);
    too_old.map(|candidate| candidate.age_ms - rules.window.as_millis()).min()
}

/// Every visualization of the same person or session, oldest first, with its place in time settled. Codes of those
/// in the window are settled later; until then they are `NoWeight`.
fn candidates(conversion: Conversion<'_>, evidence: &Evidence, rules: &Ruleset) -> Vec<Candidate> {
    let person = conversion
        .order
        .visitor
        .as_ref()
        .map(|visitor| person_at(visitor, conversion.occurred_at, &evidence.links));
    let mut found: Vec<Candidate> = evidence
        .visualizations
        .iter()
        .filter_map(|visualization| {
            let link = person_link(conversion.order, person.as_ref(), visualization, &evidence.links)?;
            Some(candidate(conversion, visualization, link, rules))
        })
        .collect();
    found.sort_by(|one, other| {
        let key = |candidate: &Candidate| (candidate.visualization.at, candidate.visualization.id.clone());
        key(one).cmp(&key(other))
    });
    found.dedup_by(|one, other| one.visualization.id == other.visualization.id);
    found
}

fn person_link(
    order: &Order,
    person: Option<&Person>,
    visualization: &Visualization,
    links: &[Link],
) -> Option<PersonLink> {
    if let (Some(person), Some(visitor)) = (person, &visualization.visitor)
        && person_at(visitor, visualization.at, links) == *person
    {
        let same_browser = order.visitor.as_ref() == Some(visitor);
        return Some(if same_browser { PersonLink::SameVisitor } else { PersonLink::SameUser });
    }
    same_session(order, visualization).then_some(PersonLink::SameSession)
}

fn same_session(order: &Order, visualization: &Visualization) -> bool {
    order.session.is_some() && order.session == visualization.session
}

fn candidate(
    conversion: Conversion<'_>,
    visualization: &Visualization,
    person_link: PersonLink,
    rules: &Ruleset,
) -> Candidate {
    let age_ms = conversion.occurred_at.millis_since(visualization.at);
    let code = match age_ms {
        i64::MIN..=-1 => CandidateCode::AfterOrder,
        age if age > rules.window.as_millis() => CandidateCode::OutOfWindow,
        _ => CandidateCode::NoWeight,
    };
    Candidate {
        matches_product: conversion.order.items.iter().any(|item| shows(visualization, item)),
        visualization: visualization.clone(),
        age_ms,
        person_link,
        code,
        weight: 0,
        order_minor: 0,
        matched_minor: 0,
    }
}

fn shows(visualization: &Visualization, item: &Item) -> bool {
    visualization.products.iter().any(|shown| {
        shown.is(&item.product) || item.variant.as_ref().is_some_and(|variant| shown.is(variant))
    })
}

fn in_window(candidate: &Candidate) -> bool {
    candidate.code == CandidateCode::NoWeight
}

/// What makes a candidate in the window a direct one.
fn makes_direct(order: &Order, candidate: &Candidate) -> bool {
    if order.items.is_empty() {
        same_session(order, &candidate.visualization)
    } else {
        candidate.matches_product
    }
}

fn classify(order: &Order, candidates: &mut [Candidate], visitor_seen: bool) -> (AttributionType, Reason) {
    let lead = order.items.is_empty();
    if candidates.iter().any(|candidate| in_window(candidate) && makes_direct(order, candidate)) {
        let reason = if lead { Reason::SameSession } else { Reason::ProductVisualized };
        return (AttributionType::Direct, reason);
    }
    if candidates.iter().any(in_window) {
        let reason = if lead { Reason::OtherSession } else { Reason::OtherProductVisualized };
        return (AttributionType::Assisted, reason);
    }
    let reason = if order.visitor.is_none() && order.session.is_none() {
        Reason::NoVisitor
    } else if candidates.iter().any(|candidate| candidate.code == CandidateCode::OutOfWindow) {
        Reason::OutOfWindow
    } else if !candidates.is_empty() {
        Reason::OnlyAfterOrder
    } else if visitor_seen {
        Reason::NeverVisualized
    } else {
        Reason::VisitorNeverSeen
    };
    (AttributionType::None, reason)
}

/// Places of the eligible candidates; the others in the window get the code that says why they are not.
fn mark_eligible(kind: AttributionType, order: &Order, candidates: &mut [Candidate]) -> Vec<usize> {
    let passed_over =
        if order.items.is_empty() { CandidateCode::OtherSession } else { CandidateCode::ProductMismatch };
    let mut eligible = Vec::new();
    for (place, candidate) in candidates.iter_mut().enumerate().filter(|(_, candidate)| in_window(candidate))
    {
        if kind == AttributionType::Direct && !makes_direct(order, candidate) {
            candidate.code = passed_over;
        } else {
            eligible.push(place);
        }
    }
    eligible
}

fn matched_lines(kind: AttributionType, order: &Order, candidates: &[Candidate], eligible: &[usize]) -> i64 {
    if kind != AttributionType::Direct {
        return 0;
    }
    let matched = |item: &&Item| eligible.iter().any(|place| shows(&candidates[*place].visualization, item));
    let sum: i128 = order.items.iter().filter(matched).map(|item| i128::from(item.total_minor)).sum();
    i64::try_from(sum).unwrap_or(i64::MAX)
}

fn weights(model: Model, count: usize) -> Vec<u32> {
    match model {
        Model::LastTouch => (1..=count).map(|place| if place == count { WEIGHT_WHOLE } else { 0 }).collect(),
    }
}

fn share(
    model: Model,
    eligible: &[usize],
    candidates: &mut [Candidate],
    order_minor: i64,
    matched_minor: i64,
) {
    let weights = weights(model, eligible.len());
    let by_order = split_largest_remainder(order_minor, &weights);
    let by_lines = split_largest_remainder(matched_minor, &weights);
    for (nth, place) in eligible.iter().enumerate().filter(|(nth, _)| weights[*nth] > 0) {
        let candidate = &mut candidates[*place];
        candidate.code = CandidateCode::Credited;
        candidate.weight = weights[nth];
        candidate.order_minor = by_order[nth];
        candidate.matched_minor = by_lines[nth];
    }
}
