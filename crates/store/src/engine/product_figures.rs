//! Products of a range: shown, ordered, ordered after being shown.

use selektable_domain::report::products::ProductRow;
use selektable_domain::report::products_tally::ProductsTally;
use selektable_domain::time::Range;

use super::figures::sheets::count::{self, Decided};
use super::figures::sheets::{self, Report};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// The products.
pub(super) fn list(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<Vec<ProductRow>> {
    let store = tenant.store_number;
    let mut tally = ProductsTally::default();
    sheets::tally(work, (store, Report::Pictures), range, &mut tally, |range, tally| {
        count::pictures(work, store, range, tally)
    })?;
    sheets::tally(work, (store, Report::Products), range, &mut tally, |range, tally| {
        count::conversions(work, store, range, Decided { products: Some(tally), ..Decided::default() })
    })?;
    Ok(tally.finish())
}
