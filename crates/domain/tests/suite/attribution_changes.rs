//! "What would have made it another decision" is only worth saying when it is true: every change told is made here,
//! and the conversion decided again.

use proptest::prelude::*;
use selektable_domain::attribution::{AttributionType, Change};
use selektable_domain::rules::{ProductMatch, Ruleset};
use selektable_domain::time::{DAY_MS, HOUR_MS, Window};

use crate::generated::any_history;
use crate::histories::{History, by, history, link, order, shown};

fn with_window(history: &History, millis: i64) -> Option<AttributionType> {
    let window = Window::from_millis(millis).ok()?;
    Some(history.under(Ruleset { window, ..history.rules }).decide().kind)
}

fn joined(history: &History, ordered: &selektable_domain::opaque::ProductId, to: &str) -> History {
    let mut after = history.clone();
    let group = crate::histories::product(to);
    let group = history.evidence.groups.of(&group).clone();
    after.evidence.groups.put(ordered.clone(), group);
    after
}

/// The type after the change, and the types that it must not have yet when a millisecond is missing.
fn apply(history: &History, change: &Change) -> (Option<AttributionType>, Option<AttributionType>) {
    let picture = |after: &mut History, id: &selektable_domain::opaque::VisualizationId| {
        after.evidence.visualizations.iter().position(|picture| picture.id == *id).unwrap()
    };
    match change {
        Change::LongerWindow { window_ms, .. } => {
            (with_window(history, *window_ms), with_window(history, window_ms - 1))
        }
        Change::ShorterWindow { below_ms, .. } => {
            (with_window(history, below_ms - 1), with_window(history, *below_ms))
        }
        Change::OneProduct { ordered, visualized, .. } => {
            (Some(joined(history, ordered, visualized.as_str()).decide().kind), None)
        }
        Change::OneSession { visualization, .. } => {
            let mut after = history.clone();
            let place = picture(&mut after, visualization);
            after.order.session.clone_from(&history.evidence.visualizations[place].session);
            (Some(after.decide().kind), None)
        }
        Change::EarlierVisualization { visualization, by_ms, .. } => {
            let mut after = history.clone();
            let place = picture(&mut after, visualization);
            let made = &mut after.evidence.visualizations[place].at;
            *made = made.plus_millis(-by_ms);
            assert_eq!(*made, history.occurred_at);
            let enough = after.decide().kind;
            after.evidence.visualizations[place].at = history.occurred_at.plus_millis(1);
            (Some(enough), Some(after.decide().kind))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_192))]

    #[test]
    fn every_change_told_is_true_and_nothing_less_will_do(history in any_history()) {
        let now = history.decide().kind;
        let changes = history.changes();
        for change in &changes {
            let (enough, too_little) = apply(&history, change);
            prop_assert_eq!(enough, Some(change.would_be()), "{:?}", change);
            prop_assert_ne!(change.would_be(), now, "{:?}", change);
            prop_assert!(too_little != Some(change.would_be()), "{:?}", change);
        }
        prop_assert!(changes.len() <= 20);
        prop_assert!(changes.iter().enumerate().all(|(place, change)| !changes[..place].contains(change)), "{:?}", changes);
    }

    #[test]
    fn what_a_merchant_can_mend_is_told(history in any_history()) {
        let (decision, changes) = (history.decide(), history.changes());
        let told = |code: &str| changes.iter().any(|change| change.code() == code);
        let by_group = history.rules.products == ProductMatch::Group;
        match decision.kind {
            AttributionType::Assisted if !history.order.items.is_empty() && by_group => prop_assert!(told("one_product")),
            AttributionType::None if decision.lag_any_ms.is_some_and(|lag| lag <= 365 * DAY_MS) => prop_assert!(told("longer_window")),
            AttributionType::Direct if decision.lag_direct_ms > Some(HOUR_MS) => prop_assert!(told("shorter_window")),
            _ => {}
        }
    }
}

#[test]
fn an_order_of_456_after_a_picture_of_123_would_be_direct_if_they_were_one() {
    let told = history(order(&[("456", 100), ("456", 50)]), vec![shown("viz", &["123"], 2 * DAY_MS)]);
    let [one, shorter] = told.changes().try_into().unwrap();
    let Change::OneProduct { ordered, visualized, would_be, .. } = one else { panic!("{one:?}") };
    assert_eq!((ordered.as_str(), visualized.as_str(), would_be), ("456", "123", AttributionType::Direct));
    let wanted = Change::ShorterWindow { below_ms: 2 * DAY_MS, would_be: AttributionType::None };
    assert_eq!(shorter, wanted);
}

#[test]
fn rules_that_want_equal_ids_are_not_said_to_follow_an_alias() {
    let mut told = history(order(&[("456", 100)]), vec![shown("viz", &["123"], 2 * DAY_MS)]);
    told.rules.products = ProductMatch::Exact;
    assert!(told.changes().iter().all(|change| change.code() != "one_product"));
}

#[test]
fn of_two_pictures_equally_too_old_the_one_that_matches_is_told() {
    let age = Window::DEFAULT.as_millis() + 5;
    let told = history(order(&[("a", 100)]), vec![shown("1", &["b"], age), shown("2", &["a"], age)]);
    let [change] = told.changes().try_into().unwrap();
    assert_eq!(change.would_be(), AttributionType::Direct);
    let Change::LongerWindow { by_ms, window_ms, .. } = change else { panic!("{change:?}") };
    assert_eq!((by_ms, window_ms), (5, age));
}

#[test]
fn a_picture_that_would_be_another_users_when_made_earlier_is_not_told() {
    let mut told = history(order(&[("a", 100)]), vec![by("w", "t", shown("late", &["a"], -HOUR_MS))]);
    told.evidence.links = vec![link("v", "ann", DAY_MS), link("w", "bob", DAY_MS), link("w", "ann", -1)];
    assert_eq!(told.changes(), []);
    told.evidence.links.remove(1);
    assert_eq!(told.changes().len(), 1, "before the first login the browser is the first user's");
}
