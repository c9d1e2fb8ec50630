//! One conversion and why it was decided as it was: everything that was considered, in words.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use http::request::Parts;
use selektable_domain::attribution::{AttributionType, Candidate, CandidateCode, Decision};
use selektable_domain::money::Currency;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::{Item, Order};
use selektable_domain::report::ConversionRecord;
use selektable_domain::rules::RevenueBasis;
use selektable_domain::time::Zone;
use selektable_store::ingest::ExplainedConversion;

use super::access::{InStore, path_text};
use super::conversions::marks;
use super::deliveries::{self, DeliveryRow};
use super::error::PageError;
use super::form::{Asked, Values};
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::{Amount, IdText, Kind, Status, TimeText};
use super::{format, words};
use crate::app::App;
use crate::words::decision::{because, shows};

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
    rules: String,
    facts: Facts,
    money: Money,
    items: Vec<ItemRow>,
    candidates: Vec<CandidateRow>,
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

struct CandidateRow {
    credited: bool,
    id: IdText,
    at: TimeText,
    age: String,
    products: Vec<IdText>,
    matches: bool,
    link: &'static str,
    words: &'static str,
    share: Option<Amount>,
    widget: String,
    widget_href: Option<String>,
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
        rules: format!(
            "Decided under ruleset {}: window {}, {}, revenue of {}.",
            decision.rules.version,
            format::window(decision.rules.window.as_millis()),
            words::model(decision.rules.model),
            words::basis(decision.rules.basis)
        ),
        facts: facts(record, decision, zone),
        money: money(order, decision),
        items: items(order, decision),
        candidates: decision
            .candidates
            .iter()
            .rev()
            .map(|candidate| candidate_row(candidate, decision, order.currency, place))
            .collect(),
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

fn money(order: &Order, decision: &Decision) -> Money {
    let currency = order.currency;
    let plain = |minor: i64| Amount::plain(minor, currency);
    let provisional = order.status.is_provisional();
    let attributed_note = match (decision.kind, order.status) {
        (AttributionType::None, _) => "nothing is attributed",
        (_, status) if status.is_provisional() => {
            "would be attributed once the order is paid; counts as 0 until then"
        }
        (_, status) if status.is_reversed() => "nothing: the money was given back",
        _ => "",
    };
    Money {
        gross: plain(order.total_minor),
        refunded: if order.refunded() > 0 { Amount::reversed(order.refunded(), currency) } else { plain(0) },
        net: Amount::under(order.status, order.net().minor, currency),
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

fn candidate_row(
    candidate: &Candidate,
    decision: &Decision,
    currency: Currency,
    place: &InStore,
) -> CandidateRow {
    let shown = &candidate.visualization;
    let widget = place.store.widgets.iter().find(|widget| widget.id == shown.widget);
    let age = format::duration(candidate.age_ms);
    let credited = candidate.code == CandidateCode::Credited;
    CandidateRow {
        credited,
        id: IdText::new(&shown.id),
        at: TimeText::new(shown.at, &place.store.settings.zone),
        age: if candidate.age_ms < 0 { format!("{age} after") } else { format!("{age} before") },
        products: shown.products.iter().map(|product| IdText::new(&product.product)).collect(),
        matches: candidate.matches_product,
        link: words::person_link(candidate.person_link),
        words: words::candidate(candidate.code),
        share: credited.then(|| Amount::plain(decision.basis_minor(candidate), currency)),
        widget: widget.map_or_else(|| shown.widget.to_string(), |widget| widget.settings.name.clone()),
        widget_href: widget.map(|widget| address::widget(place.store.id, widget.id, "")),
    }
}
