use std::collections::{BTreeMap, BTreeSet};

use selektable_domain::attribution::{AttributionType, Conversion, Decision, Evidence, Reason, decide};
use selektable_domain::identity::Link;
use selektable_domain::opaque::ProductId;
use selektable_domain::order::OrderStatus;
use selektable_domain::order::version::OrderState;
use selektable_domain::products::ProductGroups;
use selektable_domain::rules::Ruleset;
use selektable_store::ingest::EventKind;
use uuid::Uuid;

use super::*;

fn zone() -> Zone {
    Zone::parse("Europe/Amsterdam").unwrap()
}

fn written(seed: u64, now: &str) -> History {
    let days = days_before(Timestamp::parse_rfc3339(now).unwrap(), &zone()).unwrap();
    assert_eq!(days.len(), DAYS);
    write(seed, &days, WidgetId::from_uuid(Uuid::from_u128(7))).unwrap()
}

fn usual() -> History {
    written(SEED, "2026-11-23T10:15:00Z")
}

/// What orders carry of variants.
fn carried(history: &History) -> ProductGroups {
    let mut groups = ProductGroups::default();
    for item in history.orders.iter().flat_map(|sent| &sent.order.items) {
        if let Some(variant) = &item.variant {
            groups.put(variant.clone(), item.product.clone());
        }
    }
    groups
}

/// What the rules say of every order, once all facts are known.
fn decisions(history: &History) -> Vec<(OrderState, Decision)> {
    decisions_in(history, &carried(history))
}

fn decisions_in(history: &History, groups: &ProductGroups) -> Vec<(OrderState, Decision)> {
    let mut orders: BTreeMap<String, OrderState> = BTreeMap::new();
    for sent in &history.orders {
        let id = sent.order.id.as_str().to_owned();
        match orders.get_mut(&id) {
            Some(state) => {
                state.admit(sent.order.clone(), sent.received_at).unwrap();
            }
            None => {
                orders.insert(id, OrderState::begin(sent.order.clone(), sent.received_at));
            }
        }
    }
    let mut links: Vec<Link> = Vec::new();
    for visit in &history.visits {
        for event in &visit.events {
            if let EventKind::Identify { user, .. } = &event.kind {
                links.push(Link { at: event.at, user: user.clone(), visitor: visit.visitor.clone() });
            }
        }
    }
    for sent in &history.orders {
        if let (Some(user), Some(visitor)) = (&sent.order.user, &sent.order.visitor) {
            links.push(Link { at: sent.order.created_at, user: user.clone(), visitor: visitor.clone() });
        }
    }
    let seen: BTreeSet<&str> = history.visits.iter().map(|visit| visit.visitor.as_str()).collect();
    let decided = orders.into_values().map(|state| {
        let order = state.order();
        let evidence = Evidence {
            links: links.clone(),
            visualizations: history.visualizations.clone(),
            visitor_seen: order.visitor.as_ref().is_some_and(|visitor| seen.contains(visitor.as_str())),
            events_gone_before: None,
            groups: groups.clone(),
        };
        let conversion = Conversion { order: &order, occurred_at: state.occurred_at() };
        let decision = decide(conversion, &evidence, &Ruleset::FIRST);
        (state, decision)
    });
    decided.collect()
}

#[test]
fn the_same_seed_and_days_give_the_same_history_and_another_seed_another() {
    assert_eq!(usual(), usual());
    assert_ne!(usual(), written(SEED + 1, "2026-11-23T10:15:00Z"));
    // Any instant of one day begins at the same midnight.
    assert_eq!(usual(), written(SEED, "2026-11-23T22:59:59Z"));
}

#[test]
fn everything_happens_within_three_weeks_before_today_also_around_a_clock_change() {
    for now in ["2026-11-23T10:15:00Z", "2026-10-27T23:30:00Z", "2026-04-01T00:10:00Z"] {
        let days = days_before(Timestamp::parse_rfc3339(now).unwrap(), &zone()).unwrap();
        let (from, to) = (days[0].from, days[DAYS - 1].to);
        let history = written(SEED, now);
        let inside = Range { from, to };
        assert!(
            history.visualizations.iter().all(|visualization| inside.contains(visualization.at)),
            "{now}"
        );
        assert!(history.orders.iter().all(|sent| inside.contains(sent.received_at)), "{now}");
        assert!(
            history.visits.iter().flat_map(|visit| &visit.events).all(|event| inside.contains(event.at)),
            "{now}"
        );
    }
}

#[test]
fn there_is_enough_to_look_at_and_every_reason_is_among_it() {
    // The shape of a week depends on the day on which the demo is first started.
    for day in 23..=29 {
        enough_to_look_at(&written(SEED, &format!("2026-11-{day}T10:15:00Z")));
    }
}

