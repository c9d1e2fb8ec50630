//! Counts and sums of a range. Summary and series read the same rows, or sums of the same rows, into the same tallies,
//! so a number has one source; the tallies are the domain's.

mod queries;
mod refunds;
pub(super) mod rollups;
pub(crate) mod sheets;
mod shown;
mod standing;

use selektable_domain::report::figures::FiguresTally;
use selektable_domain::report::rollup::{Rollup, RollupFault};
use selektable_domain::report::{DateBasis, Lens, SeriesBucket, Summary};
use selektable_domain::time::{Range, Timestamp};

use self::standing::{Source, Standing};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// Totals of a range.
pub(super) fn summary(work: &Work<'_>, tenant: Tenant, range: Range, lens: Lens) -> StoreResult<Summary> {
    let mut buckets = Buckets::new(std::slice::from_ref(&range));
    let sums = Sums::of(work, tenant, lens)?;
    fold(work, tenant, lens, &mut buckets, sums)?;
    let visitors = if sums.visitors { rollups::distinct(work, tenant, lens.widget, range)? } else { None };
    let visitors = match visitors {
        Some(visitors) => visitors,
        None => shown::count_visitors(work, tenant, range, lens)?,
    };
    let told = buckets.tell(tenant.store_number)?.pop();
    let (tally, visualizations) = told.unwrap_or_default();
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
    fold(work, tenant, lens, &mut buckets, Sums::of(work, tenant, lens)?)?;
    let told = ranges.iter().zip(buckets.tell(tenant.store_number)?);
    Ok(told.map(|(range, (tally, visualizations))| tally.bucket(*range, visualizations)).collect())
}

/// What is summed up beforehand, of what a lens shows.
#[derive(Clone, Copy)]
struct Sums {
    figures: bool,
    visitors: bool,
}

impl Sums {
    fn of(work: &Work<'_>, tenant: Tenant, lens: Lens) -> StoreResult<Self> {
        let (figures, visitors) = rollups::are_built(work, tenant.store_number)?;
        let now = lens.as_of.is_none();
        Ok(Self { figures: figures && now && lens.dates == DateBasis::Order, visitors: visitors && now })
    }
}

/// A tally, and sums that were ready, for each of some ranges that touch and ascend.
struct Buckets<'a> {
    ranges: &'a [Range],
    tallies: Vec<FiguresTally>,
    sums: Vec<Rollup>,
}

impl<'a> Buckets<'a> {
    fn new(ranges: &'a [Range]) -> Self {
        let tallies = ranges.iter().map(|_| FiguresTally::default()).collect();
        Self { ranges, tallies, sums: vec![Rollup::default(); ranges.len()] }
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

    fn count_visualization(&mut self, at: Timestamp) {
        if let Some(place) = self.place(at) {
            self.sums[place].add_visualizations(1);
        }
    }

    /// Of each range its tally and its visualizations.
    fn tell(self, store: i64) -> StoreResult<Vec<(FiguresTally, u64)>> {
        let told = self.tallies.into_iter().zip(self.sums).map(|(mut tally, sums)| {
            tally.absorb(&sums)?;
            Ok::<_, RollupFault>((tally, sums.visualizations()?))
        });
        told.collect::<Result<_, _>>().map_err(|fault| rollups::broken(store, fault))
    }
}

fn fold(
    work: &Work<'_>,
    tenant: Tenant,
    lens: Lens,
    buckets: &mut Buckets<'_>,
    sums: Sums,
) -> StoreResult<()> {
    if sums.figures {
        return rollups::fill(work, tenant, lens.widget, buckets);
    }
    let whole = buckets.whole();
    shown::for_each_time(work, tenant, whole, lens, |at| buckets.count_visualization(at))?;
    let source = Source::new(work, tenant, lens)?;
    match lens.dates {
        DateBasis::Order => source.for_each(work, whole, |standing| {
            count_standing(buckets, &standing);
            Ok(())
        }),
        DateBasis::Refund => refunds::fold(work, &source, buckets),
    }
}

fn count_standing(buckets: &mut Buckets<'_>, standing: &Standing) {
    if let Some(tally) = buckets.at(standing.occurred_at) {
        tally.count(standing.counted());
        tally.add(standing.currency, standing.kind, standing.amounts());
    }
}
