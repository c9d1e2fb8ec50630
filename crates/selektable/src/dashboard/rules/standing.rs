//! Where a version of the rules stands, and what a revision of the schedule says.

use askama::Template;
use selektable_domain::schedule::Schedule;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::rules::RulesetVersion;

use crate::dashboard::parts::TimeText;

/// A stretch of time in which a version decides.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/rules/span.html")]
pub(super) struct Span {
    /// Its first instant; `None` for the beginning.
    from: Option<TimeText>,
    /// The first instant after it; `None` for no end.
    until: Option<TimeText>,
}

impl askama::filters::HtmlSafe for Span {}

/// How a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Never published.
    Draft,
    /// Decides what happens now.
    InForce,
    /// Will decide later.
    ToCome,
    /// Decides a part of the past.
    Past,
    /// Was published, and decides nothing any more.
    Replaced,
}

impl Standing {
    /// Its name.
    #[must_use]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::InForce => "In force",
            Self::ToCome => "To come",
            Self::Past => "In force before",
            Self::Replaced => "Replaced",
        }
    }

    /// Of a version under a schedule.
    #[must_use]
    pub(super) fn of(version: &RulesetVersion, schedule: &Schedule, now: Timestamp) -> Self {
        let number = version.rules.version;
        let mut mine = schedule.entries().iter().filter(|entry| entry.rules.version == number).peekable();
        if version.published_at.is_none() {
            Self::Draft
        } else if schedule.rules_at(now).version == number {
            Self::InForce
        } else if mine.peek().is_none() {
            Self::Replaced
        } else if mine.all(|entry| entry.from > Some(now)) {
            Self::ToCome
        } else {
            Self::Past
        }
    }
}

/// One entry of a schedule as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The version.
    pub version: u32,
    /// When it decides.
    pub span: Span,
}

/// A schedule's entries, newest first.
#[must_use]
pub(super) fn entries(schedule: &Schedule, zone: &Zone) -> Vec<Entry> {
    let all = schedule.entries();
    let time = |at: Option<Timestamp>| at.map(|at| TimeText::new(at, zone));
    let ends = all.iter().skip(1).map(|entry| entry.from).chain([None]);
    let rows = all.iter().zip(ends).map(|(entry, until)| Entry {
        version: entry.rules.version,
        span: Span { from: time(entry.from), until: time(until) },
    });
    let mut rows: Vec<Entry> = rows.collect();
    rows.reverse();
    rows
}

/// Since when the rules of now are in force: the last change at or before now.
#[must_use]
pub(super) fn since(schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
    schedule.entries().iter().rev().filter_map(|entry| entry.from).find(|from| *from <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::rules::Ruleset;
    use selektable_domain::schedule::Effective;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn version(number: u32, published: bool) -> RulesetVersion {
        RulesetVersion {
            rules: Ruleset::FIRST.numbered(number),
            created_at: at(0),
            published_at: published.then(|| at(1)),
        }
    }

    fn rules(number: u32) -> Ruleset {
        Ruleset::FIRST.numbered(number)
    }

    #[test]
    fn a_version_is_a_draft_in_force_past_to_come_or_replaced() {
        let schedule = Schedule::first(rules(1))
            .publish(rules(2), Effective::From(at(10)))
            .publish(rules(3), Effective::From(at(30)));
        let standing = |number, published| Standing::of(&version(number, published), &schedule, at(20));
        assert_eq!(standing(1, true), Standing::Past);
        assert_eq!(standing(2, true), Standing::InForce);
        assert_eq!(standing(3, true), Standing::ToCome);
        assert_eq!(standing(4, true), Standing::Replaced);
        assert_eq!(standing(5, false), Standing::Draft);
        assert_eq!(since(&schedule, at(20)), Some(at(10)));
        assert_eq!(since(&schedule, at(9)), None);
    }
}
