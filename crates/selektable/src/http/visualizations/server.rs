//! `POST /api/v1/visualizations`: a visualization that was made elsewhere, from a shop's server.

use axum::Json as JsonAnswer;
use axum::extract::State;
use selektable_domain::id::{OwnVisualizationId, WidgetId};
use selektable_domain::json::{self, Limits};
use selektable_domain::visualization::{ServerVisualization, parse_server};
use selektable_domain::visualization::{Visualization, VisualizationId};
use selektable_store::Tenant;
use selektable_store::ingest::NewVisualization;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ambient;
use crate::app::App;
use crate::http::auth::{Caller, WriteKey};
use crate::http::body::JsonBody;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::NoteAnswer;
use crate::http::tenant::{forbidden, own_store};

/// Largest body.
pub(super) const VISUALIZATION_BYTES_MAX: usize = 64 * 1024;

/// A visualization that is on disk.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordedAnswer {
    /// Always true.
    pub success: bool,
    /// The caller's own id as it came, or ours.
    #[schema(example = "viz_01kaqx2v3e7m8r9s0t1v2w3x4y")]
    pub visualization_id: String,
    /// `created`, or `unchanged` when the id was known.
    #[schema(example = "created")]
    pub result: &'static str,
    /// What is odd, and no reason to refuse.
    pub warnings: Vec<NoteAnswer>,
}

/// `created` or `unchanged`.
pub(super) const fn result(created: bool) -> &'static str {
    if created { "created" } else { "unchanged" }
}

/// The public text of an id of ours.
#[expect(clippy::expect_used, reason = "`viz_` and 26 characters of base 32 break none of the rules for ids")]
pub(super) fn public_id(id: OwnVisualizationId) -> VisualizationId {
    VisualizationId::parse(&id.to_string()).expect("an id of ours")
}

/// Record a visualization from a server
///
/// For shops that make their pictures themselves. The same `visualizationId` twice is one visualization; a
/// `createdAt` in the past is a backfill, and orders that were waiting for it are decided again.
#[utoipa::path(
    post,
    path = "/api/v1/visualizations",
    operation_id = "recordVisualization",
    tag = "Visualizations",
    request_body(content = crate::http::openapi::bodies::VisualizationBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The visualization is stored", body = RecordedAnswer),
        (status = 400, description = "Not JSON as strict readers take it", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Organization, store or widget is not the key's own", body = ProblemDocument),
        (status = 413, description = "Larger than 64 KiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong; `errors` has every fault", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn record(
    State(app): State<App>,
    WriteKey(caller): WriteKey,
    JsonBody(body): JsonBody<VISUALIZATION_BYTES_MAX>,
) -> Result<JsonAnswer<RecordedAnswer>, Problem> {
    let now = ambient::now();
    let json = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
    let sent = parse_server(&json, now)
        .map_err(|faults| Problem::content(faults.into_iter().map(Fault::from).collect()))?;
    let (tenant, widget) = authorize(&app, &caller, &sent).await?;
    let id = sent.id.unwrap_or_else(|| public_id(ambient::new_id()));
    let new = NewVisualization {
        tenant,
        visualization: Visualization {
            id: id.clone(),
            widget,
            visitor: Some(sent.visitor),
            session: Some(sent.session),
            products: sent.products,
            at: sent.at,
        },
        renderer: None,
        picture: None,
        received_at: now,
        sample: false,
    };
    let recorded = app.store.record_visualization(new).await?;
    Ok(JsonAnswer(RecordedAnswer {
        success: true,
        visualization_id: id.to_string(),
        result: result(recorded.created),
        warnings: sent
            .warnings
            .into_iter()
            .map(|warning| NoteAnswer::from(selektable_domain::report::DeliveryFault::from(warning)))
            .collect(),
    }))
}

async fn authorize(
    app: &App,
    caller: &Caller,
    sent: &ServerVisualization,
) -> Result<(Tenant, WidgetId), Problem> {
    let own = caller.organization.to_string();
    if sent.organization_id.as_ref().is_some_and(|organization| *organization != own) {
        return Err(forbidden());
    }
    let tenant = own_store(app, caller.organization, &sent.store_id).await?;
    let store = app.store.store(tenant).await?;
    let known = |widget: &WidgetId| store.widgets.iter().any(|one| one.id == *widget);
    let widget = sent.widget_id.parse().ok().filter(known).ok_or_else(forbidden)?;
    Ok((tenant, widget))
}
