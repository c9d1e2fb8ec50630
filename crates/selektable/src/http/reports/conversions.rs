//! `GET /api/v1/stores/{storeId}/conversions`: orders and leads, newest first.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::order::OrderStatus;
use selektable_domain::report::ConversionQuery;

use super::csv_page::CsvPage;
use super::cursor::List;
use super::scope::{Scope, csv, json, page};
use super::wire::{ConversionAnswer, PageAnswer};
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

const COLUMNS: [&str; 27] = [
    "conversionId",
    "orderId",
    "source",
    "status",
    "test",
    "conversionType",
    "currency",
    "totalCents",
    "refundedCents",
    "netCents",
    "matchedCents",
    "occurredAt",
    "receivedAt",
    "visitorId",
    "sessionId",
    "userId",
    "productIds",
    "type",
    "reason",
    "model",
    "rulesetVersion",
    "attributedCents",
    "provisionalCents",
    "timeToConversionSeconds",
    "visualizationIds",
    "carrier",
    "leftOut",
];

/// Conversions, newest first
///
/// What is left out of every figure is listed too, with `leftOut`.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/conversions",
    operation_id = "listConversions",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339) of `occurredAt`; all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
        ("type" = Option<String>, Query, description = "`direct`, `assisted` or `none`"),
        ("reason" = Option<String>, Query, description = "Such as `out_of_window`"),
        ("status" = Option<String>, Query, description = "One of the six statuses"),
        ("widgetId" = Option<String>, Query, description = "Only those with a credit to this widget"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200, usually 50"),
    ),
    responses(
        (status = 200, description = "A page; CSV when `Accept` asks for `text/csv`", body = PageAnswer<ConversionAnswer>),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn list(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let parameters = &mut scope.parameters;
    let range = parameters.range();
    let kind = parameters.one_of("type", "direct, assisted and none", AttributionType::from_code);
    let reason = parameters.one_of("reason", "the reasons of attribution", Reason::from_code);
    let status = parameters.one_of("status", "the six statuses of an order", OrderStatus::from_code);
    let (cursor, limit) = parameters.page(List::Conversions);
    let widget = scope.widget();
    let query = ConversionQuery { range, kind, reason, status, widget, cursor, limit };
    scope.parameters.check()?;
    let found = app.store.conversions(scope.tenant, query).await?;
    let rows: Vec<ConversionAnswer> = found.data.into_iter().map(ConversionAnswer::from).collect();
    if scope.csv {
        return csv(table(&rows), scope.next_link(List::Conversions, found.next));
    }
    json(&page(List::Conversions, rows, found.next))
}

fn table(rows: &[ConversionAnswer]) -> CsvPage {
    let mut table = CsvPage::new(&COLUMNS);
    for row in rows {
        write_order(&mut table, row);
        let attribution = &row.attribution;
        let credited: Vec<&str> =
            attribution.credits.iter().map(|credit| credit.visualization_id.as_str()).collect();
        table
            .text(attribution.kind)
            .text(attribution.reason)
            .text(attribution.model)
            .number(i128::from(attribution.ruleset_version))
            .number(i128::from(attribution.attributed_cents))
            .number(i128::from(attribution.provisional_cents))
            .number(attribution.time_to_conversion_seconds.map(i128::from))
            .text(&credited.join(" "))
            .maybe(row.platform.as_ref().and_then(|platform| platform.carrier))
            .maybe(row.left_out)
            .end_row();
    }
    table
}

fn write_order(table: &mut CsvPage, row: &ConversionAnswer) {
    let products: Vec<&str> = row.items.iter().map(|item| item.product_id.as_str()).collect();
    table
        .text(&row.conversion_id)
        .text(&row.order_id)
        .text(row.source)
        .text(row.status)
        .flag(row.test)
        .maybe(row.conversion_type.as_deref())
        .text(row.currency)
        .number(i128::from(row.total_cents))
        .number(i128::from(row.refunded_cents))
        .number(i128::from(row.net_cents))
        .number(i128::from(row.matched_cents))
        .text(&row.occurred_at)
        .text(&row.received_at)
        .maybe(row.visitor_id.as_deref())
        .maybe(row.session_id.as_deref())
        .maybe(row.user_id.as_deref())
        .text(&products.join(" "));
}
