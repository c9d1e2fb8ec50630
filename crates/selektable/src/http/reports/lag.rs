//! `GET …/lag`: how long shoppers take from a visualization to a conversion, and what other windows would credit.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::report::lag::{LagBar, LagReport, SAFARI_STORAGE_DAYS, SafariNote, WindowAdvice};
use serde::Serialize;
use utoipa::ToSchema;

use super::csv_page::{CsvPage, lines};
use super::models::CreditedAnswer;
use super::scope::{Scope, csv, json};
use super::wire::seconds;
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

const COLUMNS: [&str; 8] =
    ["windowSeconds", "inForce", "direct", "assisted", "none", "currency", "directCents", "assistedCents"];

/// Time to conversion, also past the window.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LagAnswer {
    /// Conversions looked at.
    pub conversions: u64,
    /// The curve's bars, shortest first.
    pub curve: Vec<LagBarAnswer>,
    /// Half of the direct conversions came within this long; null without direct ones.
    pub median_direct_seconds: Option<i64>,
    /// 90 % of the direct conversions did.
    pub p90_direct_seconds: Option<i64>,
    /// What each window would credit, shortest first; the one in force is among them.
    pub windows: Vec<WindowAnswer>,
    /// What Safari hides.
    pub safari: SafariAnswer,
}

/// Conversions whose latest visualization was made longer ago than the bar before, and at most this long.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LagBarAnswer {
    /// Upper end, included.
    pub up_to_seconds: i64,
    /// By their latest visualization of a bought product.
    pub direct: u64,
    /// Without such a one: by their latest visualization of anything.
    pub other: u64,
}

/// What one window would credit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WindowAnswer {
    /// The window.
    pub window_seconds: i64,
    /// Whether it is the one in force.
    pub in_force: bool,
    /// Conversions that would be direct.
    pub direct: u64,
    /// Conversions that would be assisted.
    pub assisted: u64,
    /// Conversions that would not be attributed.
    pub none: u64,
    /// Net amounts of those that would be direct and assisted, one entry a currency.
    pub revenue: Vec<CreditedAnswer>,
}

/// Safari deletes what a site's scripts stored after seven days without a visit: a shopper who comes back later is
/// another visitor, unless the shop says who they are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SafariAnswer {
    /// Days after which Safari deletes.
    pub storage_days: i64,
    /// Conversions of known users whose latest visualization is older than that: none of these would be hidden.
    pub late_known_users: u64,
    /// The same by browsers alone: those in Safari that are like these are missing.
    pub late_browsers: u64,
    /// Unattributed conversions of browsers that never visualized or were never seen: the missing ones are here.
    pub strangers: u64,
}

impl From<&LagReport> for LagAnswer {
    fn from(report: &LagReport) -> Self {
        Self {
            conversions: report.conversions,
            curve: report.curve.iter().map(LagBarAnswer::from).collect(),
            median_direct_seconds: report.median_direct_ms.map(seconds),
            p90_direct_seconds: report.p90_direct_ms.map(seconds),
            windows: report.windows.iter().map(WindowAnswer::from).collect(),
            safari: report.safari.into(),
        }
    }
}

impl From<&LagBar> for LagBarAnswer {
    fn from(bar: &LagBar) -> Self {
        Self { up_to_seconds: seconds(bar.up_to_ms), direct: bar.direct, other: bar.other }
    }
}

impl From<&WindowAdvice> for WindowAnswer {
    fn from(advice: &WindowAdvice) -> Self {
        let revenue = advice.revenue.iter().map(|line| CreditedAnswer {
            currency: line.currency.code(),
            direct_cents: line.direct_minor,
            assisted_cents: line.assisted_minor,
        });
        Self {
            window_seconds: seconds(advice.window.as_millis()),
            in_force: advice.in_force,
            direct: advice.direct,
            assisted: advice.assisted,
            none: advice.none,
            revenue: revenue.collect(),
        }
    }
}

impl From<SafariNote> for SafariAnswer {
    fn from(note: SafariNote) -> Self {
        Self {
            storage_days: SAFARI_STORAGE_DAYS,
            late_known_users: note.late_known_users,
            late_browsers: note.late_browsers,
            strangers: note.strangers,
        }
    }
}

/// Time to conversion, and advice on the window
///
/// Visualizations are kept longer than the window, so what every other window would credit is exact.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/lag",
    operation_id = "lag",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
    ),
    responses(
        (status = 200, description = "The curve and the windows; CSV, a row a window and currency, when `Accept` asks for `text/csv`", body = LagAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn lag(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let range = scope.parameters.range();
    scope.parameters.check()?;
    let answer = LagAnswer::from(&app.store.lag(scope.tenant, range).await?);
    if scope.csv { csv(table(&answer.windows), None) } else { json(&answer) }
}

fn table(windows: &[WindowAnswer]) -> CsvPage {
    let mut table = CsvPage::new(&COLUMNS);
    for window in windows {
        for money in lines(&window.revenue) {
            table
                .number(i128::from(window.window_seconds))
                .flag(window.in_force)
                .number(i128::from(window.direct))
                .number(i128::from(window.assisted))
                .number(i128::from(window.none))
                .maybe(money.map(|money| money.currency))
                .number(money.map(|money| money.direct_cents))
                .number(money.map(|money| money.assisted_cents))
                .end_row();
        }
    }
    table
}
