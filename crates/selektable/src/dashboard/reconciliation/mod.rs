//! What the platform has and we don't: orders looked up at the platform itself, compared and brought in, and how its
//! deliveries go.

mod access;
mod health;
mod lines;
mod runs;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use http::StatusCode;
use jiff::ToSpan;
use selektable_domain::report::connection;
use selektable_domain::time::Timestamp;
use selektable_store::platforms::{PullMode, PullRun};

use super::access::InStore;
use super::answer::Answer;
use super::connect::{self, platform_of};
use super::error::PageError;
use super::form::{Asked, Faults, Field, Input, Posted, Values};
use super::page::{PageResult, Shell, StoreTab, address, page, page_with, see};
use super::period::{day_start, parse_date, today};
use crate::ambient;
use crate::app::App;
use crate::pulls::StartFault;
use access::AccessForm;
use health::HealthView;
use lines::LineRow;
use runs::RunRow;

/// Days back that are suggested: what a shop that looks in once a week has missed.
const SINCE_DAYS: i64 = 7;

/// The form's field for the day.
const SINCE: &str = "since";

/// The page's routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/stores/{store}/reconciliation", get(show).post(start))
        .route("/stores/{store}/reconciliation/access", post(access::save))
        .route("/stores/{store}/reconciliation/access/forget", post(access::forget))
}

#[derive(Template)]
#[template(path = "dashboard/reconciliation.html")]
struct ReconciliationPage {
    shell: Shell,
    path: String,
    platform: &'static str,
    saved: bool,
    faults: Faults,
    answer: Answer,
    is_running: bool,
    runs: Vec<RunRow>,
    lines: Vec<LineRow>,
    lines_cut: bool,
    lines_of: Option<String>,
    since: Field,
    access: AccessForm,
    health: HealthView,
}

/// `GET /stores/{store}/reconciliation`; with `run`, the lines of an earlier one.
async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    page(&view(&app, &place, &asked, Faults::default()).await?)
}

async fn view(
    app: &App,
    place: &InStore,
    values: &Values,
    faults: Faults,
) -> Result<ReconciliationPage, PageError> {
    let platform = platform_of(place)?;
    // Asked before the runs are read: a pull that ends between the two would be taken for an interrupted one.
    let is_running = app.pulls.is_running(&app.store, place.store.id).await?;
    let (pulls, link, (health, diagnosis)) = futures::try_join!(
        app.store.pulls(place.tenant),
        app.store.platform_link(place.tenant),
        connect::read_standing(app, place, platform),
    )?;
    let zone = &place.store.settings.zone;
    let path = address::store(place.store.id, "/reconciliation");
    let shown = shown_run(&pulls, values, is_running);
    let lines = match shown {
        Some(run) => lines::rows(app, place, run).await?,
        None => Vec::new(),
    };
    Ok(ReconciliationPage {
        shell: Shell::store("Reconciliation", place, StoreTab::Reconciliation),
        platform: crate::words::platform::platform(place.store.platform),
        saved: values.ticked("saved"),
        answer: runs::answer(pulls.first(), is_running, place),
        is_running,
        lines_cut: shown.is_some_and(lines::is_cut),
        lines_of: shown.filter(|_| !lines.is_empty()).map(|run| runs::title(run, zone)),
        lines,
        runs: runs::rows(&pulls, is_running, place, &path),
        since: since_field(place, values, &faults),
        access: access::form(place, link.access.as_ref(), values, &faults, &path),
        health: health::view(&health, &diagnosis, place),
        path,
        faults,
    })
}

/// The run whose lines are shown: the one asked for, else the newest that found something, since most hours find
/// nothing; none while it goes on.
fn shown_run<'a>(pulls: &'a [PullRun], values: &Values, is_running: bool) -> Option<&'a PullRun> {
    let asked: Option<i64> = values.get("run").parse().ok();
    let found = match asked {
        Some(at) => pulls.iter().find(|run| run.started_at.as_millis() == at),
        None => pulls.iter().find(|run| !runs::is_quiet(run)),
    };
    found.filter(|run| !(is_running && pulls.first() == Some(*run)))
}

fn since_field(place: &InStore, values: &Values, faults: &Faults) -> Field {
    let zone = &place.store.settings.zone;
    let suggested = today(zone, ambient::now()).saturating_sub(SINCE_DAYS.days()).to_string();
    let typed = values.get(SINCE);
    Field::line(SINCE, "Orders changed since")
        .input(Input::Line("date"))
        .hint(format!("From the beginning of this day in {}.", zone.name()))
        .value(if typed.is_empty() { suggested } else { typed.to_owned() })
        .judged(faults)
}

/// `POST /stores/{store}/reconciliation`: begins to compare, or to bring in.
async fn start(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    platform_of(&place)?;
    let mut faults = Faults::default();
    let since = judge_since(&place, &values, &mut faults);
    let mode = PullMode::from_code(values.get("mode")).ok_or(PageError::BadForm)?;
    if let Some(since) = since {
        match app.pulls.start(&app, place.tenant, since, mode).await {
            Ok(()) => return Ok(see(&address::store(place.store.id, "/reconciliation"))),
            Err(StartFault::NoAccess) => {
                faults.add("address", "Enter first how orders are looked up, below.");
            }
            Err(StartFault::Running) => {
                faults
                    .add(SINCE, "Orders of this store are being looked up already: wait until that is done.");
            }
            Err(StartFault::Storage(fault)) => return Err(fault.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &view(&app, &place, &values, faults).await?)
}

fn judge_since(place: &InStore, values: &Values, faults: &mut Faults) -> Option<Timestamp> {
    let zone = &place.store.settings.zone;
    let day = parse_date(values.get(SINCE)).filter(|day| *day <= today(zone, ambient::now()));
    if day.is_none() {
        faults.add(SINCE, "Choose a day, today or earlier, such as 2026-11-16.");
    }
    day.map(|day| day_start(day, zone))
}

/// What a platform calls its own interface, as its screens name it.
const fn interface(platform: connection::Platform) -> &'static str {
    match platform {
        connection::Platform::Shopify => "Admin API",
        connection::Platform::WooCommerce => "REST API",
    }
}
