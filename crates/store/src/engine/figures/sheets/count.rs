//! What reports count of rows. A report without sheets is nothing but this.

use std::collections::BTreeSet;

use selektable_domain::attribution::{AttributionType, Decision, Reason};
use selektable_domain::money::Currency;
use selektable_domain::opaque::ProductId;
use selektable_domain::order::platform::{Carrier, LeftOut};
use selektable_domain::report::lag::LagSample;
use selektable_domain::report::lag_tally::LagTally;
use selektable_domain::report::models_tally::ModelsTally;
use selektable_domain::report::near_miss_tally::NearMissTally;
use selektable_domain::report::platform_orders::PlatformOrdersTally;
use selektable_domain::report::products_tally::{ProductsTally, visualized_before};
use selektable_domain::time::Range;

use super::super::super::aliases;
use super::super::super::evidence::Gathered;
use super::super::super::rows::Reading;
use super::super::super::rulebook::Rulebook;
use super::super::super::stored::{self, Stored, Wanted};
use super::super::super::work::Work;
use crate::StoreResult;
use crate::body::read_products;
use crate::db::params;

/// Tallies of conversions that are decided once more, each where it is wanted.
#[derive(Default)]
pub(in super::super::super) struct Decided<'t> {
    /// The comparison of models.
    pub models: Option<&'t mut ModelsTally>,
    /// Products.
    pub products: Option<&'t mut ProductsTally>,
    /// Near misses.
    pub near_misses: Option<&'t mut NearMissTally>,
}

impl Decided<'_> {
    fn add(
        &mut self,
        work: &Work<'_>,
        store: i64,
        one: &Stored,
        decided: Option<&(Gathered, Decision)>,
    ) -> StoreResult<()> {
        if let Some(models) = &mut self.models {
            if let Some((gathered, decision)) = decided {
                models.add(&one.order, decision, &gathered.evidence.groups);
            } else {
                let net = if one.is_revenue { one.order.net().minor } else { 0 };
                models.add_unattributed(one.order.status, one.reason, one.order.currency, net);
            }
        }
        if let (Some(near_misses), Some((gathered, decision))) = (&mut self.near_misses, decided)
            && one.kind == AttributionType::Assisted
        {
            near_misses.add(&one.order, one.occurred_at, decision, &gathered.evidence.groups);
        }
        let Some(products) = &mut self.products else { return Ok(()) };
        let group = |id: &ProductId| aliases::group(work, store, id);
        let visualized = match decided {
            Some((_, decision)) => visualized_before(decision, group)?,
            None => BTreeSet::new(),
        };
        products.add_order(&one.order, one.is_revenue, &visualized, group)
    }
}

/// Counts the conversions of a range. Only those that are attributed are decided once more, for the visualizations
/// before them; the others are as their rows say.
pub(in super::super::super) fn conversions(
    work: &Work<'_>,
    store: i64,
    range: Range,
    mut tallies: Decided<'_>,
) -> StoreResult<()> {
    let mut rules = Rulebook::new(store);
    let only_assisted = tallies.models.is_none() && tallies.products.is_none();
    let wanted = if only_assisted { Wanted::Assisted } else { Wanted::All };
    stored::for_each(work, store, range, wanted, |one| {
        let decided = match one.kind {
            AttributionType::None => None,
            _ => Some(one.decide(work, store, &rules.version(work, one.ruleset_version)?)?),
        };
        tallies.add(work, store, one, decided.as_ref())
    })
}

/// Counts the pictures of a range.
pub(in super::super::super) fn pictures(
    work: &Work<'_>,
    store: i64,
    range: Range,
    tally: &mut ProductsTally,
) -> StoreResult<()> {
    let sql = "SELECT number, products FROM visualizations WHERE store = ?1 AND at >= ?2 AND at < ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![store, range.from.as_millis(), range.to.as_millis()])?;
    while let Some(row) = rows.next()?.as_ref() {
        let shown = Reading::new(row, "visualizations", 0).json(1, read_products)?;
        let groups = shown.iter().map(|shown| aliases::group(work, store, &shown.product));
        tally.add_picture(&groups.collect::<StoreResult<_>>()?);
    }
    Ok(())
}

/// Counts times to conversion of a range, from the decisions alone: they know ages past the window, too.
pub(in super::super::super) fn lags(
    work: &Work<'_>,
    store: i64,
    range: Range,
    tally: &mut LagTally,
) -> StoreResult<()> {
    let sql = "SELECT conversion, lag_direct_ms, lag_any_ms, kind, reason, currency, \
               CASE WHEN is_revenue = 1 THEN gross_minor - refunded_minor ELSE 0 END, known_user FROM decisions \
               WHERE store = ?1 AND generation = ?2 AND occurred_at >= ?3 AND occurred_at < ?4 AND left_out = 0 \
               AND status <> 'cancelled'";
    let mut statement = work.connection.prepare_cached(sql)?;
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let mut rows = statement.query(params![store, work.generation(store)?, from, to])?;
    while let Some(row) = rows.next()?.as_ref() {
        tally.add(read_lag(Reading::new(row, "decisions", 0))?);
    }
    Ok(())
}

fn read_lag(row: Reading<'_>) -> StoreResult<LagSample> {
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

/// Counts orders of a platform in a range.
pub(in super::super::super) fn platform_orders(
    work: &Work<'_>,
    store: i64,
    range: Range,
    tally: &mut PlatformOrdersTally,
) -> StoreResult<()> {
    let sql = "SELECT c.carrier, c.left_out, count(*) FROM decisions d CROSS JOIN conversions c \
               ON c.number = d.conversion AND +c.store = d.store WHERE d.store = ?1 AND d.generation = ?2 \
               AND d.occurred_at >= ?3 AND d.occurred_at < ?4 AND c.source IN ('shopify', 'woocommerce') \
               GROUP BY c.carrier, c.left_out";
    let mut statement = work.connection.prepare_cached(sql)?;
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let mut rows = statement.query(params![store, work.generation(store)?, from, to])?;
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "conversions", 0);
        let orders = row.count(2)?;
        if row.text_if(1)?.is_some() {
            tally.add_left_out(row.code(1, LeftOut::from_code)?, orders);
        } else {
            let carrier = row.text_if(0)?.map(|_| row.code(0, Carrier::from_code)).transpose()?;
            tally.add_counted(carrier, orders);
        }
    }
    Ok(())
}
