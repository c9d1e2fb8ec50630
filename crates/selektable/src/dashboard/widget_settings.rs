//! A widget's settings, and new widgets.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_store::settings::{
    NewWidget, RETENTION_HOURS_DEFAULT, RETENTION_HOURS_MAX, RETENTION_HOURS_MIN, WidgetSettings, WidgetType,
};

use super::access::{InStore, InWidget};
use super::error::PageError;
use super::form::{self, Asked, Faults, Field, Input, Posted, Values};
use super::page::{PageResult, Shell, StoreTab, WidgetTab, address, page, page_with, see};
use super::parts::IdText;
use super::words;
use crate::ambient;
use crate::app::App;

#[derive(Template)]
#[template(path = "dashboard/widget_settings.html")]
struct WidgetSettingsPage {
    shell: Shell,
    path: String,
    id: IdText,
    kind: &'static str,
    saved: bool,
    faults: Faults,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "dashboard/new_widget.html")]
struct NewWidgetPage {
    shell: Shell,
    path: String,
    faults: Faults,
    fields: Vec<Field>,
}

fn fields(values: &Values, faults: &Faults) -> Vec<Field> {
    let fields = [
        Field::line("name", "Name").value(values.get("name")),
        Field::line("accent", "Accent colour")
            .hint("Your shop's colour as #rrggbb; empty for the standard one.")
            .value(values.get("accent")),
        Field::line("retention", "Keep pictures for, in hours")
            .input(Input::Line("number"))
            .hint("1 to 720. Photos and pictures are deleted then; the visualization's record stays, so figures do not change.")
            .value(values.get("retention")),
    ];
    fields.into_iter().map(|field| field.judged(faults)).collect()
}

/// Why a text is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a colour like #1a7f64")]
struct AccentFault;

fn accent(text: &str) -> Result<Option<String>, AccentFault> {
    let digits = |hex: &str| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text {
        "" => Ok(None),
        colour if colour.strip_prefix('#').is_some_and(digits) => Ok(Some(colour.to_ascii_lowercase())),
        _ => Err(AccentFault),
    }
}

fn read(values: &Values, faults: &mut Faults) -> Option<WidgetSettings> {
    let name = faults.take("name", "The name", form::name(values.get("name")));
    let accent = faults.take("accent", "This", accent(values.get("accent")));
    let hours: Option<u16> = values.get("retention").parse().ok();
    let hours = hours.filter(|hours| (RETENTION_HOURS_MIN..=RETENTION_HOURS_MAX).contains(hours));
    if hours.is_none() {
        faults.add("retention", "Pictures are kept for 1 to 720 hours.");
    }
    Some(WidgetSettings { name: name?, accent: accent?, retention_hours: hours? })
}

fn settings_view(at: &InWidget, values: &Values, faults: Faults, saved: bool) -> WidgetSettingsPage {
    WidgetSettingsPage {
        shell: Shell::widget("Settings", at, WidgetTab::Settings),
        path: address::widget(at.place.store.id, at.widget.id, "/settings"),
        id: IdText::new(&at.widget.id),
        kind: words::widget_type(at.widget.kind),
        saved,
        fields: fields(values, &faults),
        faults,
    }
}

/// `GET /stores/{store}/widgets/{widget}/settings`
pub(crate) async fn show(at: InWidget, Asked(asked): Asked) -> PageResult {
    let settings = &at.widget.settings;
    let values = Values::from([
        ("name", settings.name.as_str()),
        ("accent", settings.accent.as_deref().unwrap_or_default()),
        ("retention", &settings.retention_hours.to_string()),
    ]);
    page(&settings_view(&at, &values, Faults::default(), asked.ticked("saved")))
}

/// `POST /stores/{store}/widgets/{widget}/settings`
pub(crate) async fn save(State(app): State<App>, at: InWidget, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let Some(settings) = read(&values, &mut faults) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &settings_view(&at, &values, faults, false));
    };
    if !app.store.update_widget(at.place.tenant, at.widget.id, settings).await? {
        return Err(PageError::NotFound);
    }
    Ok(see(&address::widget(at.place.store.id, at.widget.id, "/settings?saved")))
}

fn new_view(place: &InStore, values: &Values, faults: Faults) -> NewWidgetPage {
    let kinds = WidgetType::ALL.map(|kind| (kind.code().to_owned(), words::widget_type(kind).to_owned()));
    let mut fields = fields(values, &faults);
    let kind = Field::line("type", "Type").input(Input::Choice(kinds.to_vec())).value(values.get("type"));
    fields.insert(1, kind.judged(&faults));
    NewWidgetPage {
        shell: Shell::store("New widget", place, StoreTab::Other),
        path: address::store(place.store.id, "/widgets/new"),
        fields,
        faults,
    }
}

/// `GET /stores/{store}/widgets/new`
pub(crate) async fn new(place: InStore) -> PageResult {
    let values = Values::from([("retention", &*RETENTION_HOURS_DEFAULT.to_string())]);
    page(&new_view(&place, &values, Faults::default()))
}

/// `POST /stores/{store}/widgets/new`
pub(crate) async fn create(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let kind = WidgetType::from_code(values.get("type"));
    if kind.is_none() {
        faults.add("type", "Choose what the widget shows.");
    }
    let (Some(settings), Some(kind)) = (read(&values, &mut faults), kind) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &new_view(&place, &values, faults));
    };
    let new = NewWidget { id: ambient::new_id(), kind, settings, created_at: ambient::now() };
    let id = new.id;
    app.store.create_widget(place.tenant, new).await?;
    Ok(see(&address::widget(place.store.id, id, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hex_digits_or_nothing() {
        assert_eq!(accent(""), Ok(None));
        assert_eq!(accent("#1A7F64"), Ok(Some("#1a7f64".into())));
        for refused in ["1a7f64", "#1a7", "#1a7f6g", "red", "#1a7f64;}"] {
            assert_eq!(accent(refused), Err(AccentFault), "{refused}");
        }
    }
}
