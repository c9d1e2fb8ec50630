//! One version of a store's rules: what it changes, tried on history before it counts, and publishing it.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use http::StatusCode;
use http::request::Parts;
use selektable_domain::time::{Range, Timestamp};
use selektable_store::rules::{RulesetBook, RulesetVersion};

use super::difference::{self, DifferenceView};
use super::publish::{self, PublishForm};
use super::standing::{Standing, entries};
use super::words::{self, Comparison};
use super::{rules_path, version_path};
use crate::ambient;
use crate::app::App;
use crate::dashboard::access::{InStore, path_text};
use crate::dashboard::error::PageError;
use crate::dashboard::form::{Asked, Faults, Field, Input, Values};
use crate::dashboard::format;
use crate::dashboard::page::{PageResult, Shell, StoreTab, address, page, page_with};
use crate::dashboard::period::Period;
use crate::dry_runs::{DryRunStatus, start_or_look};

/// The version a path names.
pub(crate) struct AskedVersion(pub u32);

impl FromRequestParts<App> for AskedVersion {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let text = path_text("version", parts, app).await?;
        text.parse().map(Self).map_err(|_| PageError::NotFound)
    }
}

#[derive(Template)]
#[template(path = "dashboard/rules/version.html")]
struct VersionPage {
    shell: Shell,
    path: String,
    rules_href: String,
    version: u32,
    in_force: u32,
    standing: Standing,
    answer: String,
    rows: Vec<Comparison>,
    refused: Option<&'static str>,
    faults: Faults,
    history: Field,
    tried: bool,
    trial: Trial,
    publish: Option<PublishForm>,
}

/// What is known of how this version would decide.
enum Trial {
    /// Nobody asked.
    NotAsked,
    /// It goes on; the address that shows it.
    Running { href: String, done: u64, about: u64, words: String },
    /// Others go on.
    Busy,
    /// It is done.
    Done(Box<DifferenceView>),
}

/// What the page says besides the rules.
#[derive(Default)]
pub(super) struct Said {
    /// Why nothing was published.
    pub refused: Option<&'static str>,
    /// What is wrong with the form.
    pub faults: Faults,
}

/// How much of history is tried.
fn range(asked: &Values, place: &InStore, now: Timestamp) -> Option<(Range, String)> {
    match asked.get("try") {
        "all" => Some((Range::ALL, "of all history".to_owned())),
        days @ ("30" | "90") => {
            let asked = Values::from([("days", days)]);
            let period = Period::read(&asked, &place.store.settings.zone, now);
            Some((period.range, period.words()))
        }
        _ => None,
    }
}

fn history(asked: &Values) -> Field {
    let choices = [("all", "All history"), ("90", "The last 90 days"), ("30", "The last 30 days")];
    let choices = choices.map(|(code, name)| (code.to_owned(), name.to_owned()));
    Field::line("try", "Try it on").input(Input::Choice(choices.to_vec())).value(asked.get("try"))
}

async fn try_on(app: &App, place: &InStore, version: u32, asked: &Values) -> Result<Trial, PageError> {
    let Some((range, of)) = range(asked, place, ambient::now()) else { return Ok(Trial::NotAsked) };
    Ok(match start_or_look(app, place.tenant, version, range).await? {
        DryRunStatus::Done(found) => Trial::Done(Box::new(difference::view(&found, place, &of))),
        DryRunStatus::Busy => Trial::Busy,
        DryRunStatus::Unknown => return Err(PageError::NotFound),
        DryRunStatus::Running { done, about } => Trial::Running {
            href: address::with_query(&version_path(place.store.id, version), &[("try", asked.get("try"))]),
            words: match about {
                0 => "Counting the conversions".to_owned(),
                _ => format!("{} conversions are decided", format::of(done, about.max(done))),
            },
            done,
            about: about.max(done).max(1),
        },
    })
}

/// "Ruleset 4 is a draft and decides nothing yet. It differs from the rules in force in …"
fn answer(version: &RulesetVersion, standing: Standing, rows: &[Comparison]) -> String {
    let number = version.rules.version;
    let stands = match standing {
        Standing::Draft => "is a draft: it decides nothing yet",
        Standing::InForce => {
            return format!("Ruleset {number} is in force. {}.", words::sentence(&version.rules));
        }
        Standing::ToCome => "is published and comes into force later",
        Standing::Past => "decides conversions of the past only",
        Standing::Replaced => "was in force once and decides nothing any more",
    };
    match words::differing(rows) {
        Some(names) => format!("Ruleset {number} {stands}. It differs from the rules in force in {names}."),
        None => format!("Ruleset {number} {stands}. It says the same as the rules in force."),
    }
}

fn view(
    place: &InStore,
    book: &RulesetBook,
    number: u32,
    (asked, values): (&Values, &Values),
    trial: Trial,
    said: Said,
) -> Option<VersionPage> {
    let (now, zone) = (ambient::now(), &place.store.settings.zone);
    let version = book.versions.iter().find(|version| version.rules.version == number)?;
    let schedule = &book.revisions.first()?.schedule;
    let in_force = schedule.rules_at(now);
    let rows = words::compared(in_force, &version.rules);
    let standing = Standing::of(version, schedule, now);
    let decides_everything = entries(schedule, zone).iter().all(|entry| entry.version == number);
    let path = version_path(place.store.id, number);
    Some(VersionPage {
        shell: Shell::store(&format!("Ruleset {number}"), place, StoreTab::Rules),
        rules_href: rules_path(place.store.id),
        version: number,
        in_force: in_force.version,
        standing,
        answer: answer(version, standing, &rows),
        rows,
        refused: said.refused,
        history: history(asked),
        tried: matches!(trial, Trial::Done(_)),
        trial,
        publish: (!decides_everything)
            .then(|| publish::form(&path, schedule.revision(), values, &said.faults, zone)),
        faults: said.faults,
        path,
    })
}

/// `GET /stores/{store}/rules/{version}`; with `try`, what it would have decided.
pub(crate) async fn show(
    State(app): State<App>,
    place: InStore,
    AskedVersion(version): AskedVersion,
    Asked(asked): Asked,
) -> PageResult {
    let book = app.store.rulesets(place.tenant).await?;
    let trial = try_on(&app, &place, version, &asked).await?;
    let usual = Values::from([("when", "now")]);
    page(&view(&place, &book, version, (&asked, &usual), trial, Said::default()).ok_or(PageError::NotFound)?)
}

/// The page after a form that was not taken.
pub(super) async fn refused(
    app: &App,
    place: &InStore,
    version: u32,
    values: &Values,
    said: Said,
    status: StatusCode,
) -> PageResult {
    let book = app.store.rulesets(place.tenant).await?;
    let asked = Values::default();
    let view = view(place, &book, version, (&asked, values), Trial::NotAsked, said);
    page_with(status, &view.ok_or(PageError::NotFound)?)
}
