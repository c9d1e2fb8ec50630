//! Assisted orders that an alias would make direct.

use selektable_domain::report::near_miss_tally::NearMissTally;
use selektable_domain::report::products::NearMiss;
use selektable_domain::time::Range;

use super::figures::sheets::count::{self, Decided};
use super::figures::sheets::{self, Report};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// The near misses of a range.
pub(super) fn list(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<Vec<NearMiss>> {
    let store = tenant.store_number;
    let mut tally = NearMissTally::default();
    sheets::tally(work, (store, Report::NearMisses), range, &mut tally, |range, tally| {
        count::conversions(work, store, range, Decided { near_misses: Some(tally), ..Decided::default() })
    })?;
    Ok(tally.finish())
}
