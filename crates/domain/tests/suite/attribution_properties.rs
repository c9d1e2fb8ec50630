//! What holds of every decision, whatever the facts.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use selektable_domain::attribution::{
    AttributionType, Candidate, CandidateCode, Decision, WEIGHT_WHOLE, weights,
};
use selektable_domain::identity::{Link, person_at};
use selektable_domain::money::split_largest_remainder;
use selektable_domain::rules::{Model, RevenueBasis, Ruleset};
use selektable_domain::time::{DAY_MS, HOUR_MS, Timestamp, Window};
use selektable_domain::visualization::Visualization;

use crate::generated::{PRODUCTS, any_history};
use crate::histories::{History, T_C, by, link, shown, visitor};

fn strength(kind: AttributionType) -> u8 {
    match kind {
        AttributionType::None => 0,
        AttributionType::Assisted => 1,
        AttributionType::Direct => 2,
    }
}

fn moved(at: Timestamp, by_ms: i64) -> Timestamp {
    at.plus_millis(by_ms)
}

fn shifted(history: &History, by_ms: i64) -> History {
    let mut later = history.clone();
    later.occurred_at = moved(later.occurred_at, by_ms);
    later.evidence.links.iter_mut().for_each(|link| link.at = moved(link.at, by_ms));
    later.evidence.visualizations.iter_mut().for_each(|picture| picture.at = moved(picture.at, by_ms));
    later.evidence.events_gone_before = later.evidence.events_gone_before.map(|gone| moved(gone, by_ms));
    later
}

/// A window somewhere, often at the very edge of one of the history's ages.
fn another_window(history: &History, edge: Index, off_ms: i64, hours: i64) -> Window {
    let ages: Vec<i64> =
        history.decide().candidates.iter().map(|candidate| candidate.age_ms + off_ms).collect();
    let at_an_edge = (!ages.is_empty()).then(|| ages[edge.index(ages.len())]);
    let at_an_edge = at_an_edge.and_then(|age| Window::from_millis(age).ok());
    at_an_edge.unwrap_or_else(|| Window::from_hours(hours).unwrap())
}

