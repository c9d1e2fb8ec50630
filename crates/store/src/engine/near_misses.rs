//! Assisted orders that an alias would make direct.

use selektable_domain::report::near_miss_tally::NearMissTally;
use selektable_domain::report::products::NearMiss;
use selektable_domain::time::Range;

use super::rulebook::Rulebook;
use super::stored::{self, Wanted};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// The near misses of a range.
pub(super) fn list(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<Vec<NearMiss>> {
    let store = tenant.store_number;
    let mut rules = Rulebook::new(store);
    let mut tally = NearMissTally::default();
    stored::for_each(work, store, range, Wanted::Assisted, |one| {
        let (gathered, decision) = one.decide(work, store, &rules.version(work, one.ruleset_version)?)?;
        tally.add(&one.order, one.occurred_at, &decision, &gathered.evidence.groups);
        Ok(())
    })?;
    Ok(tally.finish())
}
