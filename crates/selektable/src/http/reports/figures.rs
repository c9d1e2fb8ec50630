//! `GET …/summary` and `GET …/timeseries`: the totals of a range, whole or cut into hours, days or weeks of the
//! store's time zone.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::attribution::Reason;
use selektable_domain::report::{DateBasis, Lens, SeriesBucket, Summary};
use selektable_domain::time::{DAY_MS, Interval, buckets};
use serde::Serialize;
use utoipa::ToSchema;

use super::csv_page::{CsvPage, lines};
use super::parameters::{fault_of, instant};
use super::scope::{Scope, csv, json};
use super::wire::{RevenueAnswer, TypeCountsAnswer};
use crate::ambient;
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

/// Days of a time series when nobody says how many.
const SERIES_DAYS_DEFAULT: i64 = 30;

/// The totals of a range. Test orders are left out; conversions leave out cancelled ones.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SummaryAnswer {
    /// Visualizations made.
    pub visualizations: u64,
    /// Distinct visitors who made them.
    pub visitors: u64,
    /// Conversions of all types.
    pub conversions: u64,
    /// Conversions by type.
    pub by_type: TypeCountsAnswer,
    /// Unattributed conversions by reason, most first.
    pub unattributed: Vec<ReasonCountAnswer>,
    /// Money, one entry a currency.
    pub revenue: Vec<RevenueAnswer>,
    /// Versions of the rules that decided these conversions, and how many each.
    pub ruleset_versions: Vec<VersionCountAnswer>,
}

/// How many conversions a version of the rules decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionCountAnswer {
    /// The version.
    pub version: u32,
    /// Conversions.
    pub conversions: u64,
}

/// How often a reason holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReasonCountAnswer {
    /// Such as `never_visualized`.
    pub reason: &'static str,
    /// Conversions.
    pub conversions: u64,
}

/// A time series; every bucket of the range is there, also empty ones.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeriesAnswer {
    /// `hour`, `day` or `week`.
    pub interval: &'static str,
    /// The store's zone, which the buckets follow.
    #[schema(example = "Europe/Amsterdam")]
    pub time_zone: String,
    /// The buckets, oldest first. They touch.
    pub data: Vec<BucketAnswer>,
}

/// One hour, day or week.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BucketAnswer {
    /// First instant.
    pub from: String,
    /// First instant after.
    pub to: String,
    /// Visualizations made.
    pub visualizations: u64,
    /// Conversions of all types.
    pub conversions: u64,
    /// Conversions by type.
    pub by_type: TypeCountsAnswer,
    /// Money, one entry a currency.
    pub revenue: Vec<RevenueAnswer>,
}

impl From<(Reason, u64)> for ReasonCountAnswer {
    fn from((reason, conversions): (Reason, u64)) -> Self {
        Self { reason: reason.code(), conversions }
    }
}

impl From<Summary> for SummaryAnswer {
    fn from(summary: Summary) -> Self {
        let unattributed = summary.unattributed.into_iter();
        Self {
            visualizations: summary.visualizations,
            visitors: summary.visitors,
            conversions: summary.by_type.total(),
            by_type: summary.by_type.into(),
            unattributed: unattributed.map(ReasonCountAnswer::from).collect(),
            revenue: summary.revenue.iter().map(RevenueAnswer::from).collect(),
            ruleset_versions: summary
                .ruleset_versions
                .into_iter()
                .map(|(version, conversions)| VersionCountAnswer { version, conversions })
                .collect(),
        }
    }
}

impl From<SeriesBucket> for BucketAnswer {
    fn from(bucket: SeriesBucket) -> Self {
        Self {
            from: bucket.range.from.to_rfc3339(),
            to: bucket.range.to.to_rfc3339(),
            visualizations: bucket.visualizations,
            conversions: bucket.by_type.total(),
            by_type: bucket.by_type.into(),
            revenue: bucket.revenue.iter().map(RevenueAnswer::from).collect(),
        }
    }
}

