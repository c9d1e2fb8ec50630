//! A report of a range: its sheets merged, and rows counted where there are none.

use selektable_domain::report::sheet::Sheet;
use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::Reading;
use super::super::super::work::Work;
use super::marks::Unsheeted;
use super::{Report, SPANS, begin};
use crate::StoreResult;
use crate::db::params;

/// Nothing happened before this many milliseconds before 1970, or after as many; spans are not looked for beyond.
const FAR: i64 = 1 << 55;

/// Whose sheets, and of what.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub store: i64,
    pub generation: i64,
    pub report: Report,
}

/// Fills a tally with what happened in a range; `count` counts rows into it.
pub(in super::super::super) fn tally<S: Sheet>(
    work: &Work<'_>,
    (store, report): (i64, Report),
    range: Range,
    tally: &mut S,
    count: impl FnMut(Range, &mut S) -> StoreResult<()>,
) -> StoreResult<()> {
    let place = Place { store, generation: report.generation(work, store)?, report };
    let unsheeted = Unsheeted::of(work, (store, place.generation), range)?;
    Cover { work, place, unsheeted: &unsheeted, tally, count }.fill(range)
}

/// A range that is being covered.
pub(super) struct Cover<'a, S, F> {
    pub work: &'a Work<'a>,
    pub place: Place,
    pub unsheeted: &'a Unsheeted,
    pub tally: &'a mut S,
    pub count: F,
}

impl<S: Sheet, F: FnMut(Range, &mut S) -> StoreResult<()>> Cover<'_, S, F> {
    fn fill(&mut self, range: Range) -> StoreResult<()> {
        if self.unsheeted.everything {
            return (self.count)(range, self.tally);
        }
        let [least, most] = [-FAR, FAR].map(Timestamp::from_millis);
        self.cover(Range { from: range.from.max(least), to: range.to.min(most) }, &SPANS)
    }

    /// Covers a range with spans of these lengths, the longest last.
    pub(super) fn cover(&mut self, range: Range, spans: &[i64]) -> StoreResult<()> {
        if range.from >= range.to {
            return Ok(());
        }
        let Some((longest, shorter)) = spans.split_last() else { return (self.count)(range, self.tally) };
        let (first, end) = (begin_from(*longest, range.from), begin(*longest, range.to));
        if first >= end {
            return self.cover(range, shorter);
        }
        self.cover(Range { from: range.from, to: first }, shorter)?;
        self.merge(Range { from: first, to: end }, *longest, shorter)?;
        self.cover(Range { from: end, to: range.to }, shorter)
    }

    /// Merges the sheets of one length, and covers what they leave.
    fn merge(&mut self, range: Range, span: i64, shorter: &[i64]) -> StoreResult<()> {
        let merged = self.absorb(range, span)?;
        let mut from = range.from;
        for at in merged.into_iter().map(Timestamp::from_millis).chain([range.to]) {
            let gap = Range { from, to: at };
            if shorter.is_empty() {
                // A quarter with neither a sheet nor a mark is one in which nothing happened.
                self.unsheeted.runs(gap).into_iter().try_for_each(|run| (self.count)(run, self.tally))?;
            } else {
                self.cover(gap, shorter)?;
            }
            from = at.plus_millis(span);
        }
        Ok(())
    }

    /// Merges the sheets of one length that are up to date; answers when their spans begin.
    fn absorb(&mut self, range: Range, span: i64) -> StoreResult<Vec<i64>> {
        let Place { store, generation, report } = self.place;
        let sql = "SELECT at, bytes FROM sheets WHERE store = ?1 AND generation = ?2 AND report = ?3 \
                   AND span_ms = ?4 AND at >= ?5 AND at < ?6";
        let mut statement = self.work.connection.prepare_cached(sql)?;
        let (from, to) = (range.from.as_millis(), range.to.as_millis());
        let mut rows = statement.query(params![store, generation, report.code(), span, from, to])?;
        let mut merged = Vec::new();
        while let Some(row) = rows.next()?.as_ref() {
            let row = Reading::new(row, "sheets", 0);
            let at = row.get(0)?;
            if self.unsheeted.any_in(span, at) {
                continue;
            }
            let read = self.tally.absorb(row.bytes(1)?);
            read.map_err(|fault| row.damaged(format!("{fault}: run `recompute`")))?;
            merged.push(at);
        }
        merged.sort_unstable();
        Ok(merged)
    }
}

/// The first begin of a span at an instant or after.
const fn begin_from(span: i64, at: Timestamp) -> Timestamp {
    let begin = begin(span, at);
    if begin.as_millis() == at.as_millis() { begin } else { begin.plus_millis(span) }
}
