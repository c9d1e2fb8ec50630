//! Folds conversions into the lag report, in memory that does not grow with them.
//!
//! Median and 90th percentile come from a histogram whose cells are at most 1/256 as wide as their values; each cell
//! keeps the longest lag it saw, and that is what is told: a lag that did occur, at most 0.4 % above the exact one,
//! and exact where no two lags are that close.

mod bytes;

use std::collections::BTreeMap;

use super::lag::{
    CURVE_HOURS, LagBar, LagReport, LagSample, SAFARI_STORAGE_DAYS, SafariNote, WindowAdvice, WindowRevenue,
    advice_windows,
};
use crate::attribution::{AttributionType, Reason};
use crate::money::Currency;
use crate::time::{DAY_MS, HOUR_MS, Window};

/// Adds up conversions; tests and cancelled orders are left out before.
#[derive(Clone, Debug)]
pub struct LagTally {
    in_force: Window,
    conversions: u64,
    curve: Vec<LagBar>,
    direct_lags: Histogram,
    windows: Vec<Advice>,
    safari: SafariNote,
}

#[derive(Clone, Debug)]
struct Advice {
    window: Window,
    direct: u64,
    assisted: u64,
    revenue: BTreeMap<Currency, (i128, i128)>,
}

impl LagTally {
    /// Begins; `in_force` is the window of the rules for what happens now.
    #[must_use]
    pub fn new(in_force: Window) -> Self {
        let bar = |hours: &i64| LagBar { up_to_ms: hours * HOUR_MS, direct: 0, other: 0 };
        let advice = |window| Advice { window, direct: 0, assisted: 0, revenue: BTreeMap::new() };
        Self {
            in_force,
            conversions: 0,
            curve: CURVE_HOURS.iter().map(bar).collect(),
            direct_lags: Histogram::default(),
            windows: advice_windows(in_force).into_iter().map(advice).collect(),
            safari: SafariNote::default(),
        }
    }

    /// Adds one conversion.
    pub fn add(&mut self, sample: LagSample) {
        self.conversions += 1;
        self.bar(&sample);
        if let (AttributionType::Direct, Some(lag)) = (sample.kind, sample.lag_direct_ms) {
            self.direct_lags.add(lag);
        }
        for advice in &mut self.windows {
            advice.add(&sample);
        }
        note(&mut self.safari, &sample);
    }

