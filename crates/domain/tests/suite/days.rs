//! Hours, days and weeks partition time in every zone there is, also where clocks jump by half an hour, over midnight,
//! or over a whole day.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;
use rstest::rstest;
use selektable_domain::time::{BUCKETS_MAX, DAY_MS, HOUR_MS, Interval, Range, Timestamp, Zone, buckets};

const INTERVALS: [Interval; 3] = [Interval::Hour, Interval::Day, Interval::Week];

fn zones() -> Vec<(Zone, TimeZone)> {
    let database = TimeZoneDatabase::bundled();
    let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
    assert!(names.len() > 500, "the bundled list is whole");
    names.iter().map(|name| (Zone::parse(name).unwrap(), database.get(name).unwrap())).collect()
}

fn instant(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn around(millis: i64, before: i64, after: i64) -> Range {
    Range { from: Timestamp::from_millis(millis - before), to: Timestamp::from_millis(millis + after) }
}

/// Neighbours touch, none is empty, the first holds the range's beginning, the last its last millisecond.
fn assert_partition(zone: &Zone, range: Range, interval: Interval) -> Vec<Range> {
    let found = buckets(range, interval, zone).unwrap();
    let told = || format!("{zone:?} {interval:?} {range:?}: {found:?}");
    assert!(found[0].contains(range.from), "{}", told());
    let last = found[found.len() - 1];
    assert!(last.from < range.to && range.to <= last.to, "{}", told());
    assert!(found.windows(2).all(|pair| pair[0].to == pair[1].from), "{}", told());
    assert!(found.iter().all(|bucket| bucket.from < bucket.to), "{}", told());
    found
}

/// Wherever a range begins, the buckets are the same.
fn assert_same_cuts(zone: &Zone, cuts: &[Range], interval: Interval) {
    for (place, bucket) in cuts.iter().enumerate() {
        let middle = bucket.from.plus_millis(bucket.to.millis_since(bucket.from) / 2);
        let last = cuts[cuts.len() - 1];
        for from in [bucket.from, middle, bucket.to.plus_millis(-1)] {
            let again = buckets(Range { from, to: last.to }, interval, zone).unwrap();
            assert_eq!(again, cuts[place..], "{zone:?} {interval:?} from {from:?}");
        }
    }
}

/// Every change of clocks from 1970 on, of rules that go on for ever until 2040.
fn changes(zone: &TimeZone) -> Vec<i64> {
    let until = instant("2040-01-01T00:00:00Z").as_millis();
    let changes =
        zone.following(jiff::Timestamp::UNIX_EPOCH).map(|change| change.timestamp().as_millisecond());
    changes.take_while(|change| *change < until).collect()
}

/// A zone's changes repeat: those of some years stand for all.
fn telling(changes: &[i64]) -> impl Iterator<Item = i64> + '_ {
    let recent = instant("2020-01-01T00:00:00Z").as_millis()..instant("2028-01-01T00:00:00Z").as_millis();
    let (some, all) =
        (changes.iter().step_by(7), changes.iter().filter(move |change| recent.contains(*change)));
    some.chain(all).copied()
}

#[test]
fn around_every_change_of_clocks_in_every_zone_time_is_partitioned() {
    for (zone, clock) in zones() {
        for change in changes(&clock) {
            assert_partition(&zone, around(change, 3 * HOUR_MS, 3 * HOUR_MS), Interval::Hour);
            assert_partition(&zone, around(change, DAY_MS, 2 * DAY_MS), Interval::Day);
        }
    }
}

#[test]
fn wherever_a_report_begins_its_hours_days_and_weeks_are_the_same() {
    for (zone, clock) in zones() {
        let changes = changes(&clock);
        for change in telling(&changes) {
            for (interval, about) in INTERVALS.into_iter().zip([HOUR_MS, DAY_MS, 7 * DAY_MS]) {
                let cuts = assert_partition(&zone, around(change, about, about), interval);
                assert_same_cuts(&zone, &cuts, interval);
            }
        }
    }
}

