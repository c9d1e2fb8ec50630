//! Calendar months of UTC, by which raw events are filed.

use super::{DAY_MS, Timestamp};

/// A calendar month of UTC, such as 2026-11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i64,
    /// 1 to 12.
    month: i64,
}

impl Month {
    /// The month an instant falls into.
    #[must_use]
    pub const fn of(at: Timestamp) -> Self {
        let (year, month) = civil(at.as_millis().div_euclid(DAY_MS));
        Self { year, month }
    }

    /// Reads [`Month::number`].
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        let (year, month) = (number.div_euclid(100), number.rem_euclid(100));
        if 1 <= month && month <= 12 { Some(Self { year, month }) } else { None }
    }

    /// Year and month as one number that ascends with time, such as 202611.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.year * 100 + self.month
    }

    /// Its first instant.
    #[must_use]
    pub const fn begins(self) -> Timestamp {
        Timestamp::from_millis(days_before(self.year, self.month).saturating_mul(DAY_MS))
    }

    /// The month so many months later; earlier, when negative.
    #[must_use]
    pub const fn plus(self, months: i64) -> Self {
        let place = self.year * 12 + self.month - 1 + months;
        Self { year: place.div_euclid(12), month: place.rem_euclid(12) + 1 }
    }
}

/// Years that begin with March end with the day that leap years have more, so that a month's place in its year of 365.2425
/// days is a line: the fifth part of 153 days a month.
const fn days_before(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, place) = (year.div_euclid(400), (month + 9) % 12);
    let of_era = year.rem_euclid(400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * place + 2) / 5 - 719_468
}

const fn civil(days: i64) -> (i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (of_era * 365 + of_era / 4 - of_era / 100);
    let place = (5 * of_year + 2) / 153;
    let month = if place < 10 { place + 3 } else { place - 9 };
    (era * 400 + of_era + if month <= 2 { 1 } else { 0 }, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month_of(text: &str) -> i64 {
        Month::of(Timestamp::parse_rfc3339(text).unwrap()).number()
    }

    #[test]
    fn an_instant_is_in_the_month_that_the_calendar_says() {
        assert_eq!(month_of("2026-11-23T12:00:00Z"), 202_611);
        assert_eq!(month_of("2026-11-30T23:59:59.999Z"), 202_611);
        assert_eq!(month_of("2026-12-01T00:00:00Z"), 202_612);
        assert_eq!(month_of("2024-02-29T23:00:00Z"), 202_402);
        assert_eq!(month_of("1970-01-01T00:00:00Z"), 197_001);
        assert_eq!(month_of("1969-12-31T23:59:59Z"), 196_912);
    }

    #[test]
    fn every_month_of_eight_hundred_years_begins_where_the_calendar_has_it_and_the_one_before_ends() {
        let mut month = Month::from_number(170_001).unwrap();
        while month.number() < 250_001 {
            let (year, place) = (month.number() / 100, month.number() % 100);
            let first = Timestamp::parse_rfc3339(&format!("{year:04}-{place:02}-01T00:00:00Z")).unwrap();
            assert_eq!(month.begins(), first);
            assert_eq!(Month::of(first), month);
            assert_eq!(Month::of(first.plus_millis(-1)), month.plus(-1));
            assert_eq!(month.plus(1).plus(-1), month);
            month = month.plus(1);
        }
    }

    #[test]
    fn a_number_that_names_no_month_is_none() {
        assert_eq!([202_600, 202_613].map(Month::from_number), [None, None]);
        assert_eq!(Month::from_number(202_612).map(|month| month.plus(1).number()), Some(202_701));
    }
}
