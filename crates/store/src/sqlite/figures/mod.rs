//! Counts and sums of a range. Summary and series read the same rows into the same tallies, so a number has one
//! source; the tallies are the domain's.

mod queries;
mod refunds;
mod shown;
mod standing;

use selektable_domain::report::figures::{Counted, FiguresTally};
use selektable_domain::report::{DateBasis, Lens, SeriesBucket, Summary};
use selektable_domain::time::{Range, Timestamp};

use self::standing::{Source, Standing};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// Totals of a range.
pub(super) fn summary(work: &Work<'_>, tenant: Tenant, range: Range, lens: Lens) -> StoreResult<Summary> {
    let mut buckets = Buckets::new(std::slice::from_ref(&range));
    fold(work, tenant, lens, &mut buckets)?;
    let (visualizations, visitors) = shown::count(work, tenant, range, lens)?;
    let tally = buckets.tallies.pop().unwrap_or_default();
    Ok(tally.summary(visualizations, visitors))
}

/// Totals of each bucket. The buckets touch and ascend, so one pass along the index fills them all.
pub(super) fn series(
    work: &Work<'_>,
    tenant: Tenant,
    ranges: &[Range],
    lens: Lens,
) -> StoreResult<Vec<SeriesBucket>> {
    let mut buckets = Buckets::new(ranges);
    fold(work, tenant, lens, &mut buckets)?;
    let mut visualizations = vec![0_u64; ranges.len()];
    shown::for_each_time(work, tenant, buckets.whole(), lens, |at| {
        if let Some(place) = buckets.place(at) {
            visualizations[place] += 1;
        }
    })?;
    let tallies = ranges.iter().zip(buckets.tallies).zip(visualizations);
    Ok(tallies.map(|((range, tally), visualizations)| tally.bucket(*range, visualizations)).collect())
}

/// A tally for each of some ranges that touch and ascend.
struct Buckets<'a> {
    ranges: &'a [Range],
    tallies: Vec<FiguresTally>,
}

impl<'a> Buckets<'a> {
    fn new(ranges: &'a [Range]) -> Self {
        Self { ranges, tallies: ranges.iter().map(|_| FiguresTally::default()).collect() }
    }

    /// From the first to the last; an empty range when there is none.
    fn whole(&self) -> Range {
        let nothing = Range { from: Timestamp::from_millis(0), to: Timestamp::from_millis(0) };
        match (self.ranges.first(), self.ranges.last()) {
            (Some(first), Some(last)) => Range { from: first.from, to: last.to },
            _ => nothing,
        }
    }

    fn place(&self, at: Timestamp) -> Option<usize> {
        let after = self.ranges.partition_point(|range| range.from <= at);
        after.checked_sub(1).filter(|place| self.ranges[*place].contains(at))
    }

    fn at(&mut self, at: Timestamp) -> Option<&mut FiguresTally> {
        self.place(at).map(|place| &mut self.tallies[place])
    }
}

fn fold(work: &Work<'_>, tenant: Tenant, lens: Lens, buckets: &mut Buckets<'_>) -> StoreResult<()> {
    let source = Source::new(work, tenant, lens)?;
    match lens.dates {
        DateBasis::Order => source.for_each(work, buckets.whole(), |standing| {
            if let Some(tally) = buckets.at(standing.occurred_at) {
                count(tally, &standing);
                tally.add(standing.currency, standing.kind, standing.amounts());
            }
            Ok(())
        }),
        DateBasis::Refund => refunds::fold(work, &source, buckets),
    }
}

fn count(tally: &mut FiguresTally, standing: &Standing) {
    tally.count(Counted {
        kind: standing.kind,
        reason: standing.reason,
        status: standing.status,
        ruleset_version: standing.ruleset_version,
    });
}