/// Totals of a range
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/summary",
    operation_id = "summary",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
        ("widgetId" = Option<String>, Query, description = "Only its visualizations, and conversions credited to it at their share"),
        ("dateBy" = Option<String>, Query, description = "`order` (when missing): everything by the order's date; `refund`: a refund lowers the day it was made"),
        ("asOf" = Option<String>, Query, description = "As known at this instant (RFC 3339): later facts and decisions are not there; now when missing"),
    ),
    responses(
        (status = 200, description = "The totals; CSV, a row a currency, when `Accept` asks for `text/csv`", body = SummaryAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn summary(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let range = scope.parameters.range();
    let lens = lens(&mut scope);
    scope.parameters.check()?;
    let answer = SummaryAnswer::from(app.store.summary(scope.tenant, range, lens).await?);
    if !scope.csv {
        return json(&answer);
    }
    let mut table = CsvPage::new(&[&COUNT_COLUMNS[..], &["visitors"], &MONEY_COLUMNS[..]].concat());
    for money in lines(&answer.revenue) {
        write_counts(&mut table, answer.visualizations, answer.conversions, &answer.by_type);
        table.number(i128::from(answer.visitors));
        write_money(&mut table, money);
    }
    csv(table, None)
}

/// Totals over time
///
/// Hours, days and weeks (from Monday) are those of the store's time zone; the first bucket holds `from`, the last
/// one ends at or after `to`.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/timeseries",
    operation_id = "timeseries",
    tag = "Reports",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("interval" = Option<String>, Query, description = "`hour`, `day` (when missing) or `week`"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); 30 days before `to` when missing"),
        ("to" = Option<String>, Query, description = "First instant after; now when missing"),
        ("widgetId" = Option<String>, Query, description = "Only its visualizations, and conversions credited to it at their share"),
        ("dateBy" = Option<String>, Query, description = "`order` (when missing): everything by the order's date; `refund`: a refund lowers the day it was made"),
        ("asOf" = Option<String>, Query, description = "As known at this instant (RFC 3339): later facts and decisions are not there; now when missing"),
    ),
    responses(
        (status = 200, description = "At most 2,000 buckets; CSV, a row a bucket and currency, when `Accept` asks for `text/csv`", body = SeriesAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read, or too many buckets", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn timeseries(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let interval = scope.parameters.one_of("interval", "hour, day and week", interval_of);
    let interval = interval.unwrap_or(Interval::Day);
    // What happens in this very millisecond belongs to the range.
    let range = scope.parameters.recent_range(ambient::now().plus_millis(1), SERIES_DAYS_DEFAULT * DAY_MS);
    let lens = lens(&mut scope);
    scope.parameters.check()?;
    let zone = &scope.store.settings.zone;
    let cut = buckets(range, interval, zone)
        .map_err(|fault| Problem::content(vec![fault_of("from", ("too_many_buckets", fault.to_string()))]))?;
    let series = app.store.series(scope.tenant, cut, lens).await?;
    let data: Vec<BucketAnswer> = series.into_iter().map(BucketAnswer::from).collect();
    if scope.csv {
        return csv(series_table(&data), None);
    }
    json(&SeriesAnswer { interval: interval_code(interval), time_zone: zone.name().to_owned(), data })
}

/// How the caller wants the figures read.
fn lens(scope: &mut Scope) -> Lens {
    let dates = scope.parameters.one_of("dateBy", "order and refund", DateBasis::from_code);
    let as_of = scope.parameters.optional("asOf", instant);
    Lens { widget: scope.widget(), dates: dates.unwrap_or_default(), as_of }
}

const COUNT_COLUMNS: [&str; 5] = ["visualizations", "conversions", "direct", "assisted", "none"];
const MONEY_COLUMNS: [&str; 7] = [
    "currency",
    "grossCents",
    "refundedCents",
    "netCents",
    "directCents",
    "assistedCents",
    "provisionalCents",
];

fn series_table(data: &[BucketAnswer]) -> CsvPage {
    let mut table = CsvPage::new(&[&["from", "to"], &COUNT_COLUMNS[..], &MONEY_COLUMNS[..]].concat());
    for bucket in data {
        for money in lines(&bucket.revenue) {
            table.text(&bucket.from).text(&bucket.to);
            write_counts(&mut table, bucket.visualizations, bucket.conversions, &bucket.by_type);
            write_money(&mut table, money);
        }
    }
    table
}

fn write_counts(table: &mut CsvPage, visualizations: u64, conversions: u64, by_type: &TypeCountsAnswer) {
    for count in [visualizations, conversions, by_type.direct, by_type.assisted, by_type.none] {
        table.number(i128::from(count));
    }
}

fn write_money(table: &mut CsvPage, money: Option<&RevenueAnswer>) {
    table.maybe(money.map(|money| money.currency));
    table.number(money.map(|money| money.gross_cents));
    table.number(money.map(|money| money.refunded_cents));
    table.number(money.map(|money| money.net_cents));
    table.number(money.map(|money| money.direct_cents));
    table.number(money.map(|money| money.assisted_cents));
    table.number(money.map(|money| money.provisional_cents));
    table.end_row();
}

fn interval_of(text: &str) -> Option<Interval> {
    [Interval::Hour, Interval::Day, Interval::Week].into_iter().find(|known| interval_code(*known) == text)
}

const fn interval_code(interval: Interval) -> &'static str {
    match interval {
        Interval::Hour => "hour",
        Interval::Day => "day",
        Interval::Week => "week",
    }
}
