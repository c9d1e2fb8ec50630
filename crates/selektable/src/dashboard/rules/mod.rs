//! A store's attribution rules: what is in force, every version, new drafts, and the way back.

mod difference;
mod draft;
mod publish;
mod standing;
mod version;
mod words;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use http::StatusCode;
use selektable_domain::id::StoreId;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::rules::{Published, RULESETS_MAX, Revision, RevisionCause, RulesetBook, before_newest};

use super::access::InStore;
use super::error::PageError;
use super::form::{Asked, Faults, Posted, Values};
use super::format;
use super::page::{PageResult, Shell, StoreTab, address, page_with, see};
use super::parts::TimeText;
use crate::ambient;
use crate::app::App;
use draft::DraftForm;
use standing::{Entry, Span, Standing, entries, since};

/// The pages of rules.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/stores/{store}/rules", get(show).post(make_draft))
        .route("/stores/{store}/rules/roll-back", post(roll_back))
        .route("/stores/{store}/rules/{version}", get(version::show))
        .route("/stores/{store}/rules/{version}/publish", post(publish::publish))
}

/// The page of the rules, or of one version.
fn rules_path(store: StoreId) -> String {
    address::store(store, "/rules")
}

fn version_path(store: StoreId, version: u32) -> String {
    format!("{}/{version}", rules_path(store))
}

#[derive(Template)]
#[template(path = "dashboard/rules/index.html")]
struct RulesPage {
    shell: Shell,
    path: String,
    answer: String,
    done: Option<String>,
    refused: Option<String>,
    suggested: bool,
    progress: Option<ProgressView>,
    in_force: [words::RuleLine; 6],
    versions: Vec<VersionRow>,
    revisions: Vec<RevisionRow>,
    back: Option<RollBack>,
    faults: Faults,
    draft: DraftForm,
}

/// How far the conversions are that are decided again.
struct ProgressView {
    done: u64,
    about: u64,
    words: String,
}

struct VersionRow {
    version: u32,
    href: String,
    summary: String,
    standing: Standing,
    spans: Vec<Span>,
    made: TimeText,
}

struct RevisionRow {
    revision: u32,
    at: TimeText,
    cause: &'static str,
    stands: bool,
    entries: Vec<(Entry, String)>,
}

struct RollBack {
    revision: u32,
    entries: Vec<(Entry, String)>,
}

/// "Orders are credited to …; ruleset 3 since 2 Mar 2026."
fn answer(book: &RulesetBook, now: Timestamp, zone: &Zone) -> Option<String> {
    let schedule = &book.revisions.first()?.schedule;
    let rules = schedule.rules_at(now);
    let since = since(schedule, now)
        .map_or_else(|| "from the beginning".to_owned(), |at| format!("since {}", format::day(at, zone)));
    Some(format!("{}; ruleset {} {since}.", words::sentence(rules), rules.version))
}

fn progress(book: &RulesetBook) -> Option<ProgressView> {
    let (done, about) = book.progress?;
    let about = about.max(done).max(1);
    let words = format!("{} conversions are decided", format::of(done, about));
    Some(ProgressView { done, about, words })
}

/// What was done on the way here, from the address.
fn done(asked: &Values) -> Option<String> {
    let (published, back) = (asked.get("published"), asked.ticked("rolled_back"));
    let number: Option<u32> = published.parse().ok();
    match (number, back) {
        (Some(version), _) => Some(format!("Ruleset {version} is published.")),
        (None, true) => Some("Rolled back: what was in force before is in force again.".to_owned()),
        (None, false) => None,
    }
}

/// What a rules page says besides the rules.
#[derive(Default)]
struct Said {
    done: Option<String>,
    refused: Option<String>,
    /// Whether the draft holds what another page suggested.
    suggested: bool,
    faults: Faults,
}

