//! Time as values: instants in milliseconds, windows, half-open ranges, and days in a store's own zone.

mod month;
mod parse;

pub use month::Month;
pub use parse::parse_range;

use std::fmt;

use jiff::ToSpan;
use jiff::tz::TimeZone;

/// Milliseconds of one hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds of a day of 24 hours (calendar days in a zone can be 23 or 25 hours long).
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// Most buckets one time series may have.
pub const BUCKETS_MAX: usize = 2_000;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// Why a text is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not a date and time with a zone, such as 2026-11-23T10:15:00Z or 2026-11-23T11:15:00+01:00 (RFC 3339)"
)]
pub struct TimestampFault;

impl Timestamp {
    /// From milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// `self − earlier`, in milliseconds; negative when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This instant moved by `millis`, which may be negative.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339 with a zone (`Z` or an offset) and up to nine fraction digits; less than a millisecond is
    /// cut off. A date without a zone is refused, because it names no instant.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampFault> {
        if !has_rfc3339_shape(text.as_bytes()) {
            return Err(TimestampFault);
        }
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self(instant.as_millisecond()))
            .map_err(|_| TimestampFault)
    }

    /// RFC 3339 in UTC with milliseconds, such as `2026-11-23T10:15:00.000Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map_or_else(
            |_| self.0.to_string(),
            |instant| instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        )
    }
}

/// `jiff` reads more than RFC 3339 (week dates, `T10`, annotations); only the RFC's own shape is let through.
fn has_rfc3339_shape(text: &[u8]) -> bool {
    let digits =
        |from: usize, to: usize| text.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let mark = |place: usize, marks: &[u8]| text.get(place).is_some_and(|byte| marks.contains(byte));
    let date =
        digits(0, 4) && mark(4, b"-") && digits(5, 7) && mark(7, b"-") && digits(8, 10) && mark(10, b"Tt ");
    let time = digits(11, 13) && mark(13, b":") && digits(14, 16) && mark(16, b":") && digits(17, 19);
    if !(date && time) {
        return false;
    }
    let mut rest = &text[19..];
    if let [b'.', fraction @ ..] = rest {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&length) {
            return false;
        }
        rest = &fraction[length..];
    }
    match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            // `jiff` takes offsets of up to 25 hours; the RFC's hours end at 23.
            [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) && [*h1, *h2] < *b"24"
        }
        _ => false,
    }
}

/// A half-open range of instants: `from` is in it, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Range {
    /// Every instant there is.
    pub const ALL: Self = Self { from: Timestamp(i64::MIN), to: Timestamp(i64::MAX) };

    /// Whether an instant lies in the range.
    #[must_use]
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// How long after a visualization a conversion may still be credited: 1 hour to 365 days, both ends of the
/// interval included (SPEC section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window(i64);

/// Why a length is no attribution window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an attribution window lasts from 1 hour to 365 days")]
pub struct WindowFault;

impl Window {
    /// Seven days.
    pub const DEFAULT: Self = Self(7 * DAY_MS);

    /// A window of so many milliseconds.
    pub fn from_millis(millis: i64) -> Result<Self, WindowFault> {
        if (HOUR_MS..=365 * DAY_MS).contains(&millis) { Ok(Self(millis)) } else { Err(WindowFault) }
    }

    /// A window of so many whole hours.
    pub fn from_hours(hours: i64) -> Result<Self, WindowFault> {
        hours.checked_mul(HOUR_MS).ok_or(WindowFault).and_then(Self::from_millis)
    }

    /// Milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

/// A store's time zone, by its IANA name. Days, weeks and hours of reports follow it.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: Box<str>,
    zone: TimeZone,
}

/// Why a text is no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone of the IANA list, such as Europe/Amsterdam or UTC")]
pub struct ZoneFault;

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl Zone {
    /// Looks the name up in the time-zone data that this program carries, so that two machines never disagree.
    pub fn parse(name: &str) -> Result<Self, ZoneFault> {
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(name).map_err(|_| ZoneFault)?;
        let name = zone.iana_name().unwrap_or(name).into();
        Ok(Self { name, zone })
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An instant as a clock in this zone shows it.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> Option<jiff::Zoned> {
        jiff::Timestamp::from_millisecond(at.0).ok().map(|instant| instant.to_zoned(self.zone.clone()))
    }
}

/// Width of a time series' buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// From full hour to full hour of the zone's clock.
    Hour,
    /// From midnight to midnight of the zone.
    Day,
    /// From Monday's midnight to Monday's midnight.
    Week,
}

/// Why a range can't be cut into buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketsFault {
    /// More than [`BUCKETS_MAX`].
    #[error("the range holds more than 2,000 intervals: choose a shorter range or a longer interval")]
    TooMany,
    /// An instant outside the calendar's years (−9999 to 9999), or `from` after `to`.
    #[error("`from` and `to` must lie between the years -9999 and 9999, `from` before `to`")]
    OutOfCalendar,
}

