//! The range of days a page shows, chosen by its address: the last 7, 30 or 90 days, or two dates, in the store's
//! own zone.

use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use selektable_domain::time::{Interval, Range, Timestamp, Zone};

use super::form::Values;
use super::lens::ReadingMenu;
use super::page::address;

/// Days shown when nobody chose.
const DAYS_DEFAULT: i64 = 30;
const DAYS_OFFERED: [i64; 3] = [7, 30, 90];
/// Longest range, so that a chart stays readable and a query bounded.
const DAYS_MAX: i32 = 3_653;
/// From here on a chart has a bar a week.
const DAYS_BY_DAY_MAX: i32 = 93;

/// Whole days of a store's zone.
#[derive(Clone, Debug)]
pub(crate) struct Period {
    /// From the first day's beginning to the last day's end.
    pub range: Range,
    first: Date,
    last: Date,
    /// How many days back from today; `None` when two dates were given.
    days: Option<i64>,
    /// What was wrong with the dates given.
    error: Option<&'static str>,
    zone: String,
}

impl Period {
    /// Reads `days`, or `from` and `to` (both days included). Dates that make no sense give the usual days and a
    /// sentence: an address is never an error page.
    #[must_use]
    pub(crate) fn read(asked: &Values, zone: &Zone, now: Timestamp) -> Self {
        let today = today(zone, now);
        let (from, to) = (asked.get("from"), asked.get("to"));
        if from.is_empty() && to.is_empty() {
            let asked_days = asked.get("days").parse().ok().filter(|days| DAYS_OFFERED.contains(days));
            return Self::last_days(asked_days.unwrap_or(DAYS_DEFAULT), today, zone, None);
        }
        match judge(from, to, today) {
            Ok((first, last)) => Self::between(first, last, zone),
            Err(fault) => Self::last_days(DAYS_DEFAULT, today, zone, Some(fault)),
        }
    }

    fn last_days(days: i64, today: Date, zone: &Zone, error: Option<&'static str>) -> Self {
        let first = today.saturating_sub((days - 1).days());
        Self { days: Some(days), error, ..Self::between(first, today, zone) }
    }

    fn between(first: Date, last: Date, zone: &Zone) -> Self {
        let range = Range { from: day_start(first, zone), to: day_start(last.saturating_add(1.day()), zone) };
        Self { range, first, last, days: None, error: None, zone: zone.name().to_owned() }
    }

    /// Width of a bar that keeps a chart readable.
    #[must_use]
    pub(crate) fn interval(&self) -> Interval {
        if self.length_days() > DAYS_BY_DAY_MAX { Interval::Week } else { Interval::Day }
    }

    fn length_days(&self) -> i32 {
        (self.last - self.first).get_days() + 1
    }

    /// The days in words that end a sentence: `in the last 30 days`.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let write = |day: Date| day.strftime("%-d %b %Y").to_string();
        match self.days {
            Some(days) => format!("in the last {days} days"),
            None if self.first == self.last => format!("on {}", write(self.first)),
            None => format!("from {} to {}", write(self.first), write(self.last)),
        }
    }

    /// The pairs that say the same in an address.
    #[must_use]
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        match self.days {
            Some(DAYS_DEFAULT) => Vec::new(),
            Some(days) => vec![("days", days.to_string())],
            None => vec![("from", self.first.to_string()), ("to", self.last.to_string())],
        }
    }

    /// An address with this period and other pairs.
    #[must_use]
    pub(crate) fn link(&self, path: &str, more: &[(&str, &str)]) -> String {
        let own = self.pairs();
        let mut pairs: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pairs.extend(more);
        address::with_query(path, &pairs)
    }

    /// The picker for a page at `path` whose other filters are kept.
    #[must_use]
    pub(crate) fn picker(&self, path: &str, kept: &[(&'static str, &str)]) -> Picker {
        let choice = |days: i64| PickerChoice {
            name: format!("{days} days"),
            href: {
                let text = days.to_string();
                let mut pairs = vec![("days", text.as_str())];
                pairs.extend(kept.iter().map(|(name, value)| (*name, *value)));
                address::with_query(path, &pairs)
            },
            current: self.days == Some(days),
        };
        Picker {
            path: path.to_owned(),
            choices: DAYS_OFFERED.into_iter().map(choice).collect(),
            first: self.first.to_string(),
            last: self.last.to_string(),
            custom: self.days.is_none(),
            error: self.error,
            kept: kept
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            zone: self.zone.clone(),
            reading: None,
        }
    }
}

/// The address of one bucket's days.
#[must_use]
pub(crate) fn days_of(bucket: Range, zone: &Zone) -> Option<(Date, Date)> {
    let first = zone.local(bucket.from)?.date();
    let last = zone.local(bucket.to.plus_millis(-1))?.date();
    Some((first, last))
}

fn judge(from: &str, to: &str, today: Date) -> Result<(Date, Date), &'static str> {
    let fault = "A date is written like 2026-11-23: the last 30 days are shown instead.";
    let read = |text: &str, missing: Date| {
        if text.is_empty() { Ok(missing) } else { parse_date(text).ok_or(fault) }
    };
    let last = read(to, today)?;
    let first = read(from, last)?;
    if first > last {
        return Err("The first day is after the last one: the last 30 days are shown instead.");
    }
    if (last - first).get_days() >= DAYS_MAX {
        return Err("That is more than ten years: the last 30 days are shown instead.");
    }
    Ok((first, last))
}

