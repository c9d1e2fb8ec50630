//! Products of a range: shown, ordered, ordered after being shown.

use std::collections::BTreeSet;

use crate::db::params;
use selektable_domain::attribution::AttributionType;
use selektable_domain::opaque::ProductId;
use selektable_domain::report::products::ProductRow;
use selektable_domain::report::products_tally::{ProductsTally, visualized_before};
use selektable_domain::time::Range;

use super::aliases;
use super::rows::Reading;
use super::rulebook::Rulebook;
use super::stored::{self, Wanted};
use super::work::Work;
use crate::body::read_products;
use crate::{StoreResult, Tenant};

/// The products.
pub(super) fn list(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<Vec<ProductRow>> {
    let store = tenant.store_number;
    let mut tally = ProductsTally::default();
    let group = |id: &ProductId| aliases::group(work, store, id);
    for_each_picture(work, store, range, |groups| tally.add_picture(groups))?;
    let mut rules = Rulebook::new(store);
    stored::for_each(work, store, range, Wanted::All, |one| {
        let visualized = if one.kind == AttributionType::None {
            BTreeSet::new()
        } else {
            let rules = rules.version(work, one.ruleset_version)?;
            visualized_before(&one.decide(work, store, &rules)?.1, group)?
        };
        tally.add_order(&one.order, one.is_revenue, &visualized, group)
    })?;
    Ok(tally.finish())
}

fn for_each_picture(
    work: &Work<'_>,
    store: i64,
    range: Range,
    mut each: impl FnMut(&BTreeSet<ProductId>),
) -> StoreResult<()> {
    let sql = "SELECT number, products FROM visualizations WHERE store = ?1 AND at >= ?2 AND at < ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![store, range.from.as_millis(), range.to.as_millis()])?;
    while let Some(row) = rows.next()?.as_ref() {
        let shown = Reading::new(row, "visualizations", 0).json(1, read_products)?;
        let groups = shown.iter().map(|shown| aliases::group(work, store, &shown.product));
        each(&groups.collect::<StoreResult<_>>()?);
    }
    Ok(())
}
