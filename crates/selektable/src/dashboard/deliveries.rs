//! What came in: every request that brought a conversion, accepted or refused, and what to mend about a refused one.

use askama::Template;
use axum::extract::State;
use selektable_domain::id::StoreId;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::version::Outcome;
use selektable_domain::report::{
    DeliveryFault, DeliveryOutcome, DeliveryQuery, DeliveryRecord, PAGE_ROWS_DEFAULT,
};
use selektable_domain::time::Zone;

use super::access::InStore;
use super::form::{Asked, Field, Input};
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::{IdText, Pager, TimeText};
use super::period::{Period, Picker};
use super::{pages, words};
use crate::ambient;
use crate::app::App;

/// One delivery in a list.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryRow {
    /// Its id.
    pub id: IdText,
    /// When it came.
    pub at: TimeText,
    /// Which way.
    pub source: &'static str,
    /// The order it spoke of.
    pub order: Option<IdText>,
    /// That order's page, when there is one.
    pub order_href: Option<String>,
    /// The topic, as a platform named it.
    pub topic: Option<String>,
    /// The request it came in.
    pub request: IdText,
    /// Whether it was refused.
    pub refused: bool,
    /// What became of it, in words.
    pub outcome: String,
    /// What is wrong or odd.
    pub faults: Vec<FaultRow>,
}

/// One thing wrong or odd.
#[derive(Clone, Debug)]
pub(crate) struct FaultRow {
    /// Where in the JSON.
    pub pointer: Option<String>,
    /// Its stable code.
    pub code: String,
    /// What it is.
    pub detail: String,
    /// What to do.
    pub fix: Option<&'static str>,
}

/// Makes a row.
#[must_use]
pub(crate) fn row(record: &DeliveryRecord, store: StoreId, zone: &Zone) -> DeliveryRow {
    let (refused, outcome, faults) = match &record.outcome {
        DeliveryOutcome::Accepted { outcome, warnings, .. } => {
            (false, words::outcome(*outcome).to_owned(), warnings.iter().map(fault_row).collect())
        }
        DeliveryOutcome::Refused { status, code, faults } => {
            (true, refusal(*status, code), refused_rows(code, faults))
        }
        DeliveryOutcome::Ignored { code, faults } => {
            (false, words::ignored(code).to_owned(), faults.iter().map(fault_row).collect())
        }
        DeliveryOutcome::Noted { outcome } => (false, words::noted(*outcome).to_owned(), Vec::new()),
    };
    DeliveryRow {
        id: IdText::new(&record.id),
        at: TimeText::new(record.received_at, zone),
        source: words::source(record.source),
        order: record.order_id.as_ref().map(IdText::new),
        order_href: record
            .order_id
            .as_ref()
            .filter(|_| leads_to_an_order(&record.outcome))
            .map(|order| address::conversion(store, order.as_str())),
        topic: record.topic.clone(),
        request: IdText::new(&record.request_id),
        refused,
        outcome,
        faults,
    }
}

/// Whether the order it spoke of is here: a note may wait for its order.
const fn leads_to_an_order(outcome: &DeliveryOutcome) -> bool {
    match outcome {
        DeliveryOutcome::Accepted { .. } => true,
        DeliveryOutcome::Noted { outcome } => !matches!(outcome, Outcome::Created),
        DeliveryOutcome::Refused { .. } | DeliveryOutcome::Ignored { .. } => false,
    }
}

fn refusal(status: u16, code: &str) -> String {
    format!("Refused with {status} {code}")
}

fn fault_row(fault: &DeliveryFault) -> FaultRow {
    FaultRow {
        pointer: fault.pointer.clone().filter(|pointer| !pointer.is_empty()),
        code: fault.code.clone(),
        detail: fault.detail.clone(),
        fix: words::fix(&fault.code),
    }
}

/// A refusal without a list of faults is explained by its own code.
fn refused_rows(code: &str, faults: &[DeliveryFault]) -> Vec<FaultRow> {
    if !faults.is_empty() {
        return faults.iter().map(fault_row).collect();
    }
    let fix = words::fix(code);
    fix.map(|fix| FaultRow { pointer: None, code: code.to_owned(), detail: String::new(), fix: Some(fix) })
        .into_iter()
        .collect()
}

#[derive(Template)]
#[template(path = "dashboard/deliveries.html")]
struct DeliveriesPage {
    shell: Shell,
    path: String,
    picker: Picker,
    period_pairs: Vec<(&'static str, String)>,
    period_words: String,
    filters: Vec<Field>,
    filtered: bool,
    rows: Vec<DeliveryRow>,
    pager: Pager,
    install_href: String,
}

const REFUSED: &str = "refused";
const ACCEPTED: &str = "accepted";

/// `GET /stores/{store}/deliveries`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let zone = &place.store.settings.zone;
    let period = Period::read(&asked, zone, ambient::now());
    let refused = match asked.get("outcome") {
        REFUSED => Some(true),
        ACCEPTED => Some(false),
        _ => None,
    };
    let order_id = OrderId::parse(asked.raw("order")).ok();
    let (outcome, order) = (
        refused.map_or("", |refused| if refused { REFUSED } else { ACCEPTED }),
        order_id.as_ref().map(|order| order.as_str().to_owned()).unwrap_or_default(),
    );
    let query = DeliveryQuery {
        range: period.range,
        refused,
        order_id,
        cursor: pages::read(&asked),
        limit: PAGE_ROWS_DEFAULT,
    };
    let found = app.store.deliveries(place.tenant, query).await?;
    let path = address::store(place.store.id, "/deliveries");
    let kept = [("outcome", outcome), ("order", order.as_str())];
    page(&DeliveriesPage {
        shell: Shell::store("Deliveries", &place, StoreTab::Deliveries),
        picker: period.picker(&path, &kept),
        period_pairs: period.pairs(),
        period_words: period.words(),
        filters: filters(outcome, &order),
        filtered: refused.is_some() || !order.is_empty(),
        rows: found.data.iter().map(|record| row(record, place.store.id, zone)).collect(),
        pager: pages::pager(("delivery", "deliveries"), &found, &asked, |more| {
            period.link(&path, &kept.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>())
        }),
        install_href: address::connecting(&place.store),
        path,
    })
}

fn filters(outcome: &str, order: &str) -> Vec<Field> {
    let options = [("", "All"), (REFUSED, "Refused"), (ACCEPTED, "Accepted")];
    let options = options.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    vec![
        Field::line("outcome", "Outcome").input(Input::Choice(options)).value(outcome),
        Field::line("order", "Order id").value(order),
    ]
}
