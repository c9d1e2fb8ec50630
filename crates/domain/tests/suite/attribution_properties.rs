//! What holds of every decision, whatever the facts.

use proptest::prelude::*;
use selektable_domain::attribution::{AttributionType, Candidate, CandidateCode, Decision, WEIGHT_WHOLE};
use selektable_domain::rules::Ruleset;
use selektable_domain::time::{HOUR_MS, Timestamp, Window};
use selektable_domain::visualization::Visualization;

use crate::histories::{History, T_C, any_history, by, shown};

fn strength(decision: &Decision) -> u8 {
    match decision.kind {
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
    later
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

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
    fn another_visitors_visualization_changes_nothing(history in any_history(), age in -HOUR_MS..HOUR_MS) {
        let mut with_stranger = history.clone();
        let strangers: Visualization = by("stranger", "elsewhere", shown("strangers", &["a", "b", "c", "d", "e"], age));
        with_stranger.evidence.visualizations.push(strangers);
        prop_assert_eq!(history.decide(), with_stranger.decide());
    }

    #[test]
    fn a_longer_window_never_weakens_a_decision(history in any_history(), hours in 1_i64..=365 * 24) {
        let mut other = history.clone();
        other.rules = Ruleset { window: Window::from_hours(hours).unwrap(), ..history.rules };
        let (shorter, longer) = if other.rules.window < history.rules.window { (other, history) } else { (history, other) };
        let (shorter, longer) = (shorter.decide(), longer.decide());
        prop_assert!(strength(&shorter) <= strength(&longer));
        let inside = |decision: &Decision| decision.candidates.iter().filter(|candidate| candidate.code != CandidateCode::OutOfWindow).count();
        prop_assert!(inside(&shorter) <= inside(&longer));
    }

    #[test]
    fn credits_sum_to_what_is_attributed_and_never_exceed_the_net_order(history in any_history()) {
        let decision = history.decide();
        let net = history.order.net().minor;
        let sum = |part: fn(&Candidate) -> i64| decision.credits().map(part).sum::<i64>();
        prop_assert_eq!(sum(|credit| credit.order_minor), decision.order_minor);
        prop_assert_eq!(sum(|credit| credit.matched_minor), decision.matched_minor);
        let in_play: i64 = decision.credits().map(|credit| decision.basis_minor(credit)).sum();
        let status = history.order.status;
        prop_assert_eq!(decision.attributed_minor, if status.counts_as_revenue() { in_play } else { 0 });
        prop_assert_eq!(decision.provisional_minor, if status.is_provisional() { in_play } else { 0 });
        prop_assert!(net >= 0 && decision.order_minor <= net && (0..=net).contains(&decision.matched_minor));
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
    }
}
