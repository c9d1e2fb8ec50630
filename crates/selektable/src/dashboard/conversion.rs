//! One conversion and why it was decided as it was: everything that was considered, in words.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use http::request::Parts;
use selektable_domain::attribution::{AttributionType, Candidate, Decision};
use selektable_domain::opaque::OrderId;
use selektable_domain::order::platform::{PlatformPart, Refund};
use selektable_domain::order::{Item, Order};
use selektable_domain::report::ConversionRecord;
use selektable_domain::rules::RevenueBasis;
use selektable_domain::time::Zone;
use selektable_store::ingest::ExplainedConversion;

use super::access::{InStore, path_text};
use super::connect;
use super::conversions::marks;
use super::deliveries::{self, DeliveryRow};
use super::error::PageError;
use super::explain::{self, Act, CandidateRow, ChangeRow};
use super::form::{Asked, Values};
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::{Amount, IdText, Kind, Status, TimeText};
use super::timeline::{self, TimelineRow};
use super::{format, words};
use crate::app::App;
use crate::words::decision::{self, because, shows};
use crate::words::platform;

/// The order a path names.
pub(crate) struct AskedOrder(OrderId);

impl FromRequestParts<App> for AskedOrder {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let Ok(Asked(asked)) = Asked::from_request_parts(parts, app).await;
        let in_path = path_text("order", parts, app).await?;
        let in_query = Values::raw(&asked, "order");
        let text = if in_query.is_empty() { in_path.as_str() } else { in_query };
        OrderId::parse(text).map(Self).map_err(|_| PageError::NotFound)
    }
}

#[derive(Template)]
#[template(path = "dashboard/conversion.html")]
struct ConversionPage {
    shell: Shell,
    order: IdText,
    kind: Kind,
    status: Status,
    marks: Vec<&'static str>,
    because: String,
    version: u32,
    rules: String,
    rules_href: String,
    facts: Facts,
    sold: Option<Sold>,
    left_out: Option<&'static str>,
    money: Money,
    items: Vec<ItemRow>,
    /// Whether a bought and a visualized product match by group, not by equal ids.
    by_group: bool,
    changes: Vec<ChangeRow>,
    candidates: Vec<CandidateRow>,
    ledger: Vec<TimelineRow>,
    ledger_cut: bool,
    seal: IdText,
    deliveries: Vec<DeliveryRow>,
    list_href: String,
}

struct Facts {
    id: IdText,
    occurred: TimeText,
    received: TimeText,
    source: &'static str,
    label: Option<String>,
    visitor: Option<IdText>,
    session: Option<IdText>,
    user: Option<IdText>,
    time_to_conversion: String,
}

/// What only a platform says.
struct Sold {
    number: Option<String>,
    status: String,
    origin: &'static str,
    visitor: String,
    refunds: Vec<RefundRow>,
}

struct RefundRow {
    id: IdText,
    amount: Amount,
    at: Option<TimeText>,
}

struct Money {
    gross: Amount,
    refunded: Amount,
    net: Amount,
    attributed: Amount,
    attributed_note: &'static str,
    by_order: Amount,
    by_lines: Amount,
    order_basis_holds: bool,
}

struct ItemRow {
    product: IdText,
    variant: Option<IdText>,
    quantity: String,
    price: Amount,
    total: Amount,
    visualized: bool,
}

/// `GET /stores/{store}/conversions/{order}`
pub(crate) async fn show(
    State(app): State<App>,
    place: InStore,
    AskedOrder(order): AskedOrder,
) -> PageResult {
    let found = app.store.conversion(place.tenant, order).await?.ok_or(PageError::NotFound)?;
    page(&view(&found, &place))
}

fn view(found: &ExplainedConversion, place: &InStore) -> ConversionPage {
    let ExplainedConversion { record, decision, deliveries, .. } = found;
    let zone = &place.store.settings.zone;
    let order = &record.order;
    ConversionPage {
        shell: Shell::store(&format!("Order {}", order.id), place, StoreTab::Conversions),
        order: IdText::new(&order.id),
        kind: decision.kind.into(),
        status: order.status.into(),
        marks: marks(record),
        because: because(decision, order),
        version: decision.rules.version,
        rules: decision::rules(&decision.rules),
        rules_href: address::store(place.store.id, &format!("/rules/{}", decision.rules.version)),
        facts: facts(record, decision, zone),
        sold: order.platform.as_deref().map(|part| sold(part, order, zone)),
        left_out: order.left_out().map(platform::left_out),
        money: money(order, decision),
        items: items(order, decision),
        by_group: by_group(order, decision),
        changes: explain::changes(&found.changes, decision, place),
        candidates: explain::candidates(decision, order.currency, place),
        ledger: timeline::rows(&found.ledger, order.currency, zone),
        ledger_cut: found.ledger.first().is_some_and(|entry| entry.entry > 1),
        seal: IdText::new(&format::hex(&found.seal)),
        deliveries: deliveries
            .iter()
            .map(|delivery| deliveries::row(delivery, place.store.id, zone))
            .collect(),
        list_href: address::store(place.store.id, "/conversions"),
    }
}