/// Cuts a range into whole buckets of a zone: the first holds `range.from`, the last ends at or after `range.to`.
/// Neighbours touch, so every instant of the range lies in exactly one bucket, on days of 23 and 25 hours too.
pub fn buckets(range: Range, interval: Interval, zone: &Zone) -> Result<Vec<Range>, BucketsFault> {
    let outside = BucketsFault::OutOfCalendar;
    let mut cursor = bucket_start(&zone.local(range.from).ok_or(outside)?, interval).map_err(|_| outside)?;
    let mut found = Vec::new();
    while stamp(&cursor) < range.to {
        if found.len() == BUCKETS_MAX {
            return Err(BucketsFault::TooMany);
        }
        let next = next_bucket(&cursor, interval).map_err(|_| outside)?;
        // Clocks that go back over midnight (St. John's, at 00:01) show the end of a day again in the next day's
        // bucket: the bucket of the date that they show is over by then.
        if range.from < stamp(&next) {
            found.push(Range { from: stamp(&cursor), to: stamp(&next) });
        }
        cursor = next;
    }
    Ok(found)
}

/// The day of a zone that an instant is in: from the start of a date to the start of the next, so that days never
/// overlap, whatever clocks do at midnight. Outside the calendar every millisecond is a day of its own.
#[must_use]
pub fn day_of(at: Timestamp, zone: &Zone) -> Range {
    let alone = Range { from: at, to: at.plus_millis(1) };
    let Some(mut start) = zone.local(at).and_then(|local| local.start_of_day().ok()) else { return alone };
    loop {
        // The calendar's last day has no end.
        let Ok(next) = next_bucket(&start, Interval::Day) else {
            return Range { from: stamp(&start), ..Range::ALL };
        };
        if at < stamp(&next) {
            return Range { from: stamp(&start), to: stamp(&next) };
        }
        start = next;
    }
}

fn stamp(zoned: &jiff::Zoned) -> Timestamp {
    Timestamp(zoned.timestamp().as_millisecond())
}

fn bucket_start(local: &jiff::Zoned, interval: Interval) -> Result<jiff::Zoned, jiff::Error> {
    match interval {
        Interval::Hour => hour_start(local),
        Interval::Day => local.start_of_day(),
        Interval::Week => {
            let since_monday = local.weekday().since(jiff::civil::Weekday::Monday);
            // By dates: the time of day may be one that the clocks left out on Monday.
            let monday = local.date().checked_sub(i64::from(since_monday).days())?;
            monday.to_zoned(local.time_zone().clone())?.start_of_day()
        }
    }
}

fn next_bucket(start: &jiff::Zoned, interval: Interval) -> Result<jiff::Zoned, jiff::Error> {
    match interval {
        Interval::Hour => next_hour(start),
        Interval::Day => start.checked_add(1.day())?.start_of_day(),
        Interval::Week => start.checked_add(7.days())?.start_of_day(),
    }
}

/// The full hour before, or the change of the clocks since then: so the hour repeated in autumn is two buckets, and
/// where clocks move by half an hour (Lord Howe) or at odd minutes, the hour is cut at the change.
fn hour_start(local: &jiff::Zoned) -> Result<jiff::Zoned, jiff::Error> {
    let full_hour = local.checked_sub(into_hour_ms(local).milliseconds())?;
    if full_hour.offset() == local.offset() {
        return Ok(full_hour);
    }
    let after = local.timestamp().checked_add(1.nanosecond())?;
    let change = local.time_zone().preceding(after).next();
    Ok(change.map_or(full_hour, |change| change.timestamp().to_zoned(local.time_zone().clone())))
}

/// The next full hour, or the change of the clocks before it.
fn next_hour(start: &jiff::Zoned) -> Result<jiff::Zoned, jiff::Error> {
    let full_hour = start.checked_add((HOUR_MS - into_hour_ms(start)).milliseconds())?;
    if full_hour.offset() == start.offset() {
        return Ok(full_hour);
    }
    let change = start.time_zone().following(start.timestamp()).next();
    Ok(change.map_or(full_hour, |change| change.timestamp().to_zoned(start.time_zone().clone())))
}

