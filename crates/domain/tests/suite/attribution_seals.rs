//! Seals: the same for the same facts however they came, another for any other decision, and blind to who it was.

use proptest::prelude::*;
use proptest::sample::Index;
use selektable_domain::attribution::{CreditSeal, Decision, OutcomeSeal, Seal, seal_decision, seal_evidence};
use selektable_domain::identity::Link;
use selektable_domain::opaque::{SessionId, UserId, VisitorId};
use selektable_domain::rules::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis, Ruleset};
use selektable_domain::time::Window;

use crate::generated::any_history;
use crate::histories::{History, history, line, order, product, shown};

fn outcome(decision: &Decision) -> OutcomeSeal {
    OutcomeSeal {
        kind: decision.kind,
        reason: decision.reason,
        order_minor: decision.order_minor,
        matched_minor: decision.matched_minor,
        attributed_minor: decision.attributed_minor,
        provisional_minor: decision.provisional_minor,
        lines_minor: decision.lines_minor,
        time_to_conversion_ms: decision.time_to_conversion_ms,
        window_missed_by_ms: decision.window_missed_by_ms,
        lag_direct_ms: decision.lag_direct_ms,
        lag_any_ms: decision.lag_any_ms,
    }
}

/// As a store seals it.
fn sealed(history: &History) -> Seal {
    let decision = history.decide();
    let evidence = seal_evidence(history.conversion(), &decision, &history.evidence);
    let credits = decision.credits().map(|credit| CreditSeal {
        visualization: credit.visualization.id.as_str(),
        widget: credit.visualization.widget.as_bytes(),
        weight: credit.weight,
        minor: [0, credit.order_minor, credit.matched_minor, decision.basis_minor(credit), 0],
    });
    seal_decision(&decision.rules, &evidence, &outcome(&decision), credits)
}

/// The same facts under other names of browsers, sessions and users.
fn renamed(history: &History) -> History {
    let mut other = history.clone();
    let visitor = |id: &VisitorId| VisitorId::parse(&format!("erased-{id}")).unwrap();
    let session = |id: &SessionId| SessionId::parse(&format!("erased-{id}")).unwrap();
    let user = |id: &UserId| UserId::parse(&format!("erased-{id}")).unwrap();
    other.order.visitor = history.order.visitor.as_ref().map(visitor);
    other.order.session = history.order.session.as_ref().map(session);
    other.order.user = history.order.user.as_ref().map(user);
    for picture in &mut other.evidence.visualizations {
        picture.visitor = picture.visitor.as_ref().map(visitor);
        picture.session = picture.session.as_ref().map(session);
    }
    let links = history.evidence.links.iter();
    other.evidence.links = links
        .map(|link| Link { at: link.at, user: user(&link.user), visitor: visitor(&link.visitor) })
        .collect();
    other
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn facts_in_any_order_and_repeated_have_one_seal(history in any_history(), turn: Index) {
        let mut again = history.clone();
        let pictures = &mut again.evidence.visualizations;
        let places = pictures.len().max(1);
        pictures.rotate_left(turn.index(places));
        pictures.extend(history.evidence.visualizations.clone());
        again.evidence.links.reverse();
        prop_assert_eq!(sealed(&again), sealed(&history));
    }

    #[test]
    fn other_names_of_the_same_people_change_no_seal(history in any_history()) {
        prop_assert_eq!(sealed(&renamed(&history)), sealed(&history));
    }

    #[test]
    fn another_amount_status_line_or_picture_is_another_seal(history in any_history(), pick: Index) {
        let mut other = history.clone();
        // What was made after the order is not sealed: it decides nothing but the reason.
        let mut candidates = history.decide().candidates;
        candidates.retain(|candidate| candidate.age_ms >= 0);
        match pick.index(6) {
            0 => other.order.total_minor += 1,
            1 => other.order.refunded_minor += 1,
            2 => other.order.items.push(line("a", None, 0)),
            3 => other.occurred_at = other.occurred_at.plus_millis(1),
            4 => other.evidence.visitor_seen = !other.evidence.visitor_seen,
            _ if candidates.is_empty() => return Ok(()),
            _ => {
                let chosen = &candidates[pick.index(candidates.len())].visualization.id;
                let mut pictures = other.evidence.visualizations.iter_mut();
                pictures.find(|picture| picture.id == *chosen).unwrap().products[0].variants.push(product("new"));
            }
        }
        prop_assert_ne!(other.seal(), history.seal());
        prop_assert_ne!(sealed(&other), sealed(&history));
    }
}

#[test]
fn lists_are_sealed_with_their_lengths() {
    let one_with_a_variant = {
        let mut told = history(order(&[("a", 1)]), vec![shown("viz", &["a"], 1)]);
        told.evidence.visualizations[0].products[0].variants = vec![product("b")];
        told
    };
    let two = history(order(&[("a", 1)]), vec![shown("viz", &["a", "b"], 1)]);
    assert_ne!(one_with_a_variant.seal(), two.seal());
}

#[test]
fn every_rule_is_sealed() {
    let told = history(order(&[]), Vec::new());
    let first = Ruleset::FIRST;
    let others = [
        first.numbered(2),
        Ruleset { window: Window::from_hours(1).unwrap(), ..first },
        Ruleset { model: Model::Linear, ..first },
        Ruleset { basis: RevenueBasis::MatchedLines, ..first },
        Ruleset { products: ProductMatch::Exact, ..first },
        Ruleset { leads: LeadDirect::SamePerson, ..first },
        Ruleset { counts: CountsFrom::Any, ..first },
    ];
    let mut seals: Vec<Seal> = others.iter().map(|rules| sealed(&told.under(*rules))).collect();
    seals.push(sealed(&told));
    seals.sort_unstable();
    seals.dedup();
    assert_eq!(seals.len(), 8);
}

#[test]
fn every_figure_of_the_outcome_and_of_a_share_is_sealed() {
    let told = history(order(&[("a", 100)]), vec![shown("viz", &["a"], 5)]);
    let (good, evidence) = (outcome(&told.decide()), told.seal());
    let numbers: [fn(&mut OutcomeSeal); 9] = [
        |seal| seal.order_minor ^= 1,
        |seal| seal.matched_minor ^= 1 << 40,
        |seal| seal.attributed_minor ^= 1,
        |seal| seal.provisional_minor ^= 1,
        |seal| seal.lines_minor ^= 1,
        |seal| seal.time_to_conversion_ms = None,
        |seal| seal.window_missed_by_ms = Some(0),
        |seal| seal.lag_direct_ms = Some(4),
        |seal| seal.lag_any_ms = None,
    ];
    let (id, widget) = ("viz", [7; 16]);
    let seal = |outcome: &OutcomeSeal, evidence: &Seal, weight: u32, minor: [i64; 5]| {
        let credit = CreditSeal { visualization: id, widget: &widget, weight, minor };
        seal_decision(&told.rules, evidence, outcome, [credit])
    };
    let wanted = seal(&good, &evidence, 9, [1, 2, 3, 4, 5]);
    for flip in numbers {
        let mut flipped = good;
        flip(&mut flipped);
        assert_ne!(seal(&flipped, &evidence, 9, [1, 2, 3, 4, 5]), wanted);
    }
    for place in 0..5 {
        let mut minor = [1, 2, 3, 4, 5];
        minor[place] ^= 8;
        assert_ne!(seal(&good, &evidence, 9, minor), wanted);
    }
    assert_ne!(seal(&good, &[0; 32], 9, [1, 2, 3, 4, 5]), wanted);
    assert_ne!(seal(&good, &evidence, 8, [1, 2, 3, 4, 5]), wanted);
}
