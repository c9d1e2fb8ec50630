//! `GET /api/v1/stores/{storeId}/visualizations`: what shoppers were shown, newest first.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::report::VisualizationQuery;

use super::csv_page::CsvPage;
use super::cursor::List;
use super::scope::{Scope, csv, json, page};
use super::wire::{PageAnswer, VisualizationAnswer};
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

const COLUMNS: [&str; 8] = [
    "visualizationId",
    "widgetId",
    "visitorId",
    "sessionId",
    "productIds",
    "createdAt",
    "receivedAt",
    "renderer",
];

/// Visualizations, newest first
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/visualizations",
    operation_id = "listVisualizations",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
        ("widgetId" = Option<String>, Query, description = "Only of this widget"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200, usually 50"),
    ),
    responses(
        (status = 200, description = "A page; CSV when `Accept` asks for `text/csv`", body = PageAnswer<VisualizationAnswer>),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn list(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let range = scope.parameters.range();
    let (cursor, limit) = scope.parameters.page(List::Visualizations);
    let widget = scope.widget();
    scope.parameters.check()?;
    let query = VisualizationQuery { range, widget, cursor, limit };
    let found = app.store.visualizations(scope.tenant, query).await?;
    let rows: Vec<_> = found.data.into_iter().map(|record| VisualizationAnswer::new(record, &app)).collect();
    if scope.csv {
        return csv(table(&rows), scope.next_link(List::Visualizations, found.next));
    }
    json(&page(List::Visualizations, rows, found.next))
}

fn table(rows: &[VisualizationAnswer]) -> CsvPage {
    let mut table = CsvPage::new(&COLUMNS);
    for row in rows {
        let products: Vec<&str> = row.products.iter().map(|product| product.product_id.as_str()).collect();
        table
            .text(&row.visualization_id)
            .text(&row.widget_id)
            .maybe(row.visitor_id.as_deref())
            .maybe(row.session_id.as_deref())
            .text(&products.join(" "))
            .text(&row.created_at)
            .text(&row.received_at)
            .maybe(row.renderer.as_deref())
            .end_row();
    }
    table
}
