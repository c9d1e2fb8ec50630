//! A store's settings. New rules make a new version of the ruleset, and say so.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use selektable_domain::rules::RevenueBasis;
use selektable_domain::time::{DAY_MS, HOUR_MS};
use selektable_store::settings::StoreSettings;

use super::access::InStore;
use super::figures::rules_line;
use super::form::{Asked, Faults, Field, Input, Posted, Values};
use super::page::{PageResult, Shell, StoreTab, address, page, page_with, see};
use super::parts::IdText;
use super::store_form::{self, Basics, Rules};
use crate::ambient;
use crate::app::App;

#[derive(Template)]
#[template(path = "dashboard/store_settings.html")]
struct StoreSettingsPage {
    shell: Shell,
    path: String,
    store_id: IdText,
    organization_id: IdText,
    saved: bool,
    redecided: Option<u32>,
    redeciding: bool,
    rules: String,
    next_version: u32,
    faults: Faults,
    basics: Vec<Field>,
    window: Field,
    window_unit: Field,
    basis: Field,
    keep_traits: Field,
}

fn values_of(settings: &StoreSettings) -> Values {
    let hours = settings.window.as_millis() / HOUR_MS;
    let by_days = settings.window.as_millis() % DAY_MS == 0;
    let (window, unit) = if by_days { (hours / 24, "days") } else { (hours, "hours") };
    let (window, origins) = (window.to_string(), settings.origins.join("\n"));
    let common = [
        ("store", settings.name.as_str()),
        ("origins", origins.as_str()),
        ("currency", settings.currency.code()),
        ("zone", settings.zone.name()),
        ("window", window.as_str()),
        ("window_unit", unit),
        ("basis", settings.basis.code()),
    ];
    if settings.keep_traits {
        common.into_iter().chain([("keep_traits", "on")]).collect()
    } else {
        common.into()
    }
}

fn view(place: &InStore, values: &Values, faults: Faults, asked: &Values) -> StoreSettingsPage {
    let units = [("days", "days"), ("hours", "hours")];
    let bases = [
        (RevenueBasis::Order, "The whole order"),
        (RevenueBasis::MatchedLines, "Only the lines of visualized products"),
    ];
    let choice = |options: Vec<(&str, &str)>| {
        Input::Choice(
            options.into_iter().map(|(value, label)| (value.to_owned(), label.to_owned())).collect(),
        )
    };
    let version = place.store.ruleset.version;
    StoreSettingsPage {
        shell: Shell::store("Settings", place, StoreTab::Settings),
        path: address::store(place.store.id, "/settings"),
        store_id: IdText::new(&place.store.id),
        organization_id: IdText::new(&place.organization.id),
        saved: asked.ticked("saved"),
        redecided: asked.get("rules").parse().ok().filter(|asked| *asked == version),
        redeciding: place.store.redeciding,
        rules: rules_line(&place.store.ruleset),
        next_version: version + 1,
        basics: store_form::basic_fields(values, &faults),
        window: Field::line("window", "Attribution window")
            .input(Input::Line("number"))
            .hint("How long after a visualization an order may still be credited to it: 1 hour to 365 days.")
            .value(values.get("window"))
            .judged(&faults),
        window_unit: Field::line("window_unit", "Unit of the window")
            .input(choice(units.to_vec()))
            .value(values.get("window_unit")),
        basis: Field::line("basis", "Attributed revenue")
            .input(choice(bases.map(|(basis, label)| (basis.code(), label)).to_vec()))
            .hint("Both are computed and shown on every conversion; this one goes into totals.")
            .value(values.get("basis"))
            .judged(&faults),
        keep_traits: Field::line("keep_traits", "Keep traits given to identify()")
            .input(Input::Tick)
            .hint("Off: only the customer's id is kept. Traits may be personal data.")
            .value(if values.ticked("keep_traits") { "on" } else { "" }),
        faults,
    }
}

/// `GET /stores/{store}/settings`
pub(crate) async fn show(place: InStore, Asked(asked): Asked) -> PageResult {
    page(&view(&place, &values_of(&place.store.settings), Faults::default(), &asked))
}

/// `POST /stores/{store}/settings`
pub(crate) async fn save(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let basics = Basics::read(&values, &mut faults);
    let rules = Rules::read(&values, &mut faults);
    let settings = basics.with_rules(&rules).filter(|_| faults.is_empty());
    let Some(settings) = settings else {
        let page = view(&place, &values, faults, &Values::default());
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    app.store.update_store(place.tenant, settings, ambient::now()).await?;
    let after = app.store.store(place.tenant).await?;
    let path = address::store(place.store.id, "/settings");
    let version = after.ruleset.version;
    let changed = if version == place.store.ruleset.version { String::new() } else { version.to_string() };
    Ok(see(&address::with_query(&path, &[("saved", "1"), ("rules", &changed)])))
}