fn under_window(history: &History, window: Window) -> Decision {
    history.under(Ruleset { window, ..history.rules }).decide()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn order_and_repetition_of_evidence_change_nothing(history in any_history(), turn in 0..7_usize, backwards: bool) {
        let mut again = history.clone();
        let (pictures, links) = (&mut again.evidence.visualizations, &mut again.evidence.links);
        let places = (pictures.len().max(1), links.len().max(1));
        pictures.rotate_left(turn % places.0);
        links.rotate_left(turn % places.1);
        if backwards {
            pictures.reverse();
            links.reverse();
        }
        pictures.extend(history.evidence.visualizations.clone());
        links.extend(history.evidence.links.clone());
        prop_assert_eq!(history.decide(), again.decide());
    }

    #[test]
    fn another_visitors_facts_change_nothing(history in any_history(), age in -HOUR_MS..HOUR_MS, user in "[a-z]{1,5}", mine: Index) {
        let mut with_stranger = history.clone();
        let evidence = &mut with_stranger.evidence;
        evidence.visualizations.insert(mine.index(evidence.visualizations.len() + 1), by("stranger", "elsewhere", shown("strangers", PRODUCTS, age)));
        evidence.links.insert(mine.index(evidence.links.len() + 1), link("stranger", &format!("not {user}"), age));
        evidence.groups.put(crate::histories::product("elsewhere-1"), crate::histories::product("elsewhere-2"));
        prop_assert_eq!(history.decide(), with_stranger.decide());
    }

    #[test]
    fn a_longer_window_never_loses_what_a_shorter_one_has(history in any_history(), edge: Index, off_ms in -1_i64..=1, hours in 1_i64..=365 * 24) {
        let other = another_window(&history, edge, off_ms, hours);
        let (one, two) = (under_window(&history, other), history.decide());
        let (shorter, longer) = if one.rules.window <= two.rules.window { (one, two) } else { (two, one) };
        prop_assert!(strength(shorter.kind) <= strength(longer.kind));
        let inside = |decision: &Decision| -> Vec<String> {
            let inside = decision.candidates.iter().filter(|candidate| candidate.code != CandidateCode::OutOfWindow);
            inside.map(|candidate| candidate.visualization.id.to_string()).collect()
        };
        let wide = inside(&longer);
        prop_assert!(inside(&shorter).iter().all(|id| wide.contains(id)));
        // The money of a direct conversion can only grow; an assisted one that becomes direct is another matter.
        if shorter.kind == longer.kind {
            prop_assert!(shorter.attributed_minor <= longer.attributed_minor);
        }
    }

    #[test]
    fn the_lags_foretell_the_type_under_every_window(history in any_history(), edge: Index, off_ms in -1_i64..=1, hours in 1_i64..=365 * 24) {
        let known = history.decide();
        let window = another_window(&history, edge, off_ms, hours);
        let within = |lag: Option<i64>| lag.is_some_and(|lag| lag <= window.as_millis());
        let foretold = if within(known.lag_direct_ms) {
            AttributionType::Direct
        } else if within(known.lag_any_ms) {
            AttributionType::Assisted
        } else {
            AttributionType::None
        };
        let decided = under_window(&history, window);
        prop_assert_eq!(decided.kind, foretold);
        prop_assert_eq!((decided.lag_direct_ms, decided.lag_any_ms), (known.lag_direct_ms, known.lag_any_ms));
    }

    #[test]
    fn credits_sum_to_what_is_attributed_and_never_exceed_the_net_order(history in any_history()) {
        for model in Model::ALL {
            let history = history.under(Ruleset { model, ..history.rules });
            let decision = history.decide();
            let net = history.order.net().minor;
            let sum = |part: fn(&Candidate) -> i64| decision.credits().map(part).sum::<i64>();
            prop_assert_eq!(sum(|credit| credit.order_minor), decision.order_minor);
            prop_assert_eq!(sum(|credit| credit.matched_minor), decision.matched_minor);
            let in_play: i64 = decision.credits().map(|credit| decision.basis_minor(credit)).sum();
            let (status, counts) = (history.order.status, history.rules.counts);
            prop_assert_eq!(decision.attributed_minor, if counts.is_revenue(status) { in_play } else { 0 });
            prop_assert_eq!(decision.provisional_minor, if counts.is_provisional(status) { in_play } else { 0 });
            prop_assert!(net >= 0 && decision.order_minor <= net && (0..=net).contains(&decision.matched_minor));
            prop_assert!(decision.attributed_minor + decision.provisional_minor <= net);
            prop_assert!(decision.candidates.iter().all(|candidate| candidate.order_minor >= 0 && candidate.matched_minor >= 0));
        }
    }

    #[test]
    fn every_model_credits_the_same_money_of_the_same_conversion(history in any_history()) {
        let first = history.decide();
        for model in Model::ALL {
            let decision = history.under(Ruleset { model, ..history.rules }).decide();
            prop_assert_eq!((decision.kind, decision.reason), (first.kind, first.reason));
            prop_assert_eq!(decision.attributed_minor, first.attributed_minor);
            prop_assert_eq!(decision.lines_minor, first.lines_minor);
        }
    }

    #[test]
    fn what_was_attributed_before_a_refund_can_be_told_from_what_is_kept(history in any_history(), refunded in 0_i64..40_000) {
        let kept = history.decide();
        let mut before = history.clone();
        before.order.refunded_minor = refunded;
        let decision = before.decide();
        prop_assert_eq!(decision.lines_minor, kept.lines_minor);
        for basis in RevenueBasis::ALL {
            let decision = before.under(Ruleset { basis, ..before.rules }).decide();
            let told = if kept.kind == AttributionType::None { 0 } else { basis.in_play(before.order.net().minor, kept.lines_minor) };
            let status = before.order.status;
            prop_assert_eq!(decision.attributed_minor, if before.rules.counts.is_revenue(status) { told } else { 0 });
            prop_assert_eq!(decision.provisional_minor, if before.rules.counts.is_provisional(status) { told } else { 0 });
        }
    }

    #[test]
    fn a_decision_has_whole_credit_or_none(history in any_history()) {
        let decision = history.decide();
        let weight: u64 = decision.candidates.iter().map(|candidate| u64::from(candidate.weight)).sum();
        let has_credit = decision.kind != AttributionType::None;
        prop_assert_eq!(weight, if has_credit { u64::from(WEIGHT_WHOLE) } else { 0 });
        prop_assert_eq!(decision.time_to_conversion_ms.is_some(), has_credit);
        prop_assert!(decision.candidates.iter().all(|candidate| (candidate.weight > 0) == (candidate.code == CandidateCode::Credited)));
        prop_assert!(decision.credits().all(|credit| (0..=history.rules.window.as_millis()).contains(&credit.age_ms)));
    }

    #[test]
    fn moving_all_facts_in_time_moves_nothing_else(history in any_history(), by_ms in -T_C / 2..T_C) {
        let mut decision = shifted(&history, by_ms).decide();
        decision.candidates.iter_mut().for_each(|candidate| candidate.visualization.at = moved(candidate.visualization.at, -by_ms));
        prop_assert_eq!(history.decide(), decision);
        prop_assert_eq!(history.changes(), shifted(&history, by_ms).changes());
    }

    #[test]
    fn any_amount_is_shared_to_the_last_unit_by_every_model(
        minor in prop_oneof![0_i64..100, 0..=i64::MAX],
        model in select(Model::ALL.to_vec()),
        ages in prop::collection::vec(0..=365 * DAY_MS, 1..40),
    ) {
        let window = Window::from_hours(365 * 24).unwrap();
        let shares = split_largest_remainder(minor, &weights(model, window, &ages));
        prop_assert_eq!(shares.iter().map(|share| i128::from(*share)).sum::<i128>(), i128::from(minor));
        prop_assert!(shares.iter().all(|share| *share >= 0));
    }

    #[test]
    fn joining_what_is_known_of_people_is_commutative_associative_and_idempotent(
        said in prop::collection::vec((select(vec!["v", "w", "x"]), select(vec!["ann", "bob", "cleo"]), 0_i64..5, 0_u8..3), 0..9),
    ) {
        let part = |which: u8| -> Vec<Link> {
            said.iter().filter(|(.., part)| *part == which).map(|(visitor, user, age, _)| link(visitor, user, *age)).collect()
        };
        let union = |one: &[Link], other: &[Link]| [one, other].concat();
        let (a, b, c) = (part(0), part(1), part(2));
        let people = |links: &[Link]| -> Vec<_> {
            let places = ["v", "w", "x"].into_iter().flat_map(|name| (-1_i64..6).map(move |age| (name, age)));
            places.map(|(name, age)| person_at(&visitor(name).unwrap(), Timestamp::from_millis(T_C - age), links)).collect()
        };
        prop_assert_eq!(people(&union(&a, &b)), people(&union(&b, &a)));
        prop_assert_eq!(people(&union(&union(&a, &b), &c)), people(&union(&a, &union(&b, &c))));
        prop_assert_eq!(people(&union(&a, &a)), people(&a));
    }
}

