//! Rules on the wire, converted by hand.

use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::{InForce, Schedule};
use selektable_domain::time::Timestamp;
use selektable_store::rules::{AliasesSet, Revision, RulesetBook, RulesetVersion};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::reports::wire::seconds;

/// A version of a store's rules.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RulesetAnswer {
    /// 1 for the store's first.
    pub version: u32,
    /// How long after a visualization a conversion may be credited.
    #[schema(example = 604_800)]
    pub window_seconds: i64,
    /// How credit is shared: `last_touch`, `first_touch`, `linear`, `position_based` or `time_decay`.
    pub model: &'static str,
    /// Which money is attributed: `order` or `matched_lines`.
    pub basis: &'static str,
    /// When two ids are one product: `group` (variants and aliases too) or `exact`.
    pub products: &'static str,
    /// What makes a lead direct: `same_session` or `same_person`.
    pub leads: &'static str,
    /// From which status on money is revenue: `paid`, `completed`, `placed` or `any`.
    pub counts: &'static str,
}

/// Every version of a store's rules, and what was in force when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RulesetsAnswer {
    /// Every version, newest first.
    pub versions: Vec<VersionAnswer>,
    /// Every revision of the schedule, newest first; the first is in force.
    pub revisions: Vec<RevisionAnswer>,
    /// While conversions are decided again under the newest revision; figures show the one before until all are.
    pub redeciding: Option<ProgressAnswer>,
}

/// One version. Never changed: other rules are another version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionAnswer {
    /// The rules.
    #[serde(flatten)]
    pub rules: RulesetAnswer,
    /// `draft` (never in force), `in_force` (it decides some conversions, or will) or `retired`.
    pub state: &'static str,
    /// When it was made.
    pub created_at: String,
    /// When it first came into force; null for a draft.
    pub published_at: Option<String>,
}

/// One revision of the schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RevisionAnswer {
    /// What is in force when.
    #[serde(flatten)]
    pub schedule: ScheduleAnswer,
    /// `start`, `publish` or `roll_back`.
    pub cause: &'static str,
    /// When it was made.
    pub at: String,
}

/// What is in force when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleAnswer {
    /// 1, 2, 3 …
    pub revision: u32,
    /// Ascending; each version decides the conversions from its instant to the next one's.
    pub entries: Vec<EntryAnswer>,
}

/// From when a version decides.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryAnswer {
    /// First instant; null for the beginning.
    pub from: Option<String>,
    /// The version.
    pub ruleset_version: u32,
}

/// How far long work is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProgressAnswer {
    /// Conversions decided.
    pub done: u64,
    /// Of about so many.
    pub about: u64,
}

/// What a change of the alias table did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AliasesSetAnswer {
    /// Lines that changed.
    pub changed: u64,
    /// Conversions whose decision changed at once.
    pub redecided: u64,
    /// Conversions that follow in the background, because they are many.
    pub queued: u64,
}

impl From<&Ruleset> for RulesetAnswer {
    fn from(rules: &Ruleset) -> Self {
        Self {
            version: rules.version,
            window_seconds: seconds(rules.window.as_millis()),
            model: rules.model.code(),
            basis: rules.basis.code(),
            products: rules.products.code(),
            leads: rules.leads.code(),
            counts: rules.counts.code(),
        }
    }
}

impl From<&RulesetBook> for RulesetsAnswer {
    fn from(book: &RulesetBook) -> Self {
        let in_force = book.revisions.first().map_or(&[][..], |newest| newest.schedule.entries());
        Self {
            versions: book.versions.iter().map(|version| VersionAnswer::new(version, in_force)).collect(),
            revisions: book.revisions.iter().map(RevisionAnswer::from).collect(),
            redeciding: book.progress.map(|(done, about)| ProgressAnswer { done, about }),
        }
    }
}

impl VersionAnswer {
    pub(super) fn new(version: &RulesetVersion, in_force: &[InForce]) -> Self {
        let state = match version.published_at {
            _ if in_force.iter().any(|entry| entry.rules.version == version.rules.version) => "in_force",
            Some(_) => "retired",
            None => "draft",
        };
        Self {
            rules: RulesetAnswer::from(&version.rules),
            state,
            created_at: version.created_at.to_rfc3339(),
            published_at: version.published_at.map(Timestamp::to_rfc3339),
        }
    }
}

impl From<&Revision> for RevisionAnswer {
    fn from(revision: &Revision) -> Self {
        Self {
            schedule: ScheduleAnswer::from(&revision.schedule),
            cause: revision.cause.code(),
            at: revision.at.to_rfc3339(),
        }
    }
}

impl From<&Schedule> for ScheduleAnswer {
    fn from(schedule: &Schedule) -> Self {
        let entry = |entry: &InForce| EntryAnswer {
            from: entry.from.map(Timestamp::to_rfc3339),
            ruleset_version: entry.rules.version,
        };
        Self { revision: schedule.revision(), entries: schedule.entries().iter().map(entry).collect() }
    }
}

impl From<AliasesSet> for AliasesSetAnswer {
    fn from(set: AliasesSet) -> Self {
        Self { changed: set.changed, redecided: set.redecided, queued: set.queued }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::schedule::Effective;
    use selektable_store::rules::RevisionCause;

    #[test]
    fn a_version_is_a_draft_in_force_or_retired() {
        let at = Timestamp::from_millis(0);
        let version = |number: u32, published_at| RulesetVersion {
            rules: Ruleset::FIRST.numbered(number),
            created_at: at,
            published_at,
        };
        let first = Schedule::first(Ruleset::FIRST);
        let second = first.publish(Ruleset::FIRST.numbered(2), Effective::Everything);
        let revision = |schedule, cause| Revision { schedule, cause, at };
        let book = RulesetBook {
            versions: vec![version(3, None), version(2, Some(at)), version(1, Some(at))],
            revisions: vec![revision(second, RevisionCause::Publish), revision(first, RevisionCause::Start)],
            progress: Some((1, 2)),
        };
        let answer = RulesetsAnswer::from(&book);
        let states: Vec<&str> = answer.versions.iter().map(|version| version.state).collect();
        assert_eq!(states, ["draft", "in_force", "retired"]);
        assert_eq!(answer.revisions[0].schedule.entries[0].ruleset_version, 2);
    }
}