fn enough_to_look_at(history: &History) {
    let decided = decisions(history);
    assert!((300..=400).contains(&history.visualizations.len()), "{} pictures", history.visualizations.len());
    assert!((110..=135).contains(&decided.len()), "{} orders", decided.len());
    // The demo's shop sells no subscriptions, and keeps its events.
    let foreign = |reason: &Reason| matches!(reason, Reason::Renewal | Reason::EvidenceExpired);
    for reason in Reason::ALL.into_iter().filter(|reason| !foreign(reason)) {
        let count = decided.iter().filter(|(_, decision)| decision.reason == reason).count();
        assert!(count >= 2, "{reason:?} happens {count} times");
    }
    let of = |kind| decided.iter().filter(|(_, decision)| decision.kind == kind).count();
    assert!(of(AttributionType::Direct) > of(AttributionType::Assisted));
}

#[test]
fn every_status_a_partial_refund_two_currencies_and_leads_are_among_the_orders() {
    for day in 23..=29 {
        every_kind_of_order(&decisions(&written(SEED, &format!("2026-11-{day}T10:15:00Z"))));
    }
}

fn every_kind_of_order(decided: &[(OrderState, Decision)]) {
    for status in OrderStatus::BY_RANK {
        assert!(decided.iter().any(|(state, _)| state.order().status == status), "no order is {status:?}");
    }
    let orders: Vec<_> = decided.iter().map(|(state, _)| state.order()).collect();
    assert!(orders.iter().any(|order| order.refunded_minor > 0 && !order.status.is_reversed()));
    assert!(orders.iter().filter(|order| order.items.is_empty() && order.total_minor == 0).count() >= 10);
    let currencies: BTreeSet<_> = orders.iter().map(|order| order.currency).collect();
    assert_eq!(currencies.len(), 2);
}

#[test]
fn some_orders_would_be_direct_if_one_id_were_joined_to_another() {
    for day in 23..=29 {
        near_misses(&written(SEED, &format!("2026-11-{day}T10:15:00Z")));
    }
}

fn near_misses(history: &History) {
    let (product, other) = stories::ARMCHAIR;
    let (ordered, visualized) = (ProductId::parse(other).unwrap(), ProductId::parse(product.id).unwrap());
    let of_it =
        |(state, _): &(OrderState, Decision)| state.order().items.iter().any(|item| item.product == ordered);
    let mut joined = carried(history);
    joined.put(ordered.clone(), visualized);
    let kinds = |groups: &ProductGroups| -> Vec<AttributionType> {
        decisions_in(history, groups).into_iter().filter(of_it).map(|(_, decision)| decision.kind).collect()
    };
    assert_eq!(kinds(&carried(history)), [AttributionType::Assisted; 6]);
    assert_eq!(kinds(&joined), [AttributionType::Direct; 6]);
}

#[test]
fn some_orders_carry_the_variant_of_a_visualized_product() {
    let decided = decisions(&usual());
    let (product, variant) = stories::SOFA;
    let of_it = |state: &OrderState| {
        let order = state.order();
        order.items.iter().any(|item| {
            item.product.as_str() == product.id
                && item.variant.as_ref().is_some_and(|carried| carried.as_str() == variant)
        })
    };
    let kinds: Vec<_> =
        decided.iter().filter(|(state, _)| of_it(state)).map(|(_, decision)| decision.kind).collect();
    assert_eq!(kinds, [AttributionType::Direct; 5]);
}

#[test]
fn some_refunds_are_made_weeks_after_their_order() {
    for day in 23..=29 {
        let history = written(SEED, &format!("2026-11-{day}T10:15:00Z"));
        let late = history.orders.iter().filter(|sent| {
            sent.order.refunded_minor > 0
                && sent.received_at.millis_since(sent.order.created_at) > 14 * DAY_MS
        });
        assert!(late.count() >= 2, "on day {day}");
    }
}

#[test]
fn some_people_are_known_on_two_devices() {
    let decided = decisions(&usual());
    let other_device = |decision: &Decision| {
        decision
            .credits()
            .any(|credit| credit.person_link == selektable_domain::attribution::PersonLink::SameUser)
    };
    assert!(decided.iter().filter(|(_, decision)| other_device(decision)).count() >= 4);
}

#[test]
fn evenings_are_busier_than_nights_and_no_day_is_empty() {
    let history = usual();
    let hour = |at| zone().local(at).unwrap().hour();
    let count =
        |from, to| history.visualizations.iter().filter(|one| (from..to).contains(&hour(one.at))).count();
    assert!(count(18, 22) > 4 * count(0, 6).max(1));
    let days = days_before(Timestamp::parse_rfc3339("2026-11-23T10:15:00Z").unwrap(), &zone()).unwrap();
    let on = |day: &Range| history.visualizations.iter().filter(|one| day.contains(one.at)).count();
    let counts: Vec<usize> = days.iter().map(on).collect();
    assert!(counts.iter().all(|count| *count >= 4), "{counts:?}");
}
