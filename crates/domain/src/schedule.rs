//! Which version of the rules decides a conversion: the one in force at the time it happened.
//!
//! Publishing makes the next revision of a store's schedule and changes no earlier one. Example: version 1 from the
//! beginning; version 2 published from 1 March on: a conversion of 28 February is decided under 1, one of 1 March
//! under 2. Version 3 published retroactively: everything is decided under 3. Rolled back: the revision before is
//! in force again, under a new number.

mod parse;

pub use parse::parse_effective;

use crate::rules::Ruleset;
use crate::time::Timestamp;

/// From when published rules decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effective {
    /// Every conversion, also those of the past.
    Everything,
    /// Conversions that happened at this instant or later.
    From(Timestamp),
}

/// One version in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// First instant; `None` for the beginning.
    pub from: Option<Timestamp>,
    /// The rules.
    pub rules: Ruleset,
}

/// One revision of a store's schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    revision: u32,
    /// Ascending by `from`; the first is from the beginning.
    entries: Vec<InForce>,
}

impl Schedule {
    /// The first revision: these rules for everything.
    #[must_use]
    pub fn first(rules: Ruleset) -> Self {
        Self { revision: 1, entries: vec![InForce { from: None, rules }] }
    }

    /// A stored revision; `None` unless the entries ascend and begin at the beginning.
    #[must_use]
    pub fn of(revision: u32, entries: Vec<InForce>) -> Option<Self> {
        let begins = entries.first().is_some_and(|entry| entry.from.is_none());
        let ascends = entries.windows(2).all(|pair| pair[0].from < pair[1].from);
        (begins && ascends).then_some(Self { revision, entries })
    }

    /// Its number: 1, 2, 3 …
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// What is in force when, ascending.
    #[must_use]
    pub fn entries(&self) -> &[InForce] {
        &self.entries
    }

    /// The rules for a conversion that happened at `at`.
    #[must_use]
    pub fn rules_at(&self, at: Timestamp) -> &Ruleset {
        let after = self.entries.partition_point(|entry| entry.from.is_none_or(|from| from <= at));
        // The first entry begins at the beginning, so at least one is at or before any instant.
        &self.entries[after.saturating_sub(1)].rules
    }

    /// The rules for what happens from now on.
    #[must_use]
    pub fn newest(&self) -> &Ruleset {
        &self.entries[self.entries.len() - 1].rules
    }

    /// The next revision, with `rules` in force from then on; what was to come into force later goes.
    #[must_use]
    pub fn publish(&self, rules: Ruleset, effective: Effective) -> Self {
        let revision = self.revision + 1;
        match effective {
            Effective::Everything => Self { revision, entries: vec![InForce { from: None, rules }] },
            Effective::From(at) => {
                let mut entries: Vec<InForce> =
                    self.entries.iter().copied().filter(|entry| entry.from < Some(at)).collect();
                entries.push(InForce { from: Some(at), rules });
                Self { revision, entries }
            }
        }
    }

    /// The next revision, which says what `earlier` said.
    #[must_use]
    pub fn roll_back(&self, earlier: &Self) -> Self {
        Self { revision: self.revision + 1, entries: earlier.entries.clone() }
    }

    /// Whether two revisions decide every conversion under the same rules.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Window;

    fn version(number: u32) -> Ruleset {
        Ruleset { window: Window::from_hours(i64::from(number)).unwrap(), ..Ruleset::FIRST }.numbered(number)
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn versions(schedule: &Schedule, times: &[i64]) -> Vec<u32> {
        times.iter().map(|millis| schedule.rules_at(at(*millis)).version).collect()
    }

    #[test]
    fn a_conversion_is_decided_under_the_rules_in_force_when_it_happened() {
        let first = Schedule::first(version(1));
        let second = first.publish(version(2), Effective::From(at(10)));
        assert_eq!(versions(&second, &[i64::MIN, 9, 10, 11]), [1, 1, 2, 2]);
        let third = second.publish(version(3), Effective::Everything);
        assert_eq!(versions(&third, &[i64::MIN, 10]), [3, 3]);
        let back = third.roll_back(&second);
        assert_eq!((versions(&back, &[9, 10]), back.revision()), (vec![1, 2], 4));
        assert!(back.says_the_same(&second) && !back.says_the_same(&third));
    }

    #[test]
    fn what_is_published_for_an_earlier_time_replaces_what_came_later() {
        let schedule = Schedule::first(version(1))
            .publish(version(2), Effective::From(at(20)))
            .publish(version(3), Effective::From(at(10)));
        assert_eq!(versions(&schedule, &[9, 10, 30]), [1, 3, 3]);
        let again = schedule.publish(version(4), Effective::From(at(10)));
        assert_eq!(versions(&again, &[9, 10]), [1, 4]);
        assert_eq!(Schedule::of(again.revision(), again.entries().to_vec()), Some(again));
        assert_eq!(Schedule::of(1, Vec::new()), None);
    }
}