#[test]
fn one_cent_over_seven_touches_goes_to_one_of_them() {
    let pictures: Vec<Visualization> =
        (1..=7).map(|number| shown(&format!("viz-{number}"), &["a"], number * HOUR_MS)).collect();
    let told = crate::histories::history(crate::histories::order(&[("a", 1)]), pictures);
    for model in Model::ALL {
        let decision = told.under(Ruleset { model, ..told.rules }).decide();
        let shares: Vec<i64> = decision.candidates.iter().map(|candidate| candidate.order_minor).collect();
        assert_eq!((shares.iter().sum::<i64>(), decision.attributed_minor), (1, 1), "{model:?}");
        assert_eq!(shares.iter().filter(|share| **share == 1).count(), 1, "{model:?}: {shares:?}");
    }
}

/// Looking each browser up in all links would be ten thousand times ten thousand steps: minutes, in a test's build.
#[test]
fn a_user_with_ten_thousand_browsers_is_one_person() {
    const BROWSERS: i64 = 10_000;
    let picture = |number: i64| {
        by(&format!("v{number}"), &format!("s{number}"), shown(&format!("viz-{number:05}"), &["a"], number))
    };
    let mut told = crate::histories::history(
        crate::histories::order(&[("a", 99)]),
        (1..=BROWSERS).map(picture).collect(),
    );
    told.evidence.links = (1..=BROWSERS).map(|number| link(&format!("v{number}"), "ann", number)).collect();
    told.evidence.links.push(link("v", "ann", 0));
    told.rules.model = Model::Linear;
    let decision = told.decide();
    assert_eq!(decision.candidates.len(), 10_000);
    assert_eq!(decision.credits().map(|credit| credit.order_minor).sum::<i64>(), 99);
}
