//! How long what browsers reported is kept (SPEC section 14).

use crate::time::{DAY_MS, Month, Timestamp};

/// For how many days raw browser events are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventDays(u16);

/// Why a number of days can't be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no whole number of days from {} to {}", EventDays::MIN, EventDays::MAX)]
pub struct EventDaysFault;

impl EventDays {
    /// Fewest: shoppers buy weeks after they looked.
    pub const MIN: u16 = 30;
    /// Most: ten years.
    pub const MAX: u16 = 3_650;

    /// From a number of days.
    ///
    /// # Errors
    /// It is less than [`EventDays::MIN`] or more than [`EventDays::MAX`].
    pub const fn new(days: u16) -> Result<Self, EventDaysFault> {
        if Self::MIN <= days && days <= Self::MAX { Ok(Self(days)) } else { Err(EventDaysFault) }
    }

    /// Reads a number of days as somebody writes it.
    ///
    /// # Errors
    /// As [`EventDays::new`].
    pub fn parse(text: &str) -> Result<Self, EventDaysFault> {
        text.parse().map_err(|_| EventDaysFault).and_then(Self::new)
    }

    /// How many.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.0
    }

    /// The first month of which events are kept at an instant. Events go by whole months of UTC, each when its last
    /// instant is too old; so some are kept up to a month longer, and none shorter.
    #[must_use]
    pub fn first_kept(self, now: Timestamp) -> Month {
        Month::of(now.plus_millis(-i64::from(self.0) * DAY_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_from_thirty_to_ten_years() {
        let days = |text| EventDays::parse(text).map(EventDays::days).ok();
        assert_eq!(["30", "3650", "365"].map(days), [Some(30), Some(3_650), Some(365)]);
        assert_eq!(["29", "3651", "", "x", "-30", "30.5", "99999"].map(days), [None; 7]);
    }

    #[test]
    fn a_month_goes_when_its_last_instant_is_too_old() {
        let first_kept = |now: &str| {
            EventDays::new(30).unwrap().first_kept(Timestamp::parse_rfc3339(now).unwrap()).number()
        };
        assert_eq!(first_kept("2026-12-30T23:59:59.999Z"), 202_611);
        assert_eq!(first_kept("2026-12-31T00:00:00Z"), 202_612);
        assert_eq!(first_kept("2027-01-30T00:00:00Z"), 202_612);
        assert_eq!(first_kept("2027-01-31T00:00:00Z"), 202_701);
    }
}
