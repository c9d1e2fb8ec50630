//! `GET …/products` and `GET …/near-misses`: which products are bought after being seen, and which orders would be
//! direct if two ids were one product.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::report::products::{LineMoney, MissedMoney, NearMiss, ProductRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::csv_page::{CsvPage, lines};
use super::models::NetAnswer;
use super::scope::{Scope, csv, json};
use super::wire::PageAnswer;
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

const PRODUCT_COLUMNS: [&str; 7] = [
    "productId",
    "visualizations",
    "ordered",
    "orderedAfterVisualization",
    "currency",
    "linesCents",
    "visualizedCents",
];
const NEAR_MISS_COLUMNS: [&str; 6] =
    ["orderedProductId", "visualizedProductId", "conversions", "exampleOrderId", "currency", "netCents"];

/// One product, under the name of its group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductRowAnswer {
    /// The product that names the group.
    pub product_id: String,
    /// Visualizations that showed it.
    pub visualizations: u64,
    /// Conversions with a line of it.
    pub ordered: u64,
    /// Those whose person visualized it in the window before.
    pub ordered_after_visualization: u64,
    /// Money of its lines, one entry a currency.
    pub revenue: Vec<LineMoneyAnswer>,
}

/// Lines of one currency. Refunds can't be told by line and are not taken off.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LineMoneyAnswer {
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: &'static str,
    /// Every line of the product whose order counts as revenue.
    #[schema(value_type = i64)]
    pub lines_cents: i128,
    /// Those of orders whose person visualized it in the window before.
    #[schema(value_type = i64)]
    pub visualized_cents: i128,
}

/// Assisted orders that would be direct if two ids were one product.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NearMissAnswer {
    /// The id that was ordered.
    #[schema(example = "456")]
    pub ordered_product_id: String,
    /// The id that was visualized before, in the window.
    #[schema(example = "123")]
    pub visualized_product_id: String,
    /// How many orders.
    pub conversions: u64,
    /// Their money, one entry a currency.
    pub revenue: Vec<NetAnswer>,
    /// The latest of them.
    pub example_order_id: String,
}

impl From<&ProductRow> for ProductRowAnswer {
    fn from(row: &ProductRow) -> Self {
        Self {
            product_id: row.product.to_string(),
            visualizations: row.visualizations,
            ordered: row.ordered,
            ordered_after_visualization: row.ordered_after_visualization,
            revenue: row.money.iter().map(LineMoneyAnswer::from).collect(),
        }
    }
}

impl From<&LineMoney> for LineMoneyAnswer {
    fn from(line: &LineMoney) -> Self {
        Self {
            currency: line.currency.code(),
            lines_cents: line.lines_minor,
            visualized_cents: line.visualized_minor,
        }
    }
}

impl From<&MissedMoney> for NetAnswer {
    fn from(line: &MissedMoney) -> Self {
        Self { currency: line.currency.code(), net_cents: line.net_minor }
    }
}

impl From<&NearMiss> for NearMissAnswer {
    fn from(miss: &NearMiss) -> Self {
        Self {
            ordered_product_id: miss.ordered.to_string(),
            visualized_product_id: miss.visualized.to_string(),
            conversions: miss.conversions,
            revenue: miss.money.iter().map(NetAnswer::from).collect(),
            example_order_id: miss.example.to_string(),
        }
    }
}

/// Products, shown and bought
///
/// At most 500, the most ordered after a visualization first. Variants of one product are one row.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/products",
    operation_id = "products",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
    ),
    responses(
        (status = 200, description = "The products, `nextCursor` always null; CSV, a row a product and currency, when `Accept` asks for `text/csv`", body = PageAnswer<ProductRowAnswer>),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn products(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let range = scope.parameters.range();
    scope.parameters.check()?;
    let found = app.store.products(scope.tenant, range).await?;
    if scope.csv {
        return csv(product_table(&found), None);
    }
    let data: Vec<_> = found.iter().map(ProductRowAnswer::from).collect();
    json(&PageAnswer { data, next_cursor: None })
}

/// Orders that one alias would make direct
///
/// At most 50 pairs of product ids, those of most orders first: assisted orders that would be direct if the ordered
/// id and the visualized id were one product. `PUT …/aliases` makes them one.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/near-misses",
    operation_id = "nearMisses",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
    ),
    responses(
        (status = 200, description = "The pairs, `nextCursor` always null; CSV, a row a pair and currency, when `Accept` asks for `text/csv`", body = PageAnswer<NearMissAnswer>),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn near_misses(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let range = scope.parameters.range();
    scope.parameters.check()?;
    let found = app.store.near_misses(scope.tenant, range).await?;
    if scope.csv {
        return csv(near_miss_table(&found), None);
    }
    let data: Vec<_> = found.iter().map(NearMissAnswer::from).collect();
    json(&PageAnswer { data, next_cursor: None })
}

fn product_table(rows: &[ProductRow]) -> CsvPage {
    let mut table = CsvPage::new(&PRODUCT_COLUMNS);
    for row in rows {
        for money in lines(&row.money) {
            table
                .text(row.product.as_str())
                .number(i128::from(row.visualizations))
                .number(i128::from(row.ordered))
                .number(i128::from(row.ordered_after_visualization))
                .maybe(money.map(|money| money.currency.code()))
                .number(money.map(|money| money.lines_minor))
                .number(money.map(|money| money.visualized_minor))
                .end_row();
        }
    }
    table
}

fn near_miss_table(rows: &[NearMiss]) -> CsvPage {
    let mut table = CsvPage::new(&NEAR_MISS_COLUMNS);
    for row in rows {
        for money in lines(&row.money) {
            table
                .text(row.ordered.as_str())
                .text(row.visualized.as_str())
                .number(i128::from(row.conversions))
                .text(row.example.as_str())
                .maybe(money.map(|money| money.currency.code()))
                .number(money.map(|money| money.net_minor))
                .end_row();
        }
    }
    table
}
