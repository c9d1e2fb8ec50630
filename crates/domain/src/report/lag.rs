//! How long shoppers take from a visualization to a conversion, and what another window would credit.
//!
//! Stored decisions know the age of the latest visualization that matters also beyond the window, so every window's
//! answer is exact, not an estimate: a conversion is direct under a window that is at least its direct lag.

use crate::attribution::{AttributionType, Reason};
use crate::money::Currency;
use crate::time::{DAY_MS, Window};

/// Windows the advice compares besides the store's own, in days.
pub const ADVICE_DAYS: [i64; 9] = [1, 3, 7, 14, 30, 60, 90, 180, 365];
/// Days after which Safari deletes what a site's scripts stored, unless the shopper came back meanwhile (Intelligent
/// Tracking Prevention; `WebKit`, "Full Third-Party Cookie Blocking and More", 24 March 2020).
pub const SAFARI_STORAGE_DAYS: i64 = 7;
/// Upper ends of the curve's bars, in hours.
pub const CURVE_HOURS: [i64; 16] =
    [1, 3, 6, 12, 24, 48, 72, 120, 168, 336, 504, 720, 1_440, 2_160, 4_320, 8_760];

/// One conversion, as the lag report sees it. Tests and cancelled orders are left out before.
#[derive(Clone, Copy, Debug)]
pub struct LagSample {
    /// See [`crate::attribution::Decision::lag_direct_ms`].
    pub lag_direct_ms: Option<i64>,
    /// See [`crate::attribution::Decision::lag_any_ms`].
    pub lag_any_ms: Option<i64>,
    /// Its type as decided.
    pub kind: AttributionType,
    /// Its reason as decided.
    pub reason: Reason,
    /// Currency of its money.
    pub currency: Currency,
    /// Net amount if its status counts as revenue, else 0; minor units.
    pub net_minor: i64,
    /// Whether its person is a known user, whose browsers are joined however often they lose their storage.
    pub known_user: bool,
}

/// One bar of the curve: conversions whose latest visualization was made longer ago than the bar before, and at most
/// this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LagBar {
    /// Upper end, included, milliseconds.
    pub up_to_ms: i64,
    /// Conversions by their direct lag.
    pub direct: u64,
    /// Conversions that have no direct lag, by the lag of any visualization.
    pub other: u64,
}

/// What one window would credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowAdvice {
    /// The window.
    pub window: Window,
    /// Whether it is the one in force.
    pub in_force: bool,
    /// Conversions that would be direct.
    pub direct: u64,
    /// Conversions that would be assisted.
    pub assisted: u64,
    /// Conversions that would not be attributed.
    pub none: u64,
    /// Net amounts of those that would be direct and assisted, a line a currency, by code.
    pub revenue: Vec<WindowRevenue>,
}

/// Money under one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowRevenue {
    /// The currency.
    pub currency: Currency,
    /// Net orders that would be direct, minor units.
    pub direct_minor: i128,
    /// Net orders that would be assisted, minor units.
    pub assisted_minor: i128,
}

/// What Safari's limit hides, as far as can be told without knowing who uses Safari.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SafariNote {
    /// Conversions whose latest visualization is more than [`SAFARI_STORAGE_DAYS`] older, by known users: Safari
    /// would have hidden none of these.
    pub late_known_users: u64,
    /// The same by browser ids alone: the ones in Safari that are like these are missing.
    pub late_browsers: u64,
    /// Unattributed conversions of browsers that never visualized or were never seen, without a known user: where
    /// the missing ones are.
    pub strangers: u64,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagReport {
    /// Conversions looked at.
    pub conversions: u64,
    /// Bars of [`CURVE_HOURS`].
    pub curve: Vec<LagBar>,
    /// Half of the direct conversions came within this long; `None` without direct ones. Milliseconds.
    pub median_direct_ms: Option<i64>,
    /// 90 % of the direct conversions did.
    pub p90_direct_ms: Option<i64>,
    /// Windows of [`ADVICE_DAYS`] and the one in force, ascending.
    pub windows: Vec<WindowAdvice>,
    /// The note on Safari.
    pub safari: SafariNote,
}

/// The windows to compare: those of [`ADVICE_DAYS`] and the one in force, ascending, each once.
#[must_use]
pub fn advice_windows(in_force: Window) -> Vec<Window> {
    let mut windows: Vec<Window> =
        ADVICE_DAYS.iter().filter_map(|days| Window::from_millis(days * DAY_MS).ok()).collect();
    windows.push(in_force);
    windows.sort();
    windows.dedup();
    windows
}