#[test]
fn five_years_of_every_zone_are_days_and_weeks_that_begin_a_date() {
    let range = Range { from: instant("2022-03-04T05:06:07.089Z"), to: instant("2027-01-01T00:00:00Z") };
    for (zone, _) in zones() {
        let days = assert_partition(&zone, range, Interval::Day);
        let dates: Vec<jiff::civil::Date> =
            days.iter().map(|day| zone.local(day.from).unwrap().date()).collect();
        assert!(dates.windows(2).all(|pair| pair[0] < pair[1]), "{zone:?}: each date once, in order");
        let ends = |bucket: &Range| zone.local(bucket.to.plus_millis(-1)).unwrap().date();
        assert!(days.iter().zip(&dates).all(|(day, date)| ends(day) == *date), "{zone:?}");
        for week in assert_partition(&zone, range, Interval::Week) {
            assert_eq!(zone.local(week.from).unwrap().weekday(), jiff::civil::Weekday::Monday, "{zone:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn any_range_of_any_zone_is_partitioned(
        pick: prop::sample::Index,
        start in 0_i64..4_000_000_000_000,
        length in 1_i64..=100 * DAY_MS,
        interval in prop::sample::select(INTERVALS.to_vec()),
    ) {
        let names: Vec<String> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
        let zone = Zone::parse(pick.get::<String>(&names)).unwrap();
        let length = if interval == Interval::Hour { length.min(i64::try_from(BUCKETS_MAX).unwrap() * HOUR_MS / 2) } else { length };
        let found = assert_partition(&zone, around(start, 0, length), interval);
        prop_assert!(!found.is_empty());
    }
}

fn lengths(zone: &str, from: &str, to: &str, interval: Interval) -> Vec<i64> {
    let range = Range { from: instant(from), to: instant(to) };
    let found = assert_partition(&Zone::parse(zone).unwrap(), range, interval);
    found.iter().map(|bucket| bucket.to.millis_since(bucket.from) / 60_000).collect()
}

#[rstest]
#[case::kathmandu_is_five_hours_and_three_quarters_ahead("Asia/Kathmandu", "2026-11-22T18:15:00Z", "2026-11-24T18:15:00Z", &[1_440, 1_440])]
#[case::lord_howe_gains_half_an_hour("Australia/Lord_Howe", "2026-04-04T12:59:59Z", "2026-04-05T13:30:00Z", &[1_440, 1_470])]
#[case::lord_howe_loses_it("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", &[1_410])]
#[case::samoa_had_no_30_december_2011("Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-31T09:59:59Z", &[1_440, 1_440])]
#[case::kwajalein_had_no_21_august_1993("Pacific/Kwajalein", "1993-08-20T12:00:00Z", "1993-08-22T11:59:00Z", &[1_440, 1_440])]
#[case::beirut_springs_over_midnight("Asia/Beirut", "2026-03-27T22:00:00Z", "2026-03-29T20:59:00Z", &[1_440, 1_380])]
#[case::st_johns_showed_the_end_of_a_day_twice("America/St_Johns", "2010-11-06T02:30:00Z", "2010-11-08T03:29:00Z", &[1_440, 1_500])]
fn days_are_as_long_as_the_clocks_make_them(
    #[case] zone: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] minutes: &[i64],
) {
    assert_eq!(lengths(zone, from, to, Interval::Day), minutes);
}

#[rstest]
#[case::an_hour_comes_twice("Europe/Amsterdam", "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z", &[60, 60, 60, 60])]
#[case::an_hour_is_missing("Europe/Amsterdam", "2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z", &[60, 60])]
#[case::half_an_hour_comes_twice("Australia/Lord_Howe", "2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z", &[60, 30, 60])]
#[case::half_an_hour_is_missing("Australia/Lord_Howe", "2026-10-03T14:30:00Z", "2026-10-03T17:00:00Z", &[60, 30, 60])]
#[case::full_hours_of_a_clock_that_is_45_minutes_off("Asia/Kathmandu", "2026-11-22T18:15:00Z", "2026-11-22T20:15:00Z", &[60, 60])]
fn hours_are_the_clocks_own(
    #[case] zone: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] minutes: &[i64],
) {
    assert_eq!(lengths(zone, from, to, Interval::Hour), minutes);
}

#[test]
fn a_week_around_the_day_samoa_left_out_has_six_days() {
    let hours = lengths("Pacific/Apia", "2011-12-28T00:00:00Z", "2012-01-01T00:00:00Z", Interval::Week);
    assert_eq!(hours, [6 * 1_440]);
}
