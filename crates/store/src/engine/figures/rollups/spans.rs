//! Spans of time that have sums, and how a range is covered by them.

use selektable_domain::time::{DAY_MS, HOUR_MS, Range, Timestamp};

/// Lengths of spans that have sums. Each begins at a multiple of its length since 1970 (UTC), and every zone's days
/// and hours of today begin at a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Span {
    /// A quarter of an hour.
    Quarter,
    /// An hour.
    Hour,
    /// 24 hours.
    Day,
}

impl Span {
    /// Every length, the shortest first.
    pub(super) const ALL: [Self; 3] = [Self::Quarter, Self::Hour, Self::Day];

    /// Milliseconds.
    pub(super) const fn millis(self) -> i64 {
        match self {
            Self::Quarter => HOUR_MS / 4,
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
        }
    }

    const fn shorter(self) -> Option<Self> {
        match self {
            Self::Quarter => None,
            Self::Hour => Some(Self::Quarter),
            Self::Day => Some(Self::Hour),
        }
    }

    /// When the span that holds an instant begins.
    pub(super) const fn begin(self, at: Timestamp) -> Timestamp {
        at.plus_millis(-at.as_millis().rem_euclid(self.millis()))
    }

    /// The first begin at an instant or after.
    const fn begin_from(self, at: Timestamp) -> Timestamp {
        let begin = self.begin(at);
        if begin.as_millis() == at.as_millis() { begin } else { begin.plus_millis(self.millis()) }
    }
}

/// A part of a range: neighbouring spans of one length, or (`None`) what no span lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The length of its spans.
    pub span: Option<Span>,
    /// From where to where.
    pub range: Range,
}

/// Covers ranges that ascend with the longest spans that lie inside one range each. Parts of one length that touch are
/// one, also of two ranges.
pub(super) fn cover(ranges: &[Range]) -> Vec<Part> {
    let mut parts = Vec::new();
    for range in ranges {
        cover_one(*range, Some(Span::Day), &mut parts);
    }
    parts
}

fn cover_one(range: Range, span: Option<Span>, parts: &mut Vec<Part>) {
    let Some(longest) = span else { return push(Part { span, range }, parts) };
    let (first, end) = (longest.begin_from(range.from), longest.begin(range.to));
    if first >= end {
        return cover_one(range, longest.shorter(), parts);
    }
    if range.from < first {
        cover_one(Range { from: range.from, to: first }, longest.shorter(), parts);
    }
    push(Part { span, range: Range { from: first, to: end } }, parts);
    if end < range.to {
        cover_one(Range { from: end, to: range.to }, longest.shorter(), parts);
    }
}

fn push(part: Part, parts: &mut Vec<Part>) {
    match parts.last_mut() {
        Some(last) if last.span == part.span && last.range.to == part.range.from => {
            last.range.to = part.range.to;
        }
        _ if part.range.from < part.range.to => parts.push(part),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use selektable_domain::time::{Interval, Zone, buckets};

    fn minutes(from: i64, to: i64) -> Range {
        Range { from: Timestamp::from_millis(from * 60_000), to: Timestamp::from_millis(to * 60_000) }
    }

    #[test]
    fn a_day_of_kathmandu_is_hours_between_quarters() {
        // Its midnight is 18:15 of UTC.
        let found = cover(&[minutes(18 * 60 + 15, 42 * 60 + 15)]);
        let part = |span, from, to| Part { span: Some(span), range: minutes(from, to) };
        let quarters = [(18 * 60 + 15, 19 * 60), (42 * 60, 42 * 60 + 15)];
        assert_eq!(found[0], part(Span::Quarter, quarters[0].0, quarters[0].1));
        assert_eq!(found[1], part(Span::Hour, 19 * 60, 42 * 60));
        assert_eq!(found[2], part(Span::Quarter, quarters[1].0, quarters[1].1));
    }

    #[test]
    fn all_of_time_is_one_part_of_days_and_little_more() {
        let found = cover(&[Range::ALL]);
        assert!(found.len() <= 7, "{found:?}");
        let days = found.iter().find(|part| part.span == Some(Span::Day)).unwrap();
        assert!(days.range.contains(Timestamp::from_millis(0)));
    }

    #[test]
    fn ninety_days_of_a_series_are_one_part_of_hours() {
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let days = buckets(minutes(0, 90 * 24 * 60), Interval::Day, &zone).unwrap();
        let found = cover(&days);
        assert_eq!((found.len(), found[0].span), (1, Some(Span::Hour)));
    }

    proptest! {
        #[test]
        fn parts_touch_and_are_made_of_whole_spans_that_lie_in_one_range(
            from in -3_000_000_000_i64..3_000_000_000, lengths in prop::collection::vec(1_i64..200_000_000, 1..6)
        ) {
            let mut ranges = Vec::new();
            let mut end = Timestamp::from_millis(from);
            for length in lengths {
                let to = end.plus_millis(length);
                ranges.push(Range { from: end, to });
                end = to;
            }
            let parts = cover(&ranges);
            prop_assert_eq!((parts[0].range.from, parts[parts.len() - 1].range.to), (ranges[0].from, end));
            prop_assert!(parts.windows(2).all(|pair| pair[0].range.to == pair[1].range.from));
            for part in parts {
                let Some(span) = part.span else { continue };
                let (mut at, length) = (part.range.from, span.millis());
                while at < part.range.to {
                    prop_assert_eq!(span.begin(at), at);
                    let last = at.plus_millis(length - 1);
                    prop_assert!(ranges.iter().any(|range| range.contains(at) && range.contains(last)));
                    at = at.plus_millis(length);
                }
                prop_assert_eq!(at, part.range.to);
            }
        }
    }
}