fn view(place: &InStore, book: &RulesetBook, values: &Values, said: Said) -> Option<RulesPage> {
    let (now, zone) = (ambient::now(), &place.store.settings.zone);
    let schedule = &book.revisions.first()?.schedule;
    let store = place.store.id;
    let linked = |revision: &Revision| -> Vec<(Entry, String)> {
        let linked = |entry: Entry| {
            let href = version_path(store, entry.version);
            (entry, href)
        };
        entries(&revision.schedule, zone).into_iter().map(linked).collect()
    };
    let version_row = |version: &selektable_store::rules::RulesetVersion| VersionRow {
        version: version.rules.version,
        href: version_path(store, version.rules.version),
        summary: words::summary(&version.rules),
        standing: Standing::of(version, schedule, now),
        spans: entries(schedule, zone)
            .into_iter()
            .filter(|entry| entry.version == version.rules.version)
            .map(|entry| entry.span)
            .collect(),
        made: TimeText::new(version.created_at, zone),
    };
    let revision_row = |(place, revision): (usize, &Revision)| RevisionRow {
        revision: revision.schedule.revision(),
        at: TimeText::new(revision.at, zone),
        cause: cause(revision.cause),
        stands: place == 0,
        entries: linked(revision),
    };
    Some(RulesPage {
        shell: Shell::store("Rules", place, StoreTab::Rules),
        path: rules_path(store),
        answer: answer(book, now, zone)?,
        done: said.done,
        refused: said.refused,
        suggested: said.suggested,
        progress: progress(book),
        in_force: words::lines(schedule.rules_at(now)),
        versions: book.versions.iter().map(version_row).collect(),
        revisions: book.revisions.iter().enumerate().map(revision_row).collect(),
        back: before_newest(book.revisions.iter().rev())
            .map(|target| RollBack { revision: schedule.revision(), entries: linked(target) }),
        draft: draft::form(values, &said.faults, place.store.settings.currency),
        faults: said.faults,
    })
}

const fn cause(cause: RevisionCause) -> &'static str {
    match cause {
        RevisionCause::Start => "The store was made",
        RevisionCause::Publish => "Published",
        RevisionCause::RollBack => "Rolled back",
    }
}

async fn answer_with(
    app: &App,
    place: &InStore,
    status: StatusCode,
    values: Option<&Values>,
    said: Said,
) -> PageResult {
    let book = app.store.rulesets(place.tenant).await?;
    let in_force = draft::values_of(&place.store.ruleset);
    let view = view(place, &book, values.unwrap_or(&in_force), said);
    let view = view.ok_or_else(|| PageError::Internal("a store has no schedule of rules".to_owned()))?;
    page_with(status, &view)
}

/// `GET /stores/{store}/rules`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let suggested = draft::suggested(&place.store.ruleset, &asked);
    let said = Said { done: done(&asked), suggested: suggested.is_some(), ..Said::default() };
    let values = suggested.map(|rules| draft::values_of(&rules));
    answer_with(&app, &place, StatusCode::OK, values.as_ref(), said).await
}

/// `POST /stores/{store}/rules`: makes a draft.
pub(crate) async fn make_draft(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    let mut faults = Faults::default();
    let rules = draft::read(&values, &mut faults);
    if rules.is_some_and(|rules| rules.numbered(place.store.ruleset.version) == place.store.ruleset) {
        faults.add("window", "These rules are in force already: change at least one answer.");
    }
    let Some(rules) = rules.filter(|_| faults.is_empty()) else {
        let said = Said { faults, ..Said::default() };
        return answer_with(&app, &place, StatusCode::UNPROCESSABLE_ENTITY, Some(&values), said).await;
    };
    if let Some(draft) = app.store.draft_ruleset(place.tenant, rules, ambient::now()).await? {
        return Ok(see(&version_path(place.store.id, draft.version)));
    }
    let refused = Some(format!(
        "A store has at most {RULESETS_MAX} versions of its rules. Nothing was made: publish one of the versions below again."
    ));
    let said = Said { refused, ..Said::default() };
    answer_with(&app, &place, StatusCode::CONFLICT, Some(&values), said).await
}

/// `POST /stores/{store}/rules/roll-back`
pub(crate) async fn roll_back(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    // The page said what would be put in force again; that holds for the revision it was made of only.
    let refused = if publish::is_of(&values, place.store.schedule.revision()) {
        match app.store.roll_back_rules(place.tenant, ambient::now()).await? {
            Published::InForce(_) => {
                let path = address::with_query(&rules_path(place.store.id), &[("rolled_back", "1")]);
                return Ok(see(&path));
            }
            Published::Busy => publish::BUSY,
            Published::Unknown => "There is nothing to roll back to. Nothing was changed.",
        }
    } else {
        publish::CHANGED_MEANWHILE
    };
    let said = Said { refused: Some(refused.to_owned()), ..Said::default() };
    answer_with(&app, &place, StatusCode::CONFLICT, None, said).await
}