fn facts(record: &ConversionRecord, decision: &Decision, zone: &Zone) -> Facts {
    let order = &record.order;
    Facts {
        id: IdText::new(&record.id),
        occurred: TimeText::new(record.occurred_at, zone),
        received: TimeText::new(record.received_at, zone),
        source: words::source(order.source),
        label: order.label.clone(),
        visitor: order.visitor.as_ref().map(IdText::new),
        session: order.session.as_ref().map(IdText::new),
        user: order.user.as_ref().map(IdText::new),
        time_to_conversion: decision
            .time_to_conversion_ms
            .map_or_else(|| format::UNKNOWN.to_owned(), format::duration),
    }
}

fn sold(part: &PlatformPart, order: &Order, zone: &Zone) -> Sold {
    let refund = |refund: &Refund| RefundRow {
        id: IdText::new(&refund.id),
        amount: Amount::reversed(refund.minor, order.currency),
        at: refund.at.map(|at| TimeText::new(at, zone)),
    };
    Sold {
        number: part.number.clone(),
        status: if part.raw_status.is_empty() { format::UNKNOWN.to_owned() } else { part.raw_status.clone() },
        origin: platform::origin(part.origin),
        visitor: format::capital(&connect::visitor(part.carrier, order.visitor.is_some())),
        refunds: part.refunds.iter().map(refund).collect(),
    }
}

fn money(order: &Order, decision: &Decision) -> Money {
    let currency = order.currency;
    let plain = |minor: i64| Amount::plain(minor, currency);
    let counts = decision.rules.counts;
    let provisional = counts.is_provisional(order.status);
    let attributed_note = match (decision.kind, order.status) {
        (AttributionType::None, _) => "nothing is attributed",
        (_, status) if counts.is_provisional(status) => {
            "would be attributed once the order's status counts as revenue; counts as 0 until then"
        }
        (_, status) if status.is_reversed() => "nothing: the money was given back",
        _ => "",
    };
    Money {
        gross: plain(order.total_minor),
        refunded: if order.refunded() > 0 { Amount::reversed(order.refunded(), currency) } else { plain(0) },
        net: if provisional {
            Amount::provisional(order.net().minor, currency)
        } else {
            Amount::under(order.status, order.net().minor, currency)
        },
        attributed: if provisional && decision.provisional_minor > 0 {
            Amount::provisional(decision.provisional_minor, currency)
        } else {
            plain(decision.attributed_minor)
        },
        attributed_note,
        by_order: plain(decision.order_minor),
        by_lines: plain(decision.matched_minor),
        order_basis_holds: decision.rules.basis == RevenueBasis::Order,
    }
}

fn items(order: &Order, decision: &Decision) -> Vec<ItemRow> {
    let credited: Vec<&Candidate> = decision.credits().collect();
    let plain = |minor: i64| Amount::plain(minor, order.currency);
    let visualized = |item: &Item| {
        credited
            .iter()
            .any(|candidate| candidate.visualization.products.iter().any(|shown| shows(shown, item)))
    };
    let row = |item: &Item| ItemRow {
        product: IdText::new(&item.product),
        variant: item.variant.as_ref().map(IdText::new),
        quantity: format::integer(item.quantity),
        price: plain(item.price_minor),
        total: plain(item.total_minor),
        visualized: visualized(item),
    };
    order.items.iter().map(row).collect()
}

/// Whether something credited shows a bought product only by the store's product groups.
fn by_group(order: &Order, decision: &Decision) -> bool {
    let equal = |candidate: &Candidate| {
        let shown = &candidate.visualization.products;
        shown.iter().any(|shown| order.items.iter().any(|item| shows(shown, item)))
    };
    decision.credits().any(|candidate| candidate.matches_product && !equal(candidate))
}
