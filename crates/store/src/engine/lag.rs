//! Time to conversion of a range.

use selektable_domain::report::lag::LagReport;
use selektable_domain::report::lag_tally::LagTally;
use selektable_domain::time::Range;

use super::figures::sheets::{self, Report, count};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// The report.
pub(super) fn report(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<LagReport> {
    let store = tenant.store_number;
    let mut tally = LagTally::new(work.store_rules(store)?.live.schedule.newest().window);
    sheets::tally(work, (store, Report::Lag), range, &mut tally, |range, tally| {
        count::lags(work, store, range, tally)
    })?;
    Ok(tally.finish())
}
