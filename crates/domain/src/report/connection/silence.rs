//! Whether a shop is quieter than it ever is. A shop that sells twice a week has pauses of days, so a pause is measured
//! by the shop's own.

use crate::time::{DAY_MS, Timestamp};

/// Deliveries without which nothing is known of a shop's pauses.
const DELIVERIES_MIN: usize = 5;
/// Deliveries from which on a shop is known well enough, however short their time.
const DELIVERIES_ENOUGH: usize = 50;
/// Days that fewer deliveries must span: a week has a weekend in it.
const SPAN_DAYS_MIN: i64 = 7;
/// How many times the longest pause is unusual.
const TIMES_LONGEST: i64 = 3;

/// A pause that is longer than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// When the last delivery came.
    pub since: Timestamp,
    /// The longest pause before, in milliseconds.
    pub longest_gap_ms: i64,
}

/// The pause since the newest of `recent` (newest first), if it is longer than a day and longer than three times the
/// longest of the known pauses before it; `None` also while too few deliveries are known.
///
/// Example: orders on Mondays and Thursdays have pauses of 4 days at most; the alarm comes after 12 days.
#[must_use]
pub(super) fn longer_than_usual(recent: &[Timestamp], now: Timestamp) -> Option<Silence> {
    let (newest, oldest) = (*recent.first()?, *recent.last()?);
    let spans_a_week = newest.millis_since(oldest) >= SPAN_DAYS_MIN * DAY_MS;
    if recent.len() < DELIVERIES_MIN || (recent.len() < DELIVERIES_ENOUGH && !spans_a_week) {
        return None;
    }
    let longest_gap_ms = recent.windows(2).map(|pair| pair[0].millis_since(pair[1])).max()?;
    let pause = now.millis_since(newest);
    let is_unusual = pause > DAY_MS && pause > TIMES_LONGEST * longest_gap_ms;
    is_unusual.then_some(Silence { since: newest, longest_gap_ms })
}