/// Only the form an `<input type="date">` gives, in years that every calendar here can hold.
#[must_use]
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date: Option<Date> = shape.then(|| text.parse().ok()).flatten();
    date.filter(|date| (1971..=9000).contains(&date.year()))
}

/// The first instant of a day; on days whose midnight does not exist, the first one that does.
#[must_use]
pub(crate) fn day_start(day: Date, zone: &Zone) -> Timestamp {
    let tz = zone.local(Timestamp::from_millis(0)).map(|local| local.time_zone().clone());
    let start = tz.and_then(|tz| day.to_zoned(tz).and_then(|zoned| zoned.start_of_day()).ok());
    Timestamp::from_millis(start.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
}

/// The last instant of a day.
#[must_use]
pub(crate) fn day_end(day: Date, zone: &Zone) -> Timestamp {
    day_start(day.saturating_add(1.day()), zone).plus_millis(-1)
}

/// The day it is in a zone.
#[must_use]
pub(crate) fn today(zone: &Zone, now: Timestamp) -> Date {
    zone.local(now).map_or(Date::constant(1970, 1, 1), |local| local.date())
}

/// The picker as it is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/period.html")]
pub(crate) struct Picker {
    path: String,
    choices: Vec<PickerChoice>,
    first: String,
    last: String,
    custom: bool,
    error: Option<&'static str>,
    kept: Vec<(&'static str, String)>,
    zone: String,
    reading: Option<ReadingMenu>,
}

impl askama::filters::HtmlSafe for Picker {}

impl Picker {
    /// With the choice of how figures are read.
    #[must_use]
    pub(crate) fn with_reading(self, reading: ReadingMenu) -> Self {
        Self { reading: Some(reading), ..self }
    }
}

#[derive(Clone, Debug)]
struct PickerChoice {
    name: String,
    href: String,
    current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: [(&str, &str); 2], zone: &str) -> Period {
        let now = Timestamp::parse_rfc3339("2026-11-23T23:30:00Z").unwrap();
        Period::read(&Values::from(pairs), &Zone::parse(zone).unwrap(), now)
    }

    #[test]
    fn the_last_days_end_with_today_in_the_stores_zone() {
        let period = read([("days", "7"), ("", "")], "Europe/Amsterdam");
        assert_eq!(
            period.range.from.to_rfc3339(),
            "2026-11-17T23:00:00.000Z",
            "it is the 24th there already"
        );
        assert_eq!(period.range.to.to_rfc3339(), "2026-11-24T23:00:00.000Z");
        assert_eq!(period.words(), "in the last 7 days");
        assert_eq!(period.link("/x", &[("type", "none")]), "/x?days=7&type=none");
    }

    #[test]
    fn two_dates_include_both_days_also_across_a_clock_change() {
        let period = read([("from", "2026-10-24"), ("to", "2026-10-25")], "Europe/Amsterdam");
        assert_eq!(period.range.to.millis_since(period.range.from), (24 + 25) * 3_600_000);
        assert_eq!(period.words(), "from 24 Oct 2026 to 25 Oct 2026");
        assert_eq!(period.link("/x", &[]), "/x?from=2026-10-24&to=2026-10-25");
    }

    #[test]
    fn dates_that_make_no_sense_give_the_usual_days_and_say_why() {
        for pairs in [
            [("from", "2026-11-23"), ("to", "2026-11-01")],
            [("from", "yesterday"), ("to", "")],
            [("from", "2026-02-30"), ("to", "")],
            [("from", "0001-01-01"), ("to", "9999-12-31")],
            [("from", "1980-01-01"), ("to", "2026-01-01")],
        ] {
            let period = read(pairs, "UTC");
            assert_eq!(period.words(), "in the last 30 days", "{pairs:?}");
            assert!(period.error.is_some(), "{pairs:?}");
        }
        assert!(read([("days", "31"), ("", "")], "UTC").error.is_none());
    }

    #[test]
    fn a_long_range_is_shown_by_week() {
        assert_eq!(read([("days", "90"), ("", "")], "UTC").interval(), Interval::Day);
        assert_eq!(read([("from", "2026-01-01"), ("to", "2026-11-01")], "UTC").interval(), Interval::Week);
    }
}
