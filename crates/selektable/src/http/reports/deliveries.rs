//! `GET /api/v1/stores/{storeId}/deliveries`: every request that brought a conversion in or should have, newest first.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::opaque::OrderId;
use selektable_domain::report::DeliveryQuery;

use super::csv_page::CsvPage;
use super::cursor::List;
use super::decision_wire::{DeliveryAnswer, NoteAnswer};
use super::scope::{Scope, csv, json, page};
use super::wire::PageAnswer;
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

const COLUMNS: [&str; 13] = [
    "deliveryId",
    "receivedAt",
    "source",
    "orderId",
    "requestId",
    "outcome",
    "result",
    "conversionId",
    "status",
    "code",
    "errors",
    "warnings",
    "topic",
];

/// Deliveries, newest first
///
/// The store's own, and refused ones of the organization that named none of its stores. They hold what to fix, and
/// nothing of what was sent.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/deliveries",
    operation_id = "listDeliveries",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339) of receipt; all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
        ("outcome" = Option<String>, Query, description = "`refused`, or `accepted` for all others"),
        ("orderId" = Option<String>, Query, description = "Only of this order"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200, usually 50"),
    ),
    responses(
        (status = 200, description = "A page; CSV when `Accept` asks for `text/csv`", body = PageAnswer<DeliveryAnswer>),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn list(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let parameters = &mut scope.parameters;
    let range = parameters.range();
    let refused = parameters.one_of("outcome", "accepted and refused", |text| match text {
        "accepted" => Some(false),
        "refused" => Some(true),
        _ => None,
    });
    let order_id = parameters
        .optional("orderId", |text| OrderId::parse(text).map_err(|fault| (fault.code(), fault.to_string())));
    let (cursor, limit) = parameters.page(List::Deliveries);
    parameters.check()?;
    let query = DeliveryQuery { range, refused, order_id, cursor, limit };
    let found = app.store.deliveries(scope.tenant, query).await?;
    let rows: Vec<DeliveryAnswer> = found.data.into_iter().map(DeliveryAnswer::from).collect();
    if scope.csv {
        return csv(table(&rows), scope.next_link(List::Deliveries, found.next));
    }
    json(&page(List::Deliveries, rows, found.next))
}

fn table(rows: &[DeliveryAnswer]) -> CsvPage {
    let mut table = CsvPage::new(&COLUMNS);
    for row in rows {
        table
            .text(&row.delivery_id)
            .text(&row.received_at)
            .text(row.source)
            .maybe(row.order_id.as_deref())
            .text(&row.request_id)
            .text(row.outcome)
            .maybe(row.result)
            .maybe(row.conversion_id.as_deref())
            .number(row.status.map(i128::from))
            .maybe(row.code.as_deref())
            .text(&notes(&row.errors))
            .text(&notes(&row.warnings))
            .maybe(row.topic.as_deref())
            .end_row();
    }
    table
}

/// Codes with their places: `missing /orderId; out_of_range /totalCents`.
fn notes(notes: &[NoteAnswer]) -> String {
    let written: Vec<String> = notes
        .iter()
        .map(|note| {
            [Some(note.code.as_str()), note.pointer.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    written.join("; ")
}
