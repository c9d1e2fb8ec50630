//! `…/aliases`: which product ids are one product, as the store's table and its facts say.

use axum::extract::{FromRequest, Path, Request, State};
use axum::response::Response;
use http::{StatusCode, header};
use mime::Mime;
use selektable_domain::json::{self, Limits};
use selektable_domain::opaque::ProductId;
use selektable_domain::products::{AskedAlias, parse_aliases};
use selektable_domain::report::products::{AliasOrigin, AliasRow};
use selektable_store::rules::{ALIAS_CHANGES_MAX, AliasChange, AliasSays};
use serde::Serialize;
use utoipa::ToSchema;

use super::alias_csv;
use super::wire::AliasesSetAnswer;
use crate::ambient;
use crate::app::App;
use crate::http::body;
use crate::http::orders::not_json;
use crate::http::problem::{Fault, Problem, ProblemDocument};
use crate::http::reports::csv_page::CsvPage;
use crate::http::reports::cursor;
use crate::http::reports::scope::{Scope, WriteScope, csv, json};
use crate::http::reports::wire::PageAnswer;

/// Largest body: [`ALIAS_CHANGES_MAX`] lines of the longest ids, escaped.
const ALIASES_BYTES_MAX: usize = 8 * 1024 * 1024;
const COLUMNS: [&str; 3] = ["variantId", "productId", "origin"];

/// What is known of one product id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AliasAnswer {
    /// The id.
    #[schema(example = "456")]
    pub variant_id: String,
    /// What it is a variant of; null when the table says that it is a product of its own.
    #[schema(example = "123")]
    pub product_id: Option<String>,
    /// `table` (the store's own), `carried` (visualizations or orders carried both ids) or `contradicted` (they
    /// contradict each other, so it does not count until the table decides).
    pub origin: &'static str,
}

impl From<&AliasRow> for AliasAnswer {
    fn from(row: &AliasRow) -> Self {
        Self {
            variant_id: row.variant.to_string(),
            product_id: row.product.as_ref().map(ToString::to_string),
            origin: match row.origin {
                AliasOrigin::Table => "table",
                AliasOrigin::Carried => "carried",
                AliasOrigin::Contradicted => "contradicted",
            },
        }
    }
}

/// Changes of the alias table, as JSON or as CSV.
pub(super) struct AliasesBody(Vec<AskedAlias>);

impl FromRequest<App> for AliasesBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        body::require_media_type(request.headers(), &[mime::APPLICATION_JSON, mime::TEXT_CSV])?;
        let declared = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_csv = declared
            .and_then(|text| text.parse::<Mime>().ok())
            .is_some_and(|found| found.essence_str() == mime::TEXT_CSV.essence_str());
        let body = body::read(request, ALIASES_BYTES_MAX).await?;
        if is_csv {
            return alias_csv::read(&body, ALIAS_CHANGES_MAX).map(Self);
        }
        let read = json::parse(&body, Limits::SINGLE).map_err(|fault| not_json(&fault))?;
        parse_aliases(&read, ALIAS_CHANGES_MAX).map(Self).map_err(Fault::all)
    }
}

/// The alias table
///
/// By variant id: the store's own lines, and what visualizations and orders carried.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/aliases",
    operation_id = "listAliases",
    tag = "Rules",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200, usually 50"),
    ),
    responses(
        (status = 200, description = "A page; CSV when `Accept` asks for `text/csv`", body = PageAnswer<AliasAnswer>),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn list(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let after = scope.parameters.cursor(cursor::read_alias);
    let limit = scope.parameters.limit();
    scope.parameters.check()?;
    // One more than asked for shows whether there is a next page.
    let mut rows = app.store.aliases(scope.tenant, after, limit + 1).await?;
    let asked = limit as usize;
    let more = rows.len() > asked;
    rows.truncate(asked);
    let next = rows.last().filter(|_| more).map(|last| cursor::write_alias(&last.variant));
    if scope.csv {
        let link = next.and_then(|next| scope.link_to(&next));
        return csv(table(&rows), link);
    }
    json(&PageAnswer { data: rows.iter().map(AliasAnswer::from).collect(), next_cursor: next })
}

fn table(rows: &[AliasRow]) -> CsvPage {
    let mut table = CsvPage::new(&COLUMNS);
    for row in rows.iter().map(AliasAnswer::from) {
        table.text(&row.variant_id).maybe(row.product_id.as_deref()).text(row.origin).end_row();
    }
    table
}

/// Say which ids are one product
///
/// At most 10,000 lines, all or none; conversions they touch are decided again. A line's `productId` is the product,
/// `null` for a product of its own, or missing to take the line out of the table. As `text/csv` with the columns
/// `variantId` and `productId` (empty for a product of its own), faults are told with `/line/N`.
#[utoipa::path(
    put,
    path = "/api/v1/stores/{storeId}/aliases",
    operation_id = "setAliases",
    tag = "Rules",
    params(("storeId" = String, Path, description = "One of the organization's stores")),
    request_body(content(
        (crate::http::openapi::rules_bodies::AliasesBody = "application/json"),
        (String = "text/csv"),
    )),
    responses(
        (status = 200, description = "The table is changed", body = AliasesSetAnswer),
        (status = 400, description = "Not JSON as strict readers take it, or no CSV", body = ProblemDocument),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 413, description = "Larger than 8 MiB", body = ProblemDocument),
        (status = 415, description = "Not `application/json` or `text/csv` in UTF-8", body = ProblemDocument),
        (status = 422, description = "The content is wrong; `errors` has every fault", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn set(
    State(app): State<App>,
    scope: WriteScope,
    AliasesBody(asked): AliasesBody,
) -> Result<Response, Problem> {
    change(&app, &scope, asked.into_iter().map(change_of).collect()).await
}

/// Take a line out of the alias table
///
/// What facts carry of the id counts again. Taking out what is not there changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/stores/{storeId}/aliases/{variantId}",
    operation_id = "removeAlias",
    tag = "Rules",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("variantId" = String, Path, description = "The id, percent-encoded (`a/b` as `a%2Fb`)"),
    ),
    responses(
        (status = 200, description = "The line is not there", body = AliasesSetAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store, or the key only reads", body = ProblemDocument),
        (status = 404, description = "A text that can't be a product's id", body = ProblemDocument),
        (status = 503, description = "Storage down or full; nothing was stored", body = ProblemDocument),
    ),
    security(("write" = []))
)]
pub(super) async fn remove(
    State(app): State<App>,
    scope: WriteScope,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    let Path((_, variant)) = path.map_err(|_| no_id())?;
    let variant = ProductId::parse(&variant).map_err(|_| no_id())?;
    change(&app, &scope, vec![AliasChange { variant, says: AliasSays::Nothing }]).await
}

async fn change(app: &App, scope: &WriteScope, changes: Vec<AliasChange>) -> Result<Response, Problem> {
    let set = app.store.set_aliases(scope.tenant, changes, ambient::now()).await?;
    json(&AliasesSetAnswer::from(set))
}

fn change_of(AskedAlias { variant, table }: AskedAlias) -> AliasChange {
    let says = match table {
        Some(Some(product)) => AliasSays::VariantOf(product),
        Some(None) => AliasSays::OwnProduct,
        None => AliasSays::Nothing,
    };
    AliasChange { variant, says }
}

fn no_id() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "This text can't be a product's id.")
}
