//! The conversions of a range under every model.

use selektable_domain::attribution::AttributionType;
use selektable_domain::report::models::ModelsReport;
use selektable_domain::report::models_tally::ModelsTally;
use selektable_domain::time::Range;

use super::rulebook::Rulebook;
use super::stored::{self, Wanted};
use super::work::Work;
use crate::{StoreResult, Tenant};

/// The comparison. Only conversions that are attributed are decided again, for the visualizations that may be
/// credited; the others are as their rows say.
pub(super) fn report(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<ModelsReport> {
    let store = tenant.store_number;
    let mut rules = Rulebook::new(store);
    let mut tally = ModelsTally::new(work.store_rules(store)?.live.schedule.newest().model);
    stored::for_each(work, store, range, Wanted::All, |one| {
        if one.kind == AttributionType::None {
            let net = if one.is_revenue { one.order.net().minor } else { 0 };
            tally.add_unattributed(one.order.status, one.reason, one.order.currency, net);
        } else {
            let (gathered, decision) = one.decide(work, store, &rules.version(work, one.ruleset_version)?)?;
            tally.add(&one.order, &decision, &gathered.evidence.groups);
        }
        Ok(())
    })?;
    Ok(tally.finish())
}
