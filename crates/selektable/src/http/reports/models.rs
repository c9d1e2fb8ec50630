//! `GET …/models`: the same conversions under every attribution model, side by side.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::report::models::{
    Credited, CreditedMoney, ModelColumn, ModelShare, ModelsReport, UnattributedMoney,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::csv_page::{CsvPage, lines};
use super::figures::ReasonCountAnswer;
use super::scope::{Scope, csv, json};
use super::wire::{TypeCountsAnswer, decimal, summed_weight};
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

const COLUMNS: [&str; 8] =
    ["model", "inForce", "credited", "id", "weight", "currency", "directCents", "assistedCents"];

/// The comparison. Types and totals are equal under every model: a model only shares credit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelsAnswer {
    /// Conversions of all types.
    pub conversions: u64,
    /// Conversions by type.
    pub by_type: TypeCountsAnswer,
    /// One entry a model.
    pub models: Vec<ModelAnswer>,
    /// Unattributed conversions by reason, most first.
    pub unattributed: Vec<ReasonCountAnswer>,
    /// Their net revenue, one entry a currency.
    pub unattributed_revenue: Vec<NetAnswer>,
}

/// One model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelAnswer {
    /// `last_touch`, `first_touch`, `linear`, `position_based` or `time_decay`.
    pub model: &'static str,
    /// Whether it is the one in force.
    pub in_force: bool,
    /// What each widget gets.
    pub widgets: Vec<WidgetShareAnswer>,
    /// What each product that was shown gets; the 50 with most weight under the model in force.
    pub products: Vec<ProductShareAnswer>,
    /// Sum over the widgets, one entry a currency.
    pub total: Vec<CreditedAnswer>,
}

/// A widget's part.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WidgetShareAnswer {
    /// The widget.
    pub widget_id: String,
    /// Sum of its shares: 1.5 is one and a half conversions.
    pub weight: f64,
    /// Money, one entry a currency.
    pub revenue: Vec<CreditedAnswer>,
}

/// A product's part.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductShareAnswer {
    /// The product that names the group.
    pub product_id: String,
    /// Sum of its shares: 1.5 is one and a half conversions.
    pub weight: f64,
    /// Money, one entry a currency.
    pub revenue: Vec<CreditedAnswer>,
}

/// Attributed money of one currency. Direct and assisted stand side by side and are never added.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreditedAnswer {
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: &'static str,
    /// Attributed to direct conversions.
    #[schema(value_type = i64)]
    pub direct_cents: i128,
    /// Attributed to assisted conversions.
    #[schema(value_type = i64)]
    pub assisted_cents: i128,
}

/// Net money of one currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetAnswer {
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: &'static str,
    /// Net of the orders that count as revenue.
    #[schema(value_type = i64)]
    pub net_cents: i128,
}

impl From<&ModelsReport> for ModelsAnswer {
    fn from(report: &ModelsReport) -> Self {
        Self {
            conversions: report.by_type.total(),
            by_type: report.by_type.into(),
            models: report.models.iter().map(ModelAnswer::from).collect(),
            unattributed: report.unattributed.iter().copied().map(ReasonCountAnswer::from).collect(),
            unattributed_revenue: report.unattributed_money.iter().map(NetAnswer::from).collect(),
        }
    }
}

impl From<&ModelColumn> for ModelAnswer {
    fn from(column: &ModelColumn) -> Self {
        let (mut widgets, mut products) = (Vec::new(), Vec::new());
        for share in &column.shares {
            let (weight, revenue) = (summed_weight(share.weight), credited(&share.money));
            match &share.credited {
                Credited::Widget(id) => {
                    widgets.push(WidgetShareAnswer { widget_id: id.to_string(), weight, revenue });
                }
                Credited::Product(id) => {
                    products.push(ProductShareAnswer { product_id: id.to_string(), weight, revenue });
                }
            }
        }
        Self {
            model: column.model.code(),
            in_force: column.in_force,
            widgets,
            products,
            total: credited(&column.total),
        }
    }
}

fn credited(money: &[CreditedMoney]) -> Vec<CreditedAnswer> {
    let answer = |line: &CreditedMoney| CreditedAnswer {
        currency: line.currency.code(),
        direct_cents: line.direct_minor,
        assisted_cents: line.assisted_minor,
    };
    money.iter().map(answer).collect()
}

impl From<&UnattributedMoney> for NetAnswer {
    fn from(line: &UnattributedMoney) -> Self {
        Self { currency: line.currency.code(), net_cents: line.net_minor }
    }
}

/// Every model, side by side
///
/// The same conversions under last touch, first touch, linear, position based and time decay, with what is not
/// attributed.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/models",
    operation_id = "models",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
    ),
    responses(
        (status = 200, description = "The comparison; CSV, a row a model, credited thing and currency, when `Accept` asks for `text/csv`", body = ModelsAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn models(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let range = scope.parameters.range();
    scope.parameters.check()?;
    let report = app.store.models(scope.tenant, range).await?;
    if scope.csv { csv(table(&report), None) } else { json(&ModelsAnswer::from(&report)) }
}

fn table(report: &ModelsReport) -> CsvPage {
    let mut table = CsvPage::new(&COLUMNS);
    for column in &report.models {
        for share in &column.shares {
            write_share(&mut table, column, share);
        }
    }
    table
}

fn write_share(table: &mut CsvPage, column: &ModelColumn, share: &ModelShare) {
    let (what, id) = match &share.credited {
        Credited::Widget(id) => ("widget", id.to_string()),
        Credited::Product(id) => ("product", id.to_string()),
    };
    for money in lines(&share.money) {
        table
            .text(column.model.code())
            .flag(column.in_force)
            .text(what)
            .text(&id)
            .text(&decimal(share.weight))
            .maybe(money.map(|money| money.currency.code()))
            .number(money.map(|money| money.direct_minor))
            .number(money.map(|money| money.assisted_minor))
            .end_row();
    }
}
