//! The rule itself. Pure; total; independent of the order in which evidence is given.

use super::{
    AttributionType, Candidate, CandidateCode, Conversion, Decision, Evidence, PersonLink, Reason, weights,
};
use crate::identity::Logins;
use crate::money::split_largest_remainder;
use crate::opaque::UserId;
use crate::order::platform::Origin;
use crate::order::{Item, Order};
use crate::products::ProductGroups;
use crate::rules::{LeadDirect, ProductMatch, Ruleset};
use crate::time::Timestamp;
use crate::visualization::{ShownProduct, Visualization};

/// Decides one conversion.
#[must_use]
pub fn decide(conversion: Conversion<'_>, evidence: &Evidence, rules: &Ruleset) -> Decision {
    let order = conversion.order;
    // What was visualized before a later payment of a subscription did not bring it about: the first order did.
    let mut candidates = match order.origin() {
        Origin::Renewal => Vec::new(),
        _ => candidates(conversion, evidence, rules),
    };
    let (kind, reason) = classify(conversion, &mut candidates, evidence, rules);
    let eligible = mark_eligible(kind, order, &mut candidates);
    let net = order.net().minor;
    let order_minor = if kind == AttributionType::None { 0 } else { net };
    let lines_minor = matched_lines(kind, order, &candidates, &eligible, &evidence.groups, rules);
    let matched_minor = lines_minor.min(net);
    share(rules, &eligible, &mut candidates, order_minor, matched_minor);
    let in_play = if kind == AttributionType::None { 0 } else { rules.basis.in_play(net, lines_minor) };
    Decision {
        kind,
        reason,
        rules: *rules,
        order_minor,
        matched_minor,
        attributed_minor: if rules.counts.is_revenue(order.status) { in_play } else { 0 },
        provisional_minor: if rules.counts.is_provisional(order.status) { in_play } else { 0 },
        lines_minor,
        time_to_conversion_ms: credited_ages(&candidates).min(),
        window_missed_by_ms: (reason == Reason::OutOfWindow).then(|| missed_by(&candidates, rules)).flatten(),
        lag_direct_ms: lag(candidates.iter().filter(|candidate| candidate.makes_direct)),
        lag_any_ms: lag(candidates.iter()),
        candidates,
    }
}

fn lag<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Option<i64> {
    candidates.map(|candidate| candidate.age_ms).filter(|age| *age >= 0).min()
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
    let people = People::of(conversion, evidence);
    let considered = evidence.visualizations.iter().filter_map(|visualization| {
        let link = people.link(visualization, visualization.at)?;
        let mut candidate = candidate(conversion, visualization, link, &evidence.groups, rules);
        candidate.is_theirs_at_conversion = people.link(visualization, conversion.occurred_at).is_some();
        Some(candidate)
    });
    let mut found: Vec<Candidate> = considered.collect();
    found.sort_by(|one, other| {
        let (one, other) = (&one.visualization, &other.visualization);
        (one.at, &one.id).cmp(&(other.at, &other.id))
    });
    found.dedup_by(|one, other| one.visualization.id == other.visualization.id);
    found
}

/// Who bought, and who is who.
struct People<'a> {
    order: &'a Order,
    buyer: Option<&'a UserId>,
    logins: Logins<'a>,
}

impl<'a> People<'a> {
    fn of(conversion: Conversion<'a>, evidence: &'a Evidence) -> Self {
        let logins = Logins::of(&evidence.links);
        let visitor = conversion.order.visitor.as_ref();
        let buyer = visitor.and_then(|visitor| logins.user_at(visitor, conversion.occurred_at));
        Self { order: conversion.order, buyer, logins }
    }

    /// How a visualization would belong to the buyer if it was made at `at`.
    fn link(&self, visualization: &Visualization, at: Timestamp) -> Option<PersonLink> {
        if let (Some(buyer), Some(viewer)) = (&self.order.visitor, &visualization.visitor) {
            let same_user = self.logins.user_at(viewer, at) == self.buyer;
            if same_user && buyer == viewer {
                return Some(PersonLink::SameVisitor);
            }
            if same_user && self.buyer.is_some() {
                return Some(PersonLink::SameUser);
            }
        }
        same_session(self.order, visualization).then_some(PersonLink::SameSession)
    }
}

fn same_session(order: &Order, visualization: &Visualization) -> bool {
    order.session.is_some() && order.session == visualization.session
}

fn candidate(
    conversion: Conversion<'_>,
    visualization: &Visualization,
    person_link: PersonLink,
    groups: &ProductGroups,
    rules: &Ruleset,
) -> Candidate {
    let order = conversion.order;
    let matches_product = order.items.iter().any(|item| shows(visualization, item, groups, rules.products));
    let age_ms = conversion.occurred_at.millis_since(visualization.at);
    let code = match age_ms {
        i64::MIN..=-1 => CandidateCode::AfterOrder,
        age if age > rules.window.as_millis() => CandidateCode::OutOfWindow,
        _ => CandidateCode::NoWeight,
    };
    Candidate {
        matches_product,
        makes_direct: if order.items.is_empty() {
            rules.leads == LeadDirect::SamePerson || same_session(order, visualization)
        } else {
            matches_product
        },
        visualization: visualization.clone(),
        age_ms,
        person_link,
        is_theirs_at_conversion: true,
        code,
        weight: 0,
        order_minor: 0,
        matched_minor: 0,
    }
}

