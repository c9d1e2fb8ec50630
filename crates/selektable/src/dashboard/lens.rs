//! How a page's figures are read: by order date or by refund date, as known now or on an earlier day. Both stand in
//! the address, so that a link to last month's report shows it as it was.

use jiff::civil::Date;
use selektable_domain::id::WidgetId;
use selektable_domain::report::{DateBasis, Lens};
use selektable_domain::time::{Timestamp, Zone};

use super::form::Values;
use super::page::address;
use super::period::{Period, Picker, day_end, parse_date, today};

/// What a reader chose.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    dates: DateBasis,
    /// The last day whose facts count, and its last instant.
    as_of: Option<(Date, Timestamp)>,
    today: Date,
    /// What was wrong with the day given.
    error: Option<&'static str>,
}

/// What is to be said about figures that are not read as usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadingNote {
    /// Sentences, such as "As known on 31 March 2026: later refunds, … are left out."
    pub sentences: Vec<String>,
    /// The same page read as usual.
    pub usual_href: String,
}

/// The choice as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct ReadingMenu {
    /// In a few words: "By order date, as known now".
    pub summary: String,
    /// Whether it differs from the usual.
    pub chosen: bool,
    /// Whether the refund date holds.
    pub by_refund: bool,
    /// The day chosen, or nothing.
    pub as_of: String,
    /// The latest day that can be chosen.
    pub today: String,
    /// What of the address is kept.
    pub kept: Vec<(&'static str, String)>,
    /// What was wrong with the day given.
    pub error: Option<&'static str>,
}

impl Reading {
    /// Reads `dates` and `as_of`. A day that makes no sense counts as none and gives a sentence; today and later
    /// days are now.
    #[must_use]
    pub(crate) fn read(asked: &Values, zone: &Zone, now: Timestamp) -> Self {
        let today = today(zone, now);
        let (as_of, error) = match asked.get("as_of") {
            "" => (None, None),
            text => match parse_date(text) {
                Some(day) if day < today => (Some((day, day_end(day, zone))), None),
                Some(_) => (None, None),
                None => (None, Some("A day is written like 2026-03-31: figures are shown as known now.")),
            },
        };
        let dates = DateBasis::from_code(asked.get("dates")).unwrap_or_default();
        Self { dates, as_of, today, error }
    }

    /// The lens for the store or one widget.
    #[must_use]
    pub(crate) fn lens(&self, widget: Option<WidgetId>) -> Lens {
        Lens { widget, dates: self.dates, as_of: self.as_of.map(|(_, instant)| instant) }
    }

    /// The pairs that say the same in an address.
    #[must_use]
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let dates = (self.dates != DateBasis::default()).then(|| ("dates", self.dates.code().to_owned()));
        let as_of = self.as_of.map(|(day, _)| ("as_of", day.to_string()));
        dates.into_iter().chain(as_of).collect()
    }

    /// An address with the period and this reading.
    #[must_use]
    pub(crate) fn link(&self, period: &Period, path: &str) -> String {
        let pairs: Vec<_> = period.pairs().into_iter().chain(self.pairs()).collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        address::with_query(path, &pairs)
    }

    /// What to say above the figures, unless they are read as usual.
    #[must_use]
    pub(crate) fn note(&self, period: &Period, path: &str) -> Option<ReadingNote> {
        let mut sentences = Vec::new();
        if let Some((day, instant)) = self.as_of {
            sentences.push(format!(
                "As known on {}: later refunds, late visualizations and rule changes are left out.",
                long(day)
            ));
            if instant < period.range.from {
                sentences.push("All days shown came after it, so nothing of them was known.".to_owned());
            }
        }
        if self.dates == DateBasis::Refund {
            sentences.push(
                "By refund date: a refund lowers the day it was made, not the day of its order, so revenue may be negative."
                    .to_owned(),
            );
        }
        if sentences.is_empty() {
            return None;
        }
        sentences.push("Lists behind these figures show conversions as they are now.".to_owned());
        Some(ReadingNote { sentences, usual_href: period.link(path, &[]) })
    }

    /// The picker of a page at `path` that shows this period and is read so.
    #[must_use]
    pub(crate) fn picker(&self, period: &Period, path: &str) -> Picker {
        let pairs = self.pairs();
        let kept: Vec<(&'static str, &str)> =
            pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        period.picker(path, &kept).with_reading(self.menu(period))
    }

    /// The menu that changes it on a page that shows this period.
    #[must_use]
    pub(crate) fn menu(&self, period: &Period) -> ReadingMenu {
        let by_refund = self.dates == DateBasis::Refund;
        let by = if by_refund { "By refund date" } else { "By order date" };
        let known = self.as_of.map_or_else(|| "now".to_owned(), |(day, _)| format!("on {}", long(day)));
        ReadingMenu {
            summary: format!("{by}, as known {known}"),
            chosen: by_refund || self.as_of.is_some(),
            by_refund,
            as_of: self.as_of.map(|(day, _)| day.to_string()).unwrap_or_default(),
            today: self.today.to_string(),
            kept: period.pairs(),
            error: self.error,
        }
    }
}

fn long(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dates: &str, as_of: &str) -> (Reading, Period) {
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let now = Timestamp::parse_rfc3339("2026-04-20T12:00:00Z").unwrap();
        let asked =
            Values::from([("dates", dates), ("as_of", as_of), ("from", "2026-03-01"), ("to", "2026-03-31")]);
        (Reading::read(&asked, &zone, now), Period::read(&asked, &zone, now))
    }

    #[test]
    fn a_day_is_known_to_its_end_in_the_stores_zone() {
        let (reading, period) = read("", "2026-03-31");
        let instant = reading.lens(None).as_of.map(Timestamp::to_rfc3339);
        assert_eq!(instant.as_deref(), Some("2026-03-31T21:59:59.999Z"));
        assert_eq!(reading.link(&period, "/x"), "/x?from=2026-03-01&to=2026-03-31&as_of=2026-03-31");
        let note = reading.note(&period, "/x").unwrap();
        assert_eq!(
            note.sentences[0],
            "As known on 31 March 2026: later refunds, late visualizations and rule changes are left out."
        );
        assert_eq!(note.usual_href, "/x?from=2026-03-01&to=2026-03-31");
        assert_eq!(reading.menu(&period).summary, "By order date, as known on 31 March 2026");
    }

    #[test]
    fn usual_figures_need_no_note_and_no_pair() {
        for as_of in ["", "2026-04-20", "2027-01-01"] {
            let (reading, period) = read("order", as_of);
            assert_eq!(reading.lens(None), Lens::default(), "{as_of}");
            assert!(reading.note(&period, "/x").is_none() && reading.pairs().is_empty());
            assert!(!reading.menu(&period).chosen);
        }
    }

    #[test]
    fn a_day_before_all_days_shown_is_said_and_nonsense_counts_as_now() {
        let (reading, period) = read("refund", "2026-02-01");
        let note = reading.note(&period, "/x").unwrap();
        assert!(note.sentences.iter().any(|sentence| sentence.contains("nothing of them was known")));
        assert!(note.sentences.iter().any(|sentence| sentence.starts_with("By refund date")));
        let (nonsense, period) = read("sideways", "yesterday");
        assert_eq!(nonsense.lens(None), Lens::default());
        assert!(nonsense.menu(&period).error.is_some());
    }
}
