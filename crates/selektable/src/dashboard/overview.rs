//! A store's overview: what the widgets brought, and what could not be attributed and why.

use askama::Template;
use axum::extract::State;
use futures::future::try_join_all;
use selektable_domain::attribution::AttributionType;
use selektable_domain::report::{ConversionQuery, DeliveryQuery, Summary, VisualizationQuery};
use selektable_domain::time::Range;
use selektable_store::StoreResult;
use selektable_store::settings::WidgetRecord;

use super::access::InStore;
use super::connect::{self, Alarm};
use super::figures::{self, Figures, Scope};
use super::form::Asked;
use super::lens::{Reading, ReadingNote};
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::period::{Period, Picker};
use super::{format, privacy, words};
use crate::ambient;
use crate::app::App;

/// Most widgets whose figures stand on the overview; the others are listed without.
const WIDGETS_WITH_FIGURES_MAX: usize = 12;

/// Rows looked at to tell made-up history.
const SAMPLE_ROWS: u32 = 20;

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    shell: Shell,
    name: String,
    picker: Picker,
    figures: Figures,
    reasons: Vec<ReasonRow>,
    none_total: u64,
    widgets: Vec<WidgetRow>,
    new_widget_href: String,
    reading: Option<ReadingNote>,
    redeciding: bool,
    refused_href: Option<String>,
    sample: bool,
    begin: Option<String>,
    alarm: Option<Alarm>,
    requests: Option<String>,
    privacy_href: String,
}

struct ReasonRow {
    name: String,
    meaning: &'static str,
    count: String,
    href: String,
}

struct WidgetRow {
    name: String,
    kind: &'static str,
    href: String,
    visualizations: String,
    direct: String,
    assisted: String,
}

/// `GET /stores/{store}`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let settings = &place.store.settings;
    let period = Period::read(&asked, &settings.zone, ambient::now());
    let reading = Reading::read(&asked, &settings.zone, ambient::now());
    let scope = Scope {
        store: place.store.id,
        widget: None,
        zone: &settings.zone,
        rules: &place.store.ruleset,
        currency: settings.currency,
        reading: &reading,
    };
    let counted = place.store.widgets.iter().take(WIDGETS_WITH_FIGURES_MAX);
    let per_widget = try_join_all(
        counted.map(|widget| app.store.summary(place.tenant, period.range, reading.lens(Some(widget.id)))),
    );
    let ((summary, figures), per_widget, refused, sample, alarm, requests) = futures::try_join!(
        figures::load(&app, place.tenant, &period, scope),
        per_widget,
        any_refused(&app, &place, period.range),
        any_sample(&app, &place, period.range),
        connect::alarm(&app, &place),
        privacy::requests::waiting(&app, &place),
    )?;
    let is_new = figures.quiet && has_nothing(&app, &place).await?;
    let path = address::store(place.store.id, "");
    let widgets = place.store.widgets.iter().enumerate();
    page(&OverviewPage {
        shell: Shell::store("Overview", &place, StoreTab::Overview),
        name: settings.name.clone(),
        picker: reading.picker(&period, &path),
        reasons: reasons(&summary, &period, &place),
        none_total: summary.by_type.none,
        widgets: widgets
            .map(|(nth, widget)| {
                widget_row(&place, widget, per_widget.get(nth), |path| reading.link(&period, path))
            })
            .collect(),
        new_widget_href: address::store(place.store.id, "/widgets/new"),
        reading: reading.note(&period, &path),
        redeciding: place.store.redeciding,
        refused_href: refused
            .then(|| period.link(&address::store(place.store.id, "/deliveries"), &[("outcome", "refused")])),
        sample,
        alarm,
        requests,
        privacy_href: address::store(place.store.id, "/privacy"),
        begin: is_new.then(|| address::connecting(&place.store)),
        figures,
    })
}

async fn any_refused(app: &App, place: &InStore, range: Range) -> StoreResult<bool> {
    let query = DeliveryQuery { range, refused: Some(true), order_id: None, cursor: None, limit: 1 };
    Ok(!app.store.deliveries(place.tenant, query).await?.data.is_empty())
}

/// Whether the newest conversions are of the demo's made-up history.
async fn any_sample(app: &App, place: &InStore, range: Range) -> StoreResult<bool> {
    let query = ConversionQuery { limit: SAMPLE_ROWS, ..any_conversion(range) };
    Ok(app.store.conversions(place.tenant, query).await?.data.iter().any(|record| record.sample))
}

const fn any_conversion(range: Range) -> ConversionQuery {
    ConversionQuery { range, kind: None, reason: None, status: None, widget: None, cursor: None, limit: 1 }
}

/// Whether the store never had a visualization or a conversion at all.
async fn has_nothing(app: &App, place: &InStore) -> StoreResult<bool> {
    let conversions = any_conversion(Range::ALL);
    let visualizations = VisualizationQuery { range: Range::ALL, widget: None, cursor: None, limit: 1 };
    let (conversions, visualizations) = futures::try_join!(
        app.store.conversions(place.tenant, conversions),
        app.store.visualizations(place.tenant, visualizations),
    )?;
    Ok(conversions.data.is_empty() && visualizations.data.is_empty())
}

fn reasons(summary: &Summary, period: &Period, place: &InStore) -> Vec<ReasonRow> {
    let path = address::store(place.store.id, "/conversions");
    let row = |(reason, count): &(selektable_domain::attribution::Reason, u64)| ReasonRow {
        name: format::capital(words::reason(*reason)),
        meaning: words::reason_meaning(*reason),
        count: format::of(*count, summary.by_type.none),
        href: period.link(&path, &[("type", AttributionType::None.code()), ("reason", reason.code())]),
    };
    summary.unattributed.iter().map(row).collect()
}

fn widget_row(
    place: &InStore,
    widget: &WidgetRecord,
    summary: Option<&Summary>,
    link: impl Fn(&str) -> String,
) -> WidgetRow {
    let number = |value: fn(&Summary) -> u64| {
        summary.map_or_else(|| format::UNKNOWN.to_owned(), |summary| format::integer(value(summary)))
    };
    WidgetRow {
        name: widget.settings.name.clone(),
        kind: words::widget_type(widget.kind),
        href: link(&address::widget(place.store.id, widget.id, "")),
        visualizations: number(|summary| summary.visualizations),
        direct: number(|summary| summary.by_type.direct),
        assisted: number(|summary| summary.by_type.assisted),
    }
}
