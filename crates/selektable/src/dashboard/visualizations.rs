//! The list of visualizations: what shoppers looked at.

use askama::Template;
use axum::extract::State;
use selektable_domain::report::{PAGE_ROWS_DEFAULT, VisualizationQuery, VisualizationRecord};

use super::access::InStore;
use super::form::{Asked, Field, Input};
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::{IdText, Pager, TimeText};
use super::period::{Period, Picker};
use super::{format, pages};
use crate::ambient;
use crate::app::App;

struct VisualizationRow {
    id: IdText,
    at: TimeText,
    widget: String,
    widget_href: Option<String>,
    products: Vec<IdText>,
    visitor: Option<IdText>,
    made_by: String,
    picture: Option<TimeText>,
    sample: bool,
}

#[derive(Template)]
#[template(path = "dashboard/visualizations.html")]
struct VisualizationsPage {
    shell: Shell,
    path: String,
    picker: Picker,
    period_pairs: Vec<(&'static str, String)>,
    period_words: String,
    filters: Vec<Field>,
    filtered: bool,
    rows: Vec<VisualizationRow>,
    pager: Pager,
    install_href: String,
}

/// `GET /stores/{store}/visualizations`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let period = Period::read(&asked, &place.store.settings.zone, ambient::now());
    let widget = asked.get("widget").parse().ok();
    let query = VisualizationQuery {
        range: period.range,
        widget,
        cursor: pages::read(&asked),
        limit: PAGE_ROWS_DEFAULT,
    };
    let found = app.store.visualizations(place.tenant, query).await?;
    let path = address::store(place.store.id, "/visualizations");
    let widget_text = widget.map(|widget| widget.to_string()).unwrap_or_default();
    let kept = [("widget", widget_text.as_str())];
    page(&VisualizationsPage {
        shell: Shell::store("Visualizations", &place, StoreTab::Visualizations),
        picker: period.picker(&path, &kept),
        period_pairs: period.pairs(),
        period_words: period.words(),
        filters: vec![widget_filter(&place, &widget_text)],
        filtered: widget.is_some(),
        rows: found.data.iter().map(|record| row(record, &place)).collect(),
        pager: pages::pager(("visualization", "visualizations"), &found, &asked, |more| {
            period.link(&path, &kept.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>())
        }),
        install_href: address::connecting(&place.store),
        path,
    })
}

fn widget_filter(place: &InStore, value: &str) -> Field {
    let widgets =
        place.store.widgets.iter().map(|widget| (widget.id.to_string(), widget.settings.name.clone()));
    let options = std::iter::once((String::new(), "All".to_owned())).chain(widgets).collect();
    Field::line("widget", "Widget").input(Input::Choice(options)).value(value)
}

fn row(record: &VisualizationRecord, place: &InStore) -> VisualizationRow {
    let shown = &record.visualization;
    let widget = place.store.widgets.iter().find(|widget| widget.id == shown.widget);
    let zone = &place.store.settings.zone;
    VisualizationRow {
        id: IdText::new(&shown.id),
        at: TimeText::new(shown.at, zone),
        widget: widget.map_or_else(|| format::UNKNOWN.to_owned(), |widget| widget.settings.name.clone()),
        widget_href: widget.map(|widget| address::widget(place.store.id, widget.id, "")),
        products: shown.products.iter().map(|product| IdText::new(&product.product)).collect(),
        visitor: shown.visitor.as_ref().map(IdText::new),
        made_by: match record.renderer.as_deref() {
            Some("builtin") => "this server".to_owned(),
            Some(other) => other.to_owned(),
            None => "recorded by your server".to_owned(),
        },
        picture: record.picture.as_ref().map(|picture| TimeText::new(picture.expires_at, zone)),
        sample: record.sample,
    }
}
