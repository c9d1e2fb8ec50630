//! How a store's connection to its platform stands: read from the store, judged by the domain, said in words.

use askama::Template;
use selektable_domain::report::connection::{
    self, Cause, CodeFact, Diagnosis, Facts, Finding, ServerAddress, State, TopicFact, diagnose,
};
use selektable_domain::report::{ConversionQuery, ConversionRecord};
use selektable_domain::time::{DAY_MS, HOUR_MS, Range, Timestamp, Zone};
use selektable_store::StoreResult;
use selektable_store::platforms::PlatformHealth;
use selektable_store::settings::Platform;
use url::Url;

use crate::ambient;
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::error::PageError;
use crate::dashboard::page::address;
use crate::dashboard::parts::{Amount, IdText, TimeText};
use crate::words::{format, platform as words};

/// Days back that shares and refusals are counted over.
const LATELY_DAYS: i64 = 30;
/// Conversions looked at for the latest order of the platform.
const LATEST_MAX: u32 = 20;

/// Which platform a store sells on; there is no such page for a site of the shop's own.
pub(crate) fn platform_of(place: &InStore) -> Result<connection::Platform, PageError> {
    match place.store.platform {
        Platform::Shopify => Ok(connection::Platform::Shopify),
        Platform::WooCommerce => Ok(connection::Platform::WooCommerce),
        Platform::Custom => Err(PageError::NotFound),
    }
}

/// The last 30 days; orders may be placed up to an hour ahead of our clock.
pub(crate) fn lately(now: Timestamp) -> Range {
    Range { from: now.plus_millis(-LATELY_DAYS * DAY_MS), to: now.plus_millis(2 * HOUR_MS) }
}

/// What the platform's deliveries say, and what to say about them.
pub(crate) async fn read(
    app: &App,
    place: &InStore,
    platform: connection::Platform,
) -> StoreResult<(PlatformHealth, Diagnosis)> {
    let now = ambient::now();
    let health = app.store.platform_health(place.tenant, lately(now)).await?;
    let diagnosis = diagnose(&facts(&health, platform, place.store.secrets.len(), &app.public_url, now));
    Ok((health, diagnosis))
}

fn facts(
    health: &PlatformHealth,
    platform: connection::Platform,
    secrets: usize,
    public_url: &Url,
    now: Timestamp,
) -> Facts {
    let unknown: u64 = health.carriers.iter().filter(|(by, _)| by.is_none()).map(|(_, count)| count).sum();
    let codes = |seen: &[selektable_store::platforms::CodeSeen]| {
        seen.iter()
            .map(|seen| CodeFact {
                code: seen.code.clone(),
                deliveries: seen.deliveries,
                last_at: seen.last_at,
            })
            .collect()
    };
    let topic = |seen: &selektable_store::platforms::TopicSeen| TopicFact {
        topic: seen.topic.clone(),
        first_at: seen.first_at,
        last_at: seen.last_at,
        deliveries: seen.deliveries,
    };
    Facts {
        platform,
        secrets,
        address: server_address(public_url),
        topics: health.topics.iter().map(topic).collect(),
        refused: codes(&health.refused),
        ignored: codes(&health.ignored),
        orders: health.orders,
        with_visitor: health.orders.saturating_sub(unknown),
        recent: health.recent.clone(),
        uninstalled_at: health.link.uninstalled_at,
        owner_lost_access_at: health.link.owner_lost_access_at,
        now,
    }
}

fn server_address(url: &Url) -> ServerAddress {
    ServerAddress {
        is_https: url.scheme() == "https",
        host: url.host_str().unwrap_or_default().to_owned(),
        port: url.port_or_known_default().unwrap_or_default(),
    }
}

/// One finding as it is shown.
pub(crate) struct FindingRow {
    code: &'static str,
    means: &'static str,
    remedy: &'static str,
    bad: bool,
    beside_good: bool,
    evidence: Option<(String, String)>,
}

/// The latest order that the platform brought.
pub(crate) struct LatestOrder {
    name: String,
    id: IdText,
    href: String,
    total: Amount,
    visitor: String,
    at: TimeText,
}

/// How a state looks.
enum Sign {
    Good,
    Open,
    Bad,
}

/// Whether orders arrive, what keeps them, and the latest one. Followed by the page's script while anything is open.
#[derive(Template)]
#[template(path = "dashboard/connect/standing.html")]
pub(crate) struct Standing {
    path: String,
    is_live: bool,
    code: &'static str,
    sign: Sign,
    said: String,
    pause: Option<String>,
    latest: Option<LatestOrder>,
    findings: Vec<FindingRow>,
}

impl askama::filters::HtmlSafe for Standing {}

/// The part of a page at `path` that says how it stands.
pub(super) async fn view(
    app: &App,
    place: &InStore,
    platform: connection::Platform,
    path: &str,
) -> StoreResult<Standing> {
    let ((_, diagnosis), latest) = futures::try_join!(read(app, place, platform), latest_order(app, place))?;
    let zone = &place.store.settings.zone;
    let name = words::platform(place.store.platform);
    Ok(Standing {
        path: path.to_owned(),
        is_live: diagnosis.state != State::Working || !diagnosis.findings.is_empty(),
        code: diagnosis.state.code(),
        sign: match diagnosis.state {
            State::Working => Sign::Good,
            State::Waiting => Sign::Open,
            State::Silent | State::Broken | State::Disconnected => Sign::Bad,
        },
        said: said(diagnosis.state, name, latest.is_some()),
        pause: pause(&diagnosis),
        latest: latest.map(|record| latest_row(&record, place, zone)),
        findings: diagnosis.findings.iter().map(|finding| row(finding, diagnosis.state, place)).collect(),
    })
}

