use super::*;
use crate::money::Currency;
use crate::opaque::OrderId;
use crate::order::OrderStatus;
use proptest::prelude::*;

fn snapshot(status: OrderStatus, total: i64, updated: Option<i64>) -> Order {
    Order {
        id: OrderId::parse("o-1").unwrap(),
        source: Source::Server,
        visitor: Some(VisitorId::parse("v").unwrap()),
        session: Some(SessionId::parse("s").unwrap()),
        user: None,
        currency: Currency::parse("EUR").unwrap(),
        total_minor: total,
        refunded_minor: 0,
        status,
        created_at: Timestamp::from_millis(1_000),
        updated_at: updated.map(Timestamp::from_millis),
        items: Vec::new(),
        test: false,
        label: None,
        platform: None,
    }
}

fn fold(snapshots: &[Order]) -> (OrderState, Vec<Outcome>) {
    let now = Timestamp::from_millis(2_000);
    let mut state = OrderState::begin(snapshots[0].clone(), now);
    let outcomes = snapshots[1..].iter().map(|order| state.admit(order.clone(), now).unwrap()).collect();
    (state, outcomes)
}

#[test]
fn the_same_content_again_changes_nothing() {
    let order = snapshot(OrderStatus::Completed, 100, None);
    let (state, outcomes) = fold(&[order.clone(), order.clone()]);
    assert_eq!((state, outcomes), (fold(&[order]).0, vec![Outcome::Unchanged]));
}

#[test]
fn a_later_time_wins_over_a_higher_rank() {
    let (old, new) =
        (snapshot(OrderStatus::Refunded, 1, Some(1)), snapshot(OrderStatus::Completed, 2, Some(2)));
    assert_eq!(fold(&[old.clone(), new.clone()]).1, [Outcome::Updated]);
    assert_eq!(fold(&[new, old]).1, [Outcome::Stale]);
}

#[test]
fn without_times_the_higher_rank_wins_and_among_equals_the_later_arrival() {
    let (low, high) = (snapshot(OrderStatus::OnHold, 1, None), snapshot(OrderStatus::Cancelled, 2, Some(9)));
    assert_eq!(fold(&[high.clone(), low.clone()]).1, [Outcome::Stale]);
    assert_eq!(fold(&[low, high]).1, [Outcome::Updated]);
    let (one, two) = (snapshot(OrderStatus::Completed, 1, None), snapshot(OrderStatus::Completed, 2, None));
    assert_eq!(fold(&[one.clone(), two.clone(), one]).1, [Outcome::Updated, Outcome::Updated]);
    assert_eq!(two.total_minor, 2);
}

#[test]
fn another_currency_is_refused_and_leaves_no_trace() {
    let (mut state, _) = fold(&[snapshot(OrderStatus::Pending, 1, None)]);
    let before = state.clone();
    let mut other = snapshot(OrderStatus::Completed, 1, None);
    other.currency = Currency::parse("USD").unwrap();
    assert!(state.admit(other, Timestamp::from_millis(3_000)).is_err());
    assert_eq!(state, before);
}

#[test]
fn a_server_replaces_a_browsers_money_and_keeps_its_identity() {
    let mut seen = snapshot(OrderStatus::Completed, 1, None);
    seen.source = Source::Browser;
    let mut told = snapshot(OrderStatus::Pending, 500, None);
    told.visitor = Some(VisitorId::parse("other").unwrap());
    let (state, outcomes) = fold(&[seen.clone(), told.clone()]);
    assert_eq!(outcomes, [Outcome::Updated]);
    assert_eq!((state.order().total_minor, state.order().visitor), (500, seen.visitor.clone()));
    let (state, outcomes) = fold(&[told.clone(), seen]);
    assert_eq!(outcomes, [Outcome::Stale]);
    assert_eq!(state.order(), told);
}

proptest! {
    /// Snapshots that differ in rank, and in time where they have one, are a life without ties.
    #[test]
    fn every_order_of_arrival_ends_in_one_state(times in prop::collection::vec(prop::option::of(0_i64..50), 6), order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let mut seen = std::collections::HashSet::new();
        let life: Vec<Order> = OrderStatus::BY_RANK.into_iter().zip(times)
            .filter(|(_, time)| time.is_none_or(|time| seen.insert(time)))
            .enumerate()
            .map(|(place, (status, time))| snapshot(status, i64::try_from(place).unwrap(), time))
            .collect();
        prop_assume!(!life.is_empty());
        let shuffled: Vec<Order> = order.into_iter().filter_map(|place| life.get(place).cloned()).collect();
        prop_assert_eq!(fold(&life).0.order(), fold(&shuffled).0.order());
        let doubled: Vec<Order> = shuffled.iter().chain(&life).cloned().collect();
        prop_assert_eq!(fold(&life).0.order(), fold(&doubled).0.order());
    }
}
