//! When people shop: more at weekends, hardly at night, most in the evening, a little more every week.

use selektable_domain::time::{HOUR_MS, Range, Timestamp};

use super::chance::{Chance, Spread};

/// Visits by hour of the day, from midnight on.
const HOURS: [u32; 24] =
    [2, 1, 0, 0, 0, 1, 3, 6, 9, 12, 14, 15, 17, 15, 13, 13, 14, 16, 19, 26, 31, 27, 16, 6];
/// Visits by day of the week. The history begins wherever it begins: the weekday is told from the date.
const WEEKDAYS: [u32; 7] = [20, 19, 20, 22, 24, 33, 37];
/// Nobody's visit lasts longer; so nothing of the last day happens tomorrow.
const VISIT_MS_MAX: i64 = 2 * HOUR_MS;

/// A day's weight, by its place from the oldest and its weekday.
fn weight(day: Range, place: usize) -> u32 {
    // 1970-01-01 was a Thursday; noon of a local day lies on the same date in UTC closely enough for a shape.
    let noon = day.from.plus_millis(12 * HOUR_MS).as_millis();
    let weekday = usize::try_from((noon.div_euclid(24 * HOUR_MS) + 3).rem_euclid(7)).unwrap_or(0);
    WEEKDAYS[weekday] * (30 + u32::try_from(place).unwrap_or(0))
}

/// A day between two places of `days`, both included.
pub(super) fn day(spread: &mut Spread, days: &[Range], first: usize, last: usize) -> usize {
    let last = last.min(days.len().saturating_sub(1));
    let weights: Vec<u32> = (first..=last).map(|place| weight(days[place], place)).collect();
    first + spread.weighted(&weights)
}

/// When a visit of a day begins.
pub(super) fn hour(chance: &mut Chance, day: Range) -> Timestamp {
    let hour = i64::try_from(chance.weighted(&HOURS)).unwrap_or(0);
    let at = day.from.plus_millis(hour * HOUR_MS + chance.between(0, HOUR_MS - 1));
    at.min(day.to.plus_millis(-VISIT_MS_MAX))
}
