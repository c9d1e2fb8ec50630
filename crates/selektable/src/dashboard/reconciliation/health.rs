//! How a platform's deliveries go: who says who bought, what came when, what was not taken.

use askama::Template;
use selektable_domain::report::connection::Diagnosis;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::platforms::{CodeSeen, PlatformHealth};

use crate::ambient;
use crate::dashboard::access::InStore;
use crate::dashboard::connect;
use crate::dashboard::page::address;
use crate::dashboard::parts::TimeText;
use crate::words::{codes, format, platform as words};

/// Orders of one carrier.
struct CarrierRow {
    name: String,
    count: String,
    is_known: bool,
}

/// Deliveries of one topic.
struct TopicRow {
    topic: String,
    count: String,
    last: TimeText,
    age: String,
}

/// Deliveries that were not taken, of one kind.
struct CodeRow {
    code: String,
    meaning: String,
    count: String,
    last: TimeText,
    href: String,
}

/// What was not taken, for one kind of reason.
struct NotTaken {
    id: &'static str,
    title: &'static str,
    rows: Vec<CodeRow>,
}

/// Tables of the last 30 days.
#[derive(Template)]
#[template(path = "dashboard/parts/platform_health.html")]
pub(super) struct HealthView {
    sentence: String,
    pause: Option<String>,
    connect_href: String,
    has_findings: bool,
    carriers: Vec<CarrierRow>,
    left_out: Vec<CarrierRow>,
    topics: Vec<TopicRow>,
    not_taken: Vec<NotTaken>,
}

impl askama::filters::HtmlSafe for HealthView {}

/// The tables.
pub(super) fn view(health: &PlatformHealth, diagnosis: &Diagnosis, place: &InStore) -> HealthView {
    let zone = &place.store.settings.zone;
    let now = ambient::now();
    let deliveries = address::store(place.store.id, "/deliveries");
    HealthView {
        sentence: sentence(health),
        pause: connect::pause(diagnosis),
        connect_href: address::store(place.store.id, "/connect"),
        has_findings: !diagnosis.findings.is_empty(),
        carriers: carriers(health),
        left_out: left_out(health),
        topics: topics(health, zone, now),
        not_taken: not_taken(health, zone, &deliveries),
    }
}

fn not_taken(health: &PlatformHealth, zone: &Zone, deliveries: &str) -> Vec<NotTaken> {
    let row = |seen: &CodeSeen, meaning: String, outcome: &str| CodeRow {
        code: seen.code.clone(),
        meaning: format::capital(&meaning),
        count: format::integer(seen.deliveries),
        last: TimeText::new(seen.last_at, zone),
        href: address::with_query(deliveries, &[("outcome", outcome)]),
    };
    let refused = health.refused.iter().map(|seen| row(seen, refusal(&seen.code), "refused")).collect();
    let ignored = health.ignored.iter().map(|seen| row(seen, words::ignored(&seen.code), "")).collect();
    let all = [
        NotTaken { id: "refused", title: "Refused in the last 30 days", rows: refused },
        NotTaken { id: "ignored", title: "Not used in the last 30 days", rows: ignored },
    ];
    all.into_iter().filter(|kind| !kind.rows.is_empty()).collect()
}

fn refusal(code: &str) -> String {
    let fault = selektable_domain::platform::signature::SignatureFault::from_code(code);
    match fault {
        Some(fault) => fault.to_string(),
        None => codes::fix(code).unwrap_or_default().to_owned(),
    }
}

/// Example: "Visitors of the last 30 days' orders: 31 of 48 by cart attribute, 8 of 48 by pixel, 9 of 48 without."
fn sentence(health: &PlatformHealth) -> String {
    if health.orders == 0 {
        let none = health.left_out.iter().all(|(_, count)| *count == 0);
        return if none {
            "No order of the last 30 days came from the platform.".to_owned()
        } else {
            "Every order of the last 30 days is left out of the figures.".to_owned()
        };
    }
    let parts: Vec<String> = health
        .carriers
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(carrier, count)| match carrier {
            Some(carrier) => format!("{} by {}", format::of(*count, health.orders), words::carrier(*carrier)),
            None => format!("{} without", format::of(*count, health.orders)),
        })
        .collect();
    format!("How the visitor of the last 30 days' orders is known: {}.", format::listed(&parts))
}

fn carriers(health: &PlatformHealth) -> Vec<CarrierRow> {
    let row = |(carrier, count): &(Option<selektable_domain::order::platform::Carrier>, u64)| CarrierRow {
        name: carrier
            .map_or_else(|| "No visitor".to_owned(), |carrier| format!("By {}", words::carrier(carrier))),
        count: format::of(*count, health.orders),
        is_known: carrier.is_some(),
    };
    health.carriers.iter().filter(|(_, count)| *count > 0).map(row).collect()
}

/// They are none of the orders above.
fn left_out(health: &PlatformHealth) -> Vec<CarrierRow> {
    let row = |(why, count): &(selektable_domain::order::platform::LeftOut, u64)| CarrierRow {
        name: format!("Because {}", words::left_out(*why)),
        count: format::counted(*count, "order", "orders"),
        is_known: false,
    };
    health.left_out.iter().filter(|(_, count)| *count > 0).map(row).collect()
}

fn topics(health: &PlatformHealth, zone: &Zone, now: Timestamp) -> Vec<TopicRow> {
    let mut seen: Vec<_> = health.topics.iter().collect();
    seen.sort_by_key(|topic| std::cmp::Reverse(topic.last_at));
    let row = |topic: &&selektable_store::platforms::TopicSeen| TopicRow {
        topic: words::topic(&topic.topic),
        count: format::integer(topic.deliveries),
        last: TimeText::new(topic.last_at, zone),
        age: format!("{} ago", format::duration(now.millis_since(topic.last_at))),
    };
    seen.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use selektable_domain::order::platform::Carrier;

    use super::*;

    #[test]
    fn shares_name_both_numbers_and_say_how_many_are_without() {
        let health = PlatformHealth {
            orders: 48,
            carriers: vec![
                (Some(Carrier::LineProperty), 0),
                (Some(Carrier::CartAttribute), 31),
                (Some(Carrier::Pixel), 8),
                (None, 9),
            ],
            ..PlatformHealth::default()
        };
        assert_eq!(
            sentence(&health),
            "How the visitor of the last 30 days' orders is known: 31 of 48 by cart attribute, 8 of 48 by pixel and 9 of 48 without."
        );
        assert_eq!(carriers(&health).len(), 3);
    }

    #[test]
    fn a_refusal_is_explained_by_its_signature_or_its_code() {
        assert!(refusal("signature_wrong").contains("no secret of this store"));
        assert!(!refusal("invalid_content").is_empty());
        assert_eq!(refusal("unheard_of"), "");
    }
}