    fn bar(&mut self, sample: &LagSample) {
        let Some(lag) = sample.lag_direct_ms.or(sample.lag_any_ms) else { return };
        let place = self.curve.partition_point(|bar| bar.up_to_ms < lag);
        // Lags longer than the last bar are longer than any window.
        let Some(bar) = self.curve.get_mut(place) else { return };
        if sample.lag_direct_ms.is_some() {
            bar.direct += 1;
        } else {
            bar.other += 1;
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> LagReport {
        let (in_force, conversions) = (self.in_force, self.conversions);
        LagReport {
            conversions,
            curve: self.curve,
            median_direct_ms: self.direct_lags.within(50),
            p90_direct_ms: self.direct_lags.within(90),
            windows: self.windows.into_iter().map(|advice| advice.finish(in_force, conversions)).collect(),
            safari: self.safari,
        }
    }
}

impl Advice {
    fn add(&mut self, sample: &LagSample) {
        let reaches = |lag: Option<i64>| lag.is_some_and(|lag| lag <= self.window.as_millis());
        let net = i128::from(sample.net_minor);
        let (direct, assisted) = if reaches(sample.lag_direct_ms) {
            self.direct += 1;
            (net, 0)
        } else if reaches(sample.lag_any_ms) {
            self.assisted += 1;
            (0, net)
        } else {
            return;
        };
        let line = self.revenue.entry(sample.currency).or_default();
        line.0 += direct;
        line.1 += assisted;
    }

    fn finish(self, in_force: Window, conversions: u64) -> WindowAdvice {
        let line = |(currency, (direct_minor, assisted_minor))| WindowRevenue {
            currency,
            direct_minor,
            assisted_minor,
        };
        WindowAdvice {
            window: self.window,
            in_force: self.window == in_force,
            direct: self.direct,
            assisted: self.assisted,
            none: conversions - self.direct - self.assisted,
            revenue: self.revenue.into_iter().map(line).collect(),
        }
    }
}

fn note(safari: &mut SafariNote, sample: &LagSample) {
    if sample.lag_any_ms.is_some_and(|lag| lag > SAFARI_STORAGE_DAYS * DAY_MS) {
        let late = if sample.known_user { &mut safari.late_known_users } else { &mut safari.late_browsers };
        *late += 1;
    }
    let stranger = sample.kind == AttributionType::None
        && matches!(
            sample.reason,
            Reason::NeverVisualized | Reason::VisitorNeverSeen | Reason::EvidenceExpired
        );
    if stranger && !sample.known_user {
        safari.strangers += 1;
    }
}

/// How many of the leading binary digits of a lag name its cell, after the first.
const CELL_BITS: u32 = 8;

/// Lags by their leading digits: (how many, the longest).
#[derive(Clone, Debug, Default)]
struct Histogram {
    cells: BTreeMap<u64, (u64, i64)>,
    count: u64,
}

impl Histogram {
    fn add(&mut self, lag: i64) {
        let cell = self.cells.entry(cell(lag)).or_default();
        *cell = (cell.0 + 1, cell.1.max(lag));
        self.count += 1;
    }

    /// The least lag that so many percent are within.
    fn within(&self, percent: u64) -> Option<i64> {
        let wanted = (self.count * percent).div_ceil(100);
        let mut seen = 0;
        let reached = self.cells.values().find(|(count, _)| {
            seen += count;
            seen >= wanted
        });
        reached.map(|(_, longest)| *longest)
    }
}

/// Keeps the first digit and [`CELL_BITS`] more, so that cells ascend with their lags; there are fewer than 64 · 2^8.
fn cell(lag: i64) -> u64 {
    let lag = lag.max(0).unsigned_abs();
    let cut = (u64::BITS - lag.leading_zeros()).saturating_sub(CELL_BITS + 1);
    lag >> cut << cut
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::{in_parts_and_whole, is_read_without_a_panic};
    use super::super::sheet::{Sheet, SheetFault};
    use super::*;
    use proptest::prelude::*;

    fn euro() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    fn sample(direct: Option<i64>, any: Option<i64>) -> LagSample {
        let (kind, reason) = match (direct, any) {
            (Some(lag), _) if lag <= Window::DEFAULT.as_millis() => {
                (AttributionType::Direct, Reason::ProductVisualized)
            }
            (_, Some(lag)) if lag <= Window::DEFAULT.as_millis() => {
                (AttributionType::Assisted, Reason::OtherProductVisualized)
            }
            (_, Some(_)) => (AttributionType::None, Reason::OutOfWindow),
            (_, None) => (AttributionType::None, Reason::NeverVisualized),
        };
        LagSample {
            lag_direct_ms: direct,
            lag_any_ms: any,
            kind,
            reason,
            currency: euro(),
            net_minor: 1_000,
            known_user: false,
        }
    }

    fn report(samples: &[LagSample]) -> LagReport {
        let mut tally = LagTally::new(Window::DEFAULT);
        for sample in samples {
            tally.add(*sample);
        }
        tally.finish()
    }

    #[test]
    fn every_window_is_told_with_its_ends_included() {
        let day = DAY_MS;
        let told = report(&[
            sample(Some(day), Some(day)),
            sample(Some(14 * day), Some(2 * day)),
            sample(None, Some(31 * day)),
            sample(None, None),
        ]);
        let lines: Vec<_> = told
            .windows
            .iter()
            .map(|advice| (advice.window.as_millis() / day, advice.direct, advice.assisted, advice.none))
            .collect();
        assert_eq!(
            lines[..6],
            [(1, 1, 0, 3), (3, 1, 1, 2), (7, 1, 1, 2), (14, 2, 0, 2), (30, 2, 0, 2), (60, 2, 1, 1)]
        );
        let in_force: Vec<_> = told.windows.iter().filter(|advice| advice.in_force).collect();
        assert_eq!(in_force.len(), 1);
        let line = WindowRevenue { currency: euro(), direct_minor: 1_000, assisted_minor: 1_000 };
        assert_eq!(in_force[0].revenue, [line]);
        assert_eq!((told.conversions, told.median_direct_ms, told.p90_direct_ms), (4, Some(day), Some(day)));
    }

    #[test]
    fn the_curve_holds_each_lag_in_the_bar_that_ends_at_it() {
        let told = report(&[
            sample(Some(0), Some(0)),
            sample(Some(HOUR_MS), Some(5)),
            sample(Some(HOUR_MS + 1), Some(HOUR_MS + 1)),
            sample(None, Some(365 * DAY_MS)),
            sample(None, Some(365 * DAY_MS + 1)),
        ]);
        let bars: Vec<_> = told.curve.iter().map(|bar| (bar.direct, bar.other)).collect();
        assert_eq!((bars[0], bars[1], bars[bars.len() - 1]), ((2, 0), (1, 0), (0, 1)));
    }

    #[test]
    fn safaris_seven_days_hide_browsers_and_not_known_users() {
        let late = sample(None, Some(7 * DAY_MS + 1));
        let told = report(&[
            late,
            LagSample { known_user: true, ..late },
            sample(Some(7 * DAY_MS), Some(7 * DAY_MS)),
            sample(None, None),
            LagSample { known_user: true, ..sample(None, None) },
        ]);
        assert_eq!(told.safari, SafariNote { late_known_users: 1, late_browsers: 1, strangers: 1 });
    }

    #[test]
    fn nothing_gives_an_empty_report() {
        let told = report(&[]);
        assert_eq!((told.conversions, told.median_direct_ms, told.p90_direct_ms), (0, None, None));
    }

    proptest! {
        #[test]
        fn parts_add_up(
            all in prop::collection::vec(
                (prop::option::of(0_i64..40 * DAY_MS), prop::option::of(0_i64..400 * DAY_MS), any::<bool>()),
                0..20,
            ),
            cut in 0_usize..20,
            any in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let begin = || LagTally::new(Window::DEFAULT);
            let (parts, whole) = in_parts_and_whole(&all, cut, begin, |tally, (direct, any, known_user)| {
                tally.add(LagSample { known_user: *known_user, ..sample(*direct, any.or(*direct)) });
            });
            prop_assert_eq!(&parts, &whole);
            is_read_without_a_panic(begin, &whole, &any);
            let other = Window::from_millis(DAY_MS + 1).unwrap();
            prop_assert_eq!(LagTally::new(other).absorb(&whole), Err(SheetFault::OtherWindow));
        }

        #[test]
        fn percentiles_are_lags_that_occurred_and_at_most_one_in_256_too_long(
            mut lags in prop::collection::vec(0_i64..=7 * DAY_MS, 1..200),
        ) {
            let samples: Vec<_> = lags.iter().map(|lag| sample(Some(*lag), Some(*lag))).collect();
            let told = report(&samples);
            lags.sort_unstable();
            for (percent, told) in [(50, told.median_direct_ms), (90, told.p90_direct_ms)] {
                let exact = lags[(lags.len() * percent).div_ceil(100) - 1];
                let told = told.unwrap();
                prop_assert!(lags.contains(&told) && told >= exact && (told - exact) * 256 <= exact.max(1));
            }
        }

        #[test]
        fn a_longer_window_never_credits_less(
            lags in prop::collection::vec((prop::option::of(0_i64..=400 * DAY_MS), 0_i64..=400 * DAY_MS), 0..50),
        ) {
            let samples: Vec<_> = lags
                .iter()
                .map(|(direct, any)| sample(*direct, Some(direct.map_or(*any, |direct| direct.min(*any)))))
                .collect();
            let told = report(&samples);
            let grows = |pair: &[WindowAdvice]| pair[0].direct <= pair[1].direct && pair[0].none >= pair[1].none;
            prop_assert!(told.windows.windows(2).all(grows));
            let total = |advice: &WindowAdvice| advice.direct + advice.assisted + advice.none;
            prop_assert!(told.windows.iter().all(|advice| total(advice) == told.conversions));
        }
    }
}
