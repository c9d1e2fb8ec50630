//! The conversions of a range under every model.

use selektable_domain::report::models::ModelsReport;
use selektable_domain::report::models_tally::ModelsTally;
use selektable_domain::time::Range;

use super::figures::sheets::count::{self, Decided};
use super::figures::sheets::{self, Report};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// The comparison.
pub(super) fn report(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<ModelsReport> {
    let store = tenant.store_number;
    let mut tally = ModelsTally::new(work.store_rules(store)?.live.schedule.newest().model);
    sheets::tally(work, (store, Report::Models), range, &mut tally, |range, tally| {
        count::conversions(work, store, range, Decided { models: Some(tally), ..Decided::default() })
    })?;
    Ok(tally.finish())
}
