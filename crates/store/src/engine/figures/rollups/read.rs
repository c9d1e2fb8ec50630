//! Figures of a range from sums.

use selektable_domain::time::Range;

use super::super::super::rows::first;
use super::super::super::work::Work;
use super::super::standing::Source;
use super::super::{Buckets, count_standing, shown};
use super::Whose;
use super::changes::OF_NO_RULES;
use super::spans::{Part, Span, cover};
use super::stored;
use crate::{StoreResult, Tenant};
use selektable_domain::report::Lens;

/// Whether a store's sums of figures are complete, and those of its visitors.
pub(in super::super) fn are_built(work: &Work<'_>, store: i64) -> StoreResult<(bool, bool)> {
    let sql = "SELECT figures_from IS NULL, visitors_after IS NULL FROM rollup_builds WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let found = first(statement.query([store])?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.unwrap_or((true, true)))
}

/// Fills buckets with conversions by order date and with visualizations, as they are now.
pub(in super::super) fn fill(
    work: &Work<'_>,
    tenant: Tenant,
    whose: Whose,
    buckets: &mut Buckets<'_>,
) -> StoreResult<()> {
    let store = tenant.store_number;
    let lens = Lens { widget: whose, ..Lens::default() };
    let source = Source::new(work, tenant, lens)?;
    let generations = [OF_NO_RULES, work.generation(store)?];
    for Part { span, range } in cover(buckets.ranges) {
        match span {
            None => count_rows(work, tenant, (&source, lens), range, buckets)?,
            Some(span) => {
                for generation in generations {
                    let kind = (store, generation, whose);
                    stored::each(work, kind, span, range, |at, sums| {
                        if let Some(place) = buckets.place(at) {
                            buckets.sums[place].absorb(&sums);
                        }
                        Ok(())
                    })?;
                }
            }
        }
    }
    stored::each_change(work, store, buckets.whole(), |key, sums| {
        let end = key.at.plus_millis(Span::Quarter.millis());
        // What lies in no bucket wholly was counted.
        if key.whose == whose
            && generations.contains(&key.generation)
            && let Some(place) = buckets.place(key.at)
            && end <= buckets.ranges[place].to
        {
            buckets.sums[place].absorb(&sums);
        }
        Ok(())
    })
}

/// Of a range that no span lies in.
fn count_rows(
    work: &Work<'_>,
    tenant: Tenant,
    (source, lens): (&Source, Lens),
    range: Range,
    buckets: &mut Buckets<'_>,
) -> StoreResult<()> {
    source.for_each(work, range, |standing| {
        count_standing(buckets, &standing);
        Ok(())
    })?;
    shown::for_each_time(work, tenant, range, lens, |at| buckets.count_visualization(at))
}
