//! Time to conversion of a range, from the decisions alone: they know ages past the window, too.

use crate::db::params;
use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::money::Currency;
use selektable_domain::report::lag::{LagReport, LagSample};
use selektable_domain::report::lag_tally::LagTally;
use selektable_domain::time::Range;

use super::rows::Reading;
use super::work::Work;
use crate::{StoreResult, Tenant};

/// The report.
pub(super) fn report(work: &Work<'_>, tenant: Tenant, range: Range) -> StoreResult<LagReport> {
    let store = tenant.store_number;
    let mut tally = LagTally::new(work.store_rules(store)?.live.schedule.newest().window);
    let sql = "SELECT conversion, lag_direct_ms, lag_any_ms, kind, reason, currency, \
               CASE WHEN is_revenue = 1 THEN gross_minor - refunded_minor ELSE 0 END, known_user FROM decisions \
               WHERE store = ?1 AND generation = ?2 AND occurred_at >= ?3 AND occurred_at < ?4 AND left_out = 0 \
               AND status <> 'cancelled'";
    let mut statement = work.connection.prepare_cached(sql)?;
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let mut rows = statement.query(params![store, work.generation(store)?, from, to])?;
    while let Some(row) = rows.next()?.as_ref() {
        tally.add(read(Reading::new(row, "decisions", 0))?);
    }
    Ok(tally.finish())
}

fn read(row: Reading<'_>) -> StoreResult<LagSample> {
    Ok(LagSample {
        lag_direct_ms: row.get(1)?,
        lag_any_ms: row.get(2)?,
        kind: row.code(3, AttributionType::from_code)?,
        reason: row.code(4, Reason::from_code)?,
        currency: row.code(5, Currency::read_stored)?,
        net_minor: row.get(6)?,
        known_user: row.get(7)?,
    })
}