/// Whether a picture shows what a line bought.
fn shows(visualization: &Visualization, item: &Item, groups: &ProductGroups, way: ProductMatch) -> bool {
    visualization.products.iter().any(|shown| match way {
        ProductMatch::Group => is_one_product(shown, item, groups),
        ProductMatch::Exact => is_the_same(shown, item),
    })
}

fn is_one_product(shown: &ShownProduct, item: &Item, groups: &ProductGroups) -> bool {
    let mut ids = [Some(&item.product), item.variant.as_ref()].into_iter().flatten();
    ids.any(|id| shown.is(id) || groups.are_one(&shown.product, id))
}

/// Where both sides name variants, the variants decide; otherwise an id of the one is an id of the other.
fn is_the_same(shown: &ShownProduct, item: &Item) -> bool {
    match &item.variant {
        Some(variant) if !shown.variants.is_empty() => shown.is(variant),
        Some(variant) => shown.product == item.product || shown.product == *variant,
        None => shown.is(&item.product),
    }
}

fn in_window(candidate: &Candidate) -> bool {
    candidate.code == CandidateCode::NoWeight
}

fn classify(
    conversion: Conversion<'_>,
    candidates: &mut [Candidate],
    evidence: &Evidence,
    rules: &Ruleset,
) -> (AttributionType, Reason) {
    let order = conversion.order;
    let lead = order.items.is_empty();
    if candidates.iter().any(|candidate| in_window(candidate) && candidate.makes_direct) {
        let reason = if lead { Reason::SameSession } else { Reason::ProductVisualized };
        return (AttributionType::Direct, reason);
    }
    if candidates.iter().any(in_window) {
        let reason = if lead { Reason::OtherSession } else { Reason::OtherProductVisualized };
        return (AttributionType::Assisted, reason);
    }
    let reason = if order.origin() == Origin::Renewal {
        Reason::Renewal
    } else if order.visitor.is_none() && order.session.is_none() {
        Reason::NoVisitor
    } else if candidates.iter().any(|candidate| candidate.code == CandidateCode::OutOfWindow) {
        Reason::OutOfWindow
    } else if !candidates.is_empty() {
        Reason::OnlyAfterOrder
    } else if evidence.visitor_seen {
        Reason::NeverVisualized
    } else if may_have_been_seen(conversion, evidence, rules) {
        Reason::EvidenceExpired
    } else {
        Reason::VisitorNeverSeen
    };
    (AttributionType::None, reason)
}

/// Whether the window reaches back to where events of the visitor may have been. A session is never known from events.
fn may_have_been_seen(conversion: Conversion<'_>, evidence: &Evidence, rules: &Ruleset) -> bool {
    let begins = conversion.occurred_at.plus_millis(-rules.window.as_millis());
    conversion.order.visitor.is_some() && evidence.events_gone_before.is_some_and(|gone| begins < gone)
}

/// Places of the eligible candidates; the others in the window get the code that says why they are not.
fn mark_eligible(kind: AttributionType, order: &Order, candidates: &mut [Candidate]) -> Vec<usize> {
    let passed_over =
        if order.items.is_empty() { CandidateCode::OtherSession } else { CandidateCode::ProductMismatch };
    let mut eligible = Vec::new();
    for (place, candidate) in candidates.iter_mut().enumerate().filter(|(_, candidate)| in_window(candidate))
    {
        if kind == AttributionType::Direct && !candidate.makes_direct {
            candidate.code = passed_over;
        } else {
            eligible.push(place);
        }
    }
    eligible
}

/// Lines of the products that made it direct, at most the gross total; a refund may take more of it.
fn matched_lines(
    kind: AttributionType,
    order: &Order,
    candidates: &[Candidate],
    eligible: &[usize],
    groups: &ProductGroups,
    rules: &Ruleset,
) -> i64 {
    if kind != AttributionType::Direct {
        return 0;
    }
    let matched = |item: &&Item| {
        eligible.iter().any(|place| shows(&candidates[*place].visualization, item, groups, rules.products))
    };
    let sum: i128 = order.items.iter().filter(matched).map(|item| i128::from(item.total_minor)).sum();
    i64::try_from(sum).unwrap_or(i64::MAX).min(order.total_minor)
}

fn share(
    rules: &Ruleset,
    eligible: &[usize],
    candidates: &mut [Candidate],
    order_minor: i64,
    matched_minor: i64,
) {
    let ages: Vec<i64> = eligible.iter().map(|place| candidates[*place].age_ms).collect();
    let weights = weights(rules.model, rules.window, &ages);
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
