//! Requests under privacy law that a platform passed on: what is due, what was done, and deleting a shop's data.

use axum::extract::State;
use http::StatusCode;
use selektable_domain::time::{DAY_MS, Zone};
use selektable_store::StoreResult;
use selektable_store::platforms::{PRIVACY_DAYS, PrivacyRecord};

use super::{Outcome, show_again};
use crate::ambient;
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::error::PageError;
use crate::dashboard::form::{Faults, Field, Posted, Values};
use crate::dashboard::page::{PageResult, address, see};
use crate::dashboard::parts::{IdText, TimeText};
use crate::words::format;

/// The kinds as the store keeps them.
const ERASE_SHOP: &str = "erase_shop";
const ERASE_CUSTOMER: &str = "erase_customer";

/// The field that repeats the store's name before everything is deleted.
pub(super) const NAME_AGAIN: &str = "name_again";
/// Most orders of a request that are linked; more are counted.
const ORDERS_SHOWN_MAX: usize = 20;

/// One request.
pub(super) struct RequestRow {
    pub(super) number: u32,
    pub(super) what: &'static str,
    pub(super) to_do: &'static str,
    pub(super) customer: Option<IdText>,
    pub(super) orders: Vec<(String, IdText)>,
    pub(super) more_orders: usize,
    pub(super) came: TimeText,
    pub(super) due: TimeText,
    pub(super) is_late: bool,
    pub(super) done: Option<TimeText>,
}

/// The rows, and whether a shop's data is to be deleted.
pub(super) fn rows(records: &[PrivacyRecord], place: &InStore) -> (Vec<RequestRow>, bool) {
    let is_open = |record: &&PrivacyRecord| record.kind == ERASE_SHOP && record.done_at.is_none();
    let rows = records.iter().map(|record| row(record, place, &place.store.settings.zone)).collect();
    (rows, records.iter().any(|record| is_open(&record)))
}

fn row(record: &PrivacyRecord, place: &InStore, zone: &Zone) -> RequestRow {
    let due = record.received_at.plus_millis(PRIVACY_DAYS * DAY_MS);
    let link = |order: &selektable_domain::opaque::OrderId| {
        (address::conversion(place.store.id, order.as_str()), IdText::new(order))
    };
    let (what, to_do) = words(&record.kind);
    RequestRow {
        number: record.number,
        what,
        to_do,
        customer: record.customer.as_ref().map(IdText::new),
        orders: record.orders.iter().take(ORDERS_SHOWN_MAX).map(link).collect(),
        more_orders: record.orders.len().saturating_sub(ORDERS_SHOWN_MAX),
        came: TimeText::new(record.received_at, zone),
        due: TimeText::new(due, zone),
        is_late: record.done_at.is_none() && due < ambient::now(),
        done: record.done_at.map(|at| TimeText::new(at, zone)),
    }
}

/// What is asked, and what to do about it.
fn words(kind: &str) -> (&'static str, &'static str) {
    match kind {
        ERASE_SHOP => (
            "Delete the shop's data",
            "Sent 48 hours after the app was removed. Delete everything with the form below, or press Done if the shop goes on here by another way and keeps its figures.",
        ),
        ERASE_CUSTOMER => (
            "Erase a customer",
            "This happens by itself when the request arrives. While it stands open it stopped half-way; Shopify sends it again. Erasing the visitor on these orders' pages with the form below does the same.",
        ),
        _ => (
            "Send a customer their data",
            "Names and addresses are never stored here. Send the customer what the orders' pages show of them, then press Done.",
        ),
    }
}

/// What waits for the store's people, in a sentence; `None` when nothing does.
pub(crate) async fn waiting(app: &App, place: &InStore) -> StoreResult<Option<String>> {
    let records = app.store.privacy_requests(place.tenant).await?;
    let open = records.iter().filter(|record| record.done_at.is_none());
    let Some(first) = open.clone().map(|record| record.received_at).min() else { return Ok(None) };
    let count = open.count() as u64;
    let waits = if count == 1 { "waits" } else { "wait" };
    Ok(Some(format!(
        "{} under privacy law {waits} for you, due by {}.",
        format::counted(count, "request", "requests"),
        format::day(first.plus_millis(PRIVACY_DAYS * DAY_MS), &place.store.settings.zone)
    )))
}

/// The field for the store's name.
pub(super) fn name_again(values: &Values, faults: &Faults) -> Field {
    Field::line(NAME_AGAIN, "The store's name")
        .hint("Typed once more, exactly as it stands above, so that this can't happen by a slip.")
        .value(values.get(NAME_AGAIN))
        .judged(faults)
}

/// `POST /stores/{store}/privacy/done`
pub(crate) async fn finish(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let number: u32 = values.get("number").parse().map_err(|_| PageError::NotFound)?;
    if !app.store.finish_privacy_request(place.tenant, number, ambient::now()).await? {
        return Err(PageError::NotFound);
    }
    Ok(see(&format!("{}#requests", address::store(place.store.id, "/privacy"))))
}

/// `POST /stores/{store}/privacy/delete`: everything of a store whose platform asked for it, after its name was typed.
pub(crate) async fn delete_store(
    State(app): State<App>,
    place: InStore,
    Posted(values): Posted,
) -> PageResult {
    let records = app.store.privacy_requests(place.tenant).await?;
    let asked: Vec<u32> = records
        .iter()
        .filter(|record| record.kind == ERASE_SHOP && record.done_at.is_none())
        .map(|record| record.number)
        .collect();
    if asked.is_empty() {
        return Err(PageError::NotFound);
    }
    let mut faults = Faults::default();
    if values.get(NAME_AGAIN) != place.store.settings.name {
        faults.add(NAME_AGAIN, "That is not the store's name. Nothing was deleted.");
        return show_again(&app, &place, &values, faults, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    app.store.delete_store_data(place.tenant).await?;
    for number in asked {
        app.store.finish_privacy_request(place.tenant, number, ambient::now()).await?;
    }
    tracing::info!(store = %place.store.id, "a store's data was deleted, as its platform asked");
    let sentence = "Everything recorded of this store's visitors and orders was deleted. Backups made before still hold it.";
    let outcome = Outcome { found: true, sentence: sentence.to_owned() };
    show_again(&app, &place, &Values::default(), faults, Some(outcome), StatusCode::OK).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_request_says_what_to_do() {
        let kinds = ["data", ERASE_CUSTOMER, ERASE_SHOP].map(|kind| words(kind).0);
        assert_eq!(kinds, ["Send a customer their data", "Erase a customer", "Delete the shop's data"]);
    }
}