/// A state as a sentence of its own.
fn said(state: State, name: &str, any_order: bool) -> String {
    match state {
        State::Waiting => "Waiting for the first order".to_owned(),
        State::Working if any_order => format!("Orders arrive from {name}"),
        State::Working => format!("{name} reaches this server; no order has been among it yet"),
        State::Silent => format!("{name} has been silent for longer than usual"),
        State::Broken => format!("{name} sends, but its orders can't be taken in"),
        State::Disconnected => format!("{name} is disconnected"),
    }
}

/// How long the pause is, against those before it.
pub(crate) fn pause(diagnosis: &Diagnosis) -> Option<String> {
    let silence = diagnosis.silence?;
    let pause = ambient::now().millis_since(silence.since);
    Some(format!(
        "Nothing has arrived for {}; the longest pause before was {}.",
        format::duration(pause),
        format::duration(silence.longest_gap_ms)
    ))
}

fn row(finding: &Finding, state: State, place: &InStore) -> FindingRow {
    let href = address::with_query(
        &address::store(place.store.id, "/deliveries"),
        &[("outcome", if finding.cause == Cause::OldPayload { "" } else { "refused" })],
    );
    let evidence = (finding.deliveries > 0)
        .then(|| (format::counted(finding.deliveries, "delivery", "deliveries"), href));
    FindingRow {
        code: finding.cause.code(),
        means: finding.means,
        remedy: finding.remedy,
        // A store that has just been made has no secret yet: that is the next step, no fault.
        bad: finding.cause.stops_orders()
            && !finding.beside_good
            && !(state == State::Waiting && finding.cause == Cause::NoSecret),
        beside_good: finding.beside_good,
        evidence,
    }
}

async fn latest_order(app: &App, place: &InStore) -> StoreResult<Option<ConversionRecord>> {
    let query = ConversionQuery::newest(LATEST_MAX);
    let found = app.store.conversions(place.tenant, query).await?;
    Ok(found.data.into_iter().find(|record| record.order.platform.is_some()))
}

fn latest_row(record: &ConversionRecord, place: &InStore, zone: &Zone) -> LatestOrder {
    let order = &record.order;
    let part = order.platform.as_deref();
    let number = part.and_then(|part| part.number.clone());
    LatestOrder {
        name: number.unwrap_or_else(|| order.id.to_string()),
        id: IdText::new(&order.id),
        href: address::conversion(place.store.id, order.id.as_str()),
        total: Amount::under(order.status, order.total_minor, order.currency),
        visitor: visitor(part.and_then(|part| part.carrier), order.visitor.is_some()),
        at: TimeText::new(record.received_at, zone),
    }
}

/// Whether and how an order's visitor is known.
pub(crate) fn visitor(
    carrier: Option<selektable_domain::order::platform::Carrier>,
    is_known: bool,
) -> String {
    match carrier {
        Some(carrier) => format!("visitor by {}", words::carrier(carrier)),
        None if is_known => "visitor known".to_owned(),
        None => "no visitor".to_owned(),
    }
}

/// What an overview says when something is wrong: the worst thing, and where it is explained.
pub(crate) struct Alarm {
    /// What it means.
    pub sentence: String,
    /// Where to see what to do.
    pub href: String,
    /// Whether orders are lost.
    pub bad: bool,
}

/// The alarm of a store that has one. A store that never got an order is not broken yet, and what is refused beside good
/// deliveries may be anybody's: only the connect page tells of it.
pub(crate) async fn alarm(app: &App, place: &InStore) -> StoreResult<Option<Alarm>> {
    let Ok(platform) = platform_of(place) else { return Ok(None) };
    let (_, diagnosis) = read(app, place, platform).await?;
    if diagnosis.state == State::Waiting {
        return Ok(None);
    }
    let href = address::store(place.store.id, "/connect");
    let Some(worst) = diagnosis.findings.iter().find(|finding| !finding.beside_good) else { return Ok(None) };
    let pause = pause(&diagnosis).unwrap_or_default();
    let sentence = format!("{} {pause}", worst.means).trim_end().to_owned();
    Ok(Some(Alarm { sentence, href, bad: diagnosis.state != State::Working }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::order::platform::{Carrier, LeftOut};

    #[test]
    fn orders_that_are_left_out_stand_beside_the_others_and_lower_no_share() {
        let health = PlatformHealth {
            orders: 30,
            carriers: vec![(Some(Carrier::CartAttribute), 9), (None, 21)],
            left_out: vec![(LeftOut::NoOnlineVisitor, 20)],
            ..PlatformHealth::default()
        };
        let url = Url::parse("https://x.example").unwrap();
        let now = Timestamp::from_millis(0);
        let facts = facts(&health, connection::Platform::Shopify, 1, &url, now);
        assert_eq!((facts.orders, facts.with_visitor), (30, 9));
    }

    #[test]
    fn the_servers_address_is_read_with_its_usual_port() {
        let read = |text: &str| server_address(&Url::parse(text).unwrap());
        assert_eq!((read("https://x.example").port, read("http://x.example").port), (443, 80));
        assert_eq!(read("http://[::1]:3000").host, "[::1]");
    }
}
