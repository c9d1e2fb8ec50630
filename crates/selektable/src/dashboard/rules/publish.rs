//! Putting a version in force: from now on, for everything, or from a date.

use axum::extract::State;
use http::StatusCode;
use selektable_domain::schedule::Effective;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::rules::Published;

use super::rules_path;
use super::version::{self, AskedVersion};
use crate::ambient;
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::error::PageError;
use crate::dashboard::form::{Faults, Field, Input, Posted, Values};
use crate::dashboard::options::{Choice, Options};
use crate::dashboard::page::{PageResult, address, see};
use crate::dashboard::period::{day_start, parse_date};

/// What is said while the publication before is not complete.
pub(super) const BUSY: &str = "Conversions are still being decided again under the revision before, so nothing was changed. The rules page shows how far that is; try again when it is done.";
/// What is said when somebody else was faster.
pub(super) const CHANGED_MEANWHILE: &str = "The rules in force were changed since this page was opened, so nothing was done. Look at them again first.";

/// The form that publishes a version.
#[derive(Clone, Debug)]
pub(super) struct PublishForm {
    /// Where it is sent.
    pub path: String,
    /// The revision of the schedule it was made of.
    pub revision: u32,
    /// From when on.
    pub when: Options,
    /// The date, if one is chosen.
    pub date: Field,
}

/// The form, holding what was typed.
#[must_use]
pub(super) fn form(path: &str, revision: u32, values: &Values, faults: &Faults, zone: &Zone) -> PublishForm {
    let choices = vec![
        Choice::new(
            "now",
            "From now on",
            "What has happened stays as it was decided; reports of past days do not change.",
        ),
        Choice::new(
            "everything",
            "For everything",
            "All conversions of the past are decided again too. Reports of past days change; what was known on an earlier date can still be read as it was.",
        ),
        Choice::new(
            "date",
            "From a date",
            "Conversions of that day and later, also past ones, are decided again; what was to come into force after that day is dropped.",
        ),
    ];
    PublishForm {
        path: format!("{path}/publish"),
        revision,
        when: Options::new("when", "From when on", choices, values, faults),
        date: Field::line("date", "Date")
            .input(Input::Line("date"))
            .hint(format!("Only for “From a date”. The day begins at midnight in {}.", zone.name()))
            .value(values.get("date"))
            .judged(faults),
    }
}

/// Whether a form was made of this revision of the schedule.
#[must_use]
pub(super) fn is_of(values: &Values, revision: u32) -> bool {
    values.get("revision").parse() == Ok(revision)
}

fn effective(values: &Values, now: Timestamp, zone: &Zone, faults: &mut Faults) -> Option<Effective> {
    match values.get("when") {
        "now" => Some(Effective::From(now)),
        "everything" => Some(Effective::Everything),
        "date" => {
            let date = parse_date(values.get("date"));
            if date.is_none() {
                faults.add("date", "Give the first day, such as 2026-11-23.");
            }
            date.map(|date| Effective::From(day_start(date, zone)))
        }
        _ => {
            faults.add("when", "Choose from when on these rules decide.");
            None
        }
    }
}

/// `POST /stores/{store}/rules/{version}/publish`
pub(crate) async fn publish(
    State(app): State<App>,
    place: InStore,
    AskedVersion(version): AskedVersion,
    Posted(values): Posted,
) -> PageResult {
    let mut faults = Faults::default();
    let now = ambient::now();
    let Some(effective) = effective(&values, now, &place.store.settings.zone, &mut faults) else {
        let said = version::Said { faults, ..version::Said::default() };
        return version::refused(&app, &place, version, &values, said, StatusCode::UNPROCESSABLE_ENTITY)
            .await;
    };
    let refused = if is_of(&values, place.store.schedule.revision()) {
        match app.store.publish_ruleset(place.tenant, version, effective, now).await? {
            Published::InForce(_) => {
                let number = version.to_string();
                let path = rules_path(place.store.id);
                return Ok(see(&address::with_query(&path, &[("published", &number)])));
            }
            Published::Unknown => return Err(PageError::NotFound),
            Published::Busy => BUSY,
        }
    } else {
        CHANGED_MEANWHILE
    };
    let said = version::Said { refused: Some(refused), ..version::Said::default() };
    version::refused(&app, &place, version, &values, said, StatusCode::CONFLICT).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: [(&str, &str); 2]) -> (Option<Effective>, Faults) {
        let mut faults = Faults::default();
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let effective = effective(&Values::from(pairs), Timestamp::from_millis(5), &zone, &mut faults);
        (effective, faults)
    }

    #[test]
    fn rules_are_published_from_now_on_for_everything_or_from_a_day_of_the_stores_zone() {
        assert_eq!(read([("when", "now"), ("date", "")]).0, Some(Effective::From(Timestamp::from_millis(5))));
        assert_eq!(read([("when", "everything"), ("date", "x")]).0, Some(Effective::Everything));
        let day = Timestamp::parse_rfc3339("2026-07-01T00:00:00+02:00").unwrap();
        assert_eq!(read([("when", "date"), ("date", "2026-07-01")]).0, Some(Effective::From(day)));
        for (when, date, field) in [("date", "", "date"), ("date", "2026-02-30", "date"), ("", "", "when")] {
            let (effective, faults) = read([("when", when), ("date", date)]);
            assert!(effective.is_none() && faults.of(field).is_some(), "{when} {date}");
        }
    }
}
