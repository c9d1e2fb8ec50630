//! Versions of a store's rules, and what is said of product ids: what comes in, and what is answered.

use selektable_domain::identity::Person;
use selektable_domain::opaque::ProductId;
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Schedule;
use selektable_domain::time::Timestamp;

/// Most versions of a store's rules.
pub const RULESETS_MAX: u32 = 1_000;
/// Most alias changes in one call.
pub const ALIAS_CHANGES_MAX: usize = 10_000;
/// Most lines of one page of the alias table.
pub const ALIAS_ROWS_MAX: u32 = 500;

/// One version of a store's rules; a draft until it is published, and never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesetVersion {
    /// The rules with their number.
    pub rules: Ruleset,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it first came into force; `None` for a draft.
    pub published_at: Option<Timestamp>,
}

/// Why a revision of the schedule was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionCause {
    /// The store was made.
    Start,
    /// A version was published.
    Publish,
    /// The revision before was taken back.
    RollBack,
}

impl RevisionCause {
    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Publish => "publish",
            Self::RollBack => "roll_back",
        }
    }

    /// Reads [`RevisionCause::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Start, Self::Publish, Self::RollBack].into_iter().find(|cause| cause.code() == code)
    }
}

/// One revision of a store's schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// What is in force when.
    pub schedule: Schedule,
    /// Why it was made.
    pub cause: RevisionCause,
    /// When it was made.
    pub at: Timestamp,
}

/// What a roll back puts in force again, given every revision, the first first: each publication lies on those before
/// it, and a roll back takes the uppermost away. `None` when only the start is left.
#[must_use]
pub fn before_newest<'a>(revisions: impl IntoIterator<Item = &'a Revision>) -> Option<&'a Revision> {
    let mut standing: Vec<&Revision> = Vec::new();
    for revision in revisions {
        match revision.cause {
            RevisionCause::Start | RevisionCause::Publish => standing.push(revision),
            RevisionCause::RollBack => {
                standing.pop();
            }
        }
    }
    standing.len().checked_sub(2).and_then(|place| standing.get(place).copied())
}

/// Everything about a store's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesetBook {
    /// Every version, newest first.
    pub versions: Vec<RulesetVersion>,
    /// Every revision of the schedule, newest first; the first is in force.
    pub revisions: Vec<Revision>,
    /// While conversions are decided again under the newest revision: (done, of about). Figures show the revision
    /// before until all are.
    pub progress: Option<(u64, u64)>,
}

/// What became of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// This revision is in force; conversions of the past follow in the background.
    InForce(Schedule),
    /// The store has no such version, or nothing to roll back to.
    Unknown,
    /// Conversions are still being decided again under the revision before: try again when they are.
    Busy,
}

/// One change of the alias table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasChange {
    /// The id.
    pub variant: ProductId,
    /// What the table is to say.
    pub says: AliasSays,
}

/// What the alias table says of one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AliasSays {
    /// It is a variant of this product.
    VariantOf(ProductId),
    /// It is a product of its own, whatever facts carry.
    OwnProduct,
    /// Nothing: what facts carry counts.
    Nothing,
}

/// What a change of the alias table did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AliasesSet {
    /// Lines that changed.
    pub changed: u64,
    /// Conversions whose decision changed at once.
    pub redecided: u64,
    /// Conversions that follow in the background, because they are many.
    pub queued: u64,
}

/// Whom to erase: a user with all of the user's browsers, or one browser.
pub type Erasing = Person;

/// What an erasure went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Facts whose ids were replaced.
    pub facts: u64,
    /// Conversions among them.
    pub conversions: u64,
    /// Visualizations among them.
    pub visualizations: u64,
    /// Kept pictures that were deleted.
    pub pictures: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::schedule::Effective;

    #[test]
    fn a_roll_back_takes_the_uppermost_publication_away() {
        let at = Timestamp::from_millis(0);
        let rules = |number| Ruleset::FIRST.numbered(number);
        let first = Schedule::first(rules(1));
        let second = first.publish(rules(2), Effective::Everything);
        let third = second.publish(rules(3), Effective::Everything);
        let revision = |schedule: &Schedule, cause| Revision { schedule: schedule.clone(), cause, at };
        let start = revision(&first, RevisionCause::Start);
        let one = revision(&second, RevisionCause::Publish);
        let two = revision(&third, RevisionCause::Publish);
        let back = revision(&third.roll_back(&second), RevisionCause::RollBack);
        assert_eq!(before_newest([&start]), None);
        assert_eq!(before_newest([&start, &one]), Some(&start));
        assert_eq!(before_newest([&start, &one, &two]), Some(&one));
        assert_eq!(before_newest([&start, &one, &two, &back]), Some(&start));
        assert_eq!(before_newest([&start, &one, &two, &back, &back]), None);
    }
}