fn into_hour_ms(local: &jiff::Zoned) -> i64 {
    i64::from(local.minute()) * 60_000 + i64::from(local.second()) * 1_000 + i64::from(local.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn instant(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[rstest]
    #[case("2026-11-23T10:15:00Z", Some(1_795_428_900_000))]
    #[case("2026-11-23T11:15:00.000+01:00", Some(1_795_428_900_000))]
    #[case("2026-11-23t10:15:00.123456789z", Some(1_795_428_900_123))]
    #[case("2026-11-23 10:15:00Z", Some(1_795_428_900_000))]
    #[case("2026-11-23T10:15:00", None)]
    #[case("2026-11-23", None)]
    #[case("2026-11-23T10:15Z", None)]
    #[case("2026-11-23T10Z", None)]
    #[case("2026-W48-1T10:15:00Z", None)]
    #[case("2026-11-23T10:15:00Z[UTC]", None)]
    #[case("2026-11-23T10:15:00+01", None)]
    #[case("2026-11-24T10:14:00+23:59", Some(1_795_428_900_000))]
    #[case("2026-11-24T10:15:00+24:00", None)]
    #[case("2026-11-23T10:15:00+01:60", None)]
    #[case("2026-11-23T10:15:00-00:00", Some(1_795_428_900_000))]
    #[case("2026-11-23T10:15:00.1234567891Z", None)]
    #[case("2016-12-31T23:59:60Z", Some(1_483_228_799_000))]
    #[case("2026-02-29T00:00:00Z", None)]
    #[case("2026-13-01T00:00:00Z", None)]
    #[case("2026-11-23T24:00:00Z", None)]
    #[case("2026-11-23T10:15:00.Z", None)]
    #[case(" 2026-11-23T10:15:00Z", None)]
    #[case("", None)]
    #[case("1795428900", None)]
    fn only_rfc_3339_with_a_zone_names_an_instant(#[case] text: &str, #[case] millis: Option<i64>) {
        assert_eq!(Timestamp::parse_rfc3339(text).ok().map(Timestamp::as_millis), millis);
    }

    #[test]
    fn an_instant_is_written_with_milliseconds() {
        assert_eq!(instant("2026-11-23T11:15:00.0015+01:00").to_rfc3339(), "2026-11-23T10:15:00.001Z");
    }

    #[test]
    fn a_window_has_its_limits_included() {
        assert!(Window::from_millis(HOUR_MS).is_ok() && Window::from_hours(365 * 24).is_ok());
        assert!(Window::from_millis(HOUR_MS - 1).is_err() && Window::from_millis(365 * DAY_MS + 1).is_err());
        assert!(Window::from_hours(i64::MAX).is_err());
    }

    #[test]
    fn days_around_clock_changes_are_23_and_25_hours_long() {
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let lengths = |from: &str, to: &str| -> Vec<i64> {
            let range = Range { from: instant(from), to: instant(to) };
            buckets(range, Interval::Day, &zone)
                .unwrap()
                .iter()
                .map(|day| day.to.millis_since(day.from) / HOUR_MS)
                .collect()
        };
        assert_eq!(lengths("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"), [24, 23, 24]);
        assert_eq!(lengths("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"), [24, 25, 24]);
    }

    #[test]
    fn every_instant_is_in_the_day_that_a_series_of_days_puts_it_in() {
        // Clocks of St. John's went back at 00:01: that day begins once, and its evening before ends twice.
        let around = [
            ("America/St_Johns", "2006-10-29T00:00:00Z"),
            ("Europe/Amsterdam", "2026-10-24T20:00:00Z"),
            ("Asia/Kathmandu", "2026-03-01T00:00:00Z"),
        ];
        for (name, from) in around {
            let (zone, from) = (Zone::parse(name).unwrap(), instant(from));
            let range = Range { from, to: from.plus_millis(2 * DAY_MS) };
            let days = buckets(range, Interval::Day, &zone).unwrap();
            for minute in 0..2 * 24 * 60 {
                let at = from.plus_millis(minute * 60_000);
                let day = days.iter().find(|day| day.contains(at)).unwrap();
                assert_eq!(day_of(at, &zone), *day, "{name}, minute {minute}");
            }
        }
        assert!(day_of(Timestamp(i64::MIN), &Zone::parse("UTC").unwrap()).contains(Timestamp(i64::MIN)));
    }

    #[test]
    fn too_many_buckets_are_refused_not_made() {
        let zone = Zone::parse("UTC").unwrap();
        let range = Range { from: instant("2000-01-01T00:00:00Z"), to: instant("2026-01-01T00:00:00Z") };
        assert_eq!(buckets(range, Interval::Hour, &zone), Err(BucketsFault::TooMany));
        assert_eq!(buckets(Range::ALL, Interval::Day, &zone), Err(BucketsFault::OutOfCalendar));
    }

    proptest! {
        #[test]
        fn buckets_partition_the_range_in_every_zone(pick: prop::sample::Index, start in 0_i64..1_900_000_000, hours in 1_i64..2_000, interval in prop::sample::select(vec![Interval::Hour, Interval::Day, Interval::Week])) {
            let names: Vec<String> = jiff::tz::TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
            let zone = Zone::parse(pick.get::<String>(&names)).unwrap();
            let range = Range { from: Timestamp(start * 1_000), to: Timestamp(start * 1_000 + hours * HOUR_MS) };
            let found = buckets(range, interval, &zone).unwrap();
            prop_assert!(found[0].contains(range.from));
            prop_assert!(found.last().unwrap().to >= range.to && found.last().unwrap().from < range.to);
            prop_assert!(found.windows(2).all(|pair| pair[0].to == pair[1].from));
            prop_assert!(found.iter().all(|bucket| bucket.from < bucket.to));
        }
    }
}
