//! A widget's Analytics tab, as the seed has it: what it brought, and the recent conversions with their ids, type,
//! attributed revenue and time to conversion.

use askama::Template;
use axum::extract::State;
use selektable_domain::report::ConversionQuery;

use super::access::InWidget;
use super::conversions::{self, ConversionRow};
use super::figures::{self, Figures, Scope};
use super::form::Asked;
use super::lens::{Reading, ReadingNote};
use super::page::{PageResult, Shell, WidgetTab, address, page};
use super::pages;
use super::parts::{IdText, Pager};
use super::period::{Period, Picker};
use super::words;
use crate::ambient;
use crate::app::App;

/// Conversions on one page of the tab.
const ROWS: u32 = 25;

#[derive(Template)]
#[template(path = "dashboard/analytics.html")]
struct AnalyticsPage {
    shell: Shell,
    name: String,
    kind: &'static str,
    id: IdText,
    picker: Picker,
    figures: Figures,
    rows: Vec<ConversionRow>,
    pager: Pager,
    reading: Option<ReadingNote>,
    redeciding: bool,
    refused_href: Option<String>,
    sample: bool,
    begin: Option<String>,
}

/// `GET /stores/{store}/widgets/{widget}`
pub(crate) async fn show(State(app): State<App>, at: InWidget, Asked(asked): Asked) -> PageResult {
    let InWidget { place, widget } = &at;
    let settings = &place.store.settings;
    let period = Period::read(&asked, &settings.zone, ambient::now());
    let reading = Reading::read(&asked, &settings.zone, ambient::now());
    let scope = Scope {
        store: place.store.id,
        widget: Some(widget.id),
        zone: &settings.zone,
        rules: &place.store.ruleset,
        currency: settings.currency,
        reading: &reading,
    };
    let query = ConversionQuery {
        range: period.range,
        kind: None,
        reason: None,
        status: None,
        widget: Some(widget.id),
        cursor: pages::read(&asked),
        limit: ROWS,
    };
    let ((_, figures), found) = futures::try_join!(
        figures::load(&app, place.tenant, &period, scope),
        app.store.conversions(place.tenant, query),
    )?;
    let path = address::widget(place.store.id, widget.id, "");
    page(&AnalyticsPage {
        shell: Shell::widget("Analytics", &at, WidgetTab::Analytics),
        name: widget.settings.name.clone(),
        kind: words::widget_type(widget.kind),
        id: IdText::new(&widget.id),
        picker: reading.picker(&period, &path),
        rows: found
            .data
            .iter()
            .map(|record| conversions::row(record, place.store.id, &settings.zone, Some(widget.id)))
            .collect(),
        pager: pages::pager(("conversion", "conversions"), &found, &asked, |pairs| period.link(&path, pairs)),
        reading: reading.note(&period, &path),
        redeciding: place.store.redeciding,
        refused_href: None,
        sample: found.data.iter().any(|record| record.sample),
        begin: figures.quiet.then(|| address::connecting(&place.store)),
        figures,
    })
}
