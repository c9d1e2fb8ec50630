//! Figures by refund date: orders by their own date as if nothing of them was given back, and each refund by its own
//! date. What a refund takes is told by the decision that stands, so all dates together sum to what the order dates
//! sum to.

use crate::db::params;
use selektable_domain::attribution::AttributionType;
use selektable_domain::order::OrderStatus;
use selektable_domain::report::figures::{Earning, Share, Stake};
use selektable_domain::time::Timestamp;

use super::super::rows::{Reading, first};
use super::super::rulebook::Rulebook;
use super::super::work::Work;
use super::Buckets;
use super::standing::{Source, Standing};
use crate::StoreResult;

/// Fills the buckets.
pub(super) fn fold(work: &Work<'_>, source: &Source, buckets: &mut Buckets<'_>) -> StoreResult<()> {
    let mut rules = Rulebook::new(source.store);
    let whole = buckets.whole();
    source.for_each(work, whole, |standing| {
        let amounts = if standing.refunded_minor == 0 {
            standing.amounts()
        } else {
            let ordered = Ordered::new(work, source, &mut rules, &standing)?;
            ordered.stake.amounts(0, ordered.share())
        };
        if let Some(tally) = buckets.at(standing.occurred_at) {
            tally.count(standing.counted());
            tally.add(standing.currency, standing.kind, amounts);
        }
        Ok(())
    })?;
    for_each_refund(work, source, (whole.from, whole.to), |refund| {
        let Some(standing) = source.one(work, refund.conversion)? else { return Ok(()) };
        if source.widget.is_some() && standing.kind == AttributionType::None {
            return Ok(());
        }
        let ordered = Ordered::new(work, source, &mut rules, &standing)?;
        if source.widget.is_some() && !ordered.credits.iter().any(|(_, wanted)| *wanted) {
            return Ok(());
        }
        let change = ordered.stake.change(refund.from_minor, refund.to_minor, ordered.share());
        if let Some(tally) = buckets.at(refund.at) {
            tally.add(standing.currency, standing.kind, change);
        }
        Ok(())
    })
}

/// What was given back of a conversion went from one amount to another.
struct Refund {
    conversion: i64,
    at: Timestamp,
    from_minor: i64,
    to_minor: i64,
}

fn for_each_refund(
    work: &Work<'_>,
    source: &Source,
    (from, to): (Timestamp, Timestamp),
    mut each: impl FnMut(Refund) -> StoreResult<()>,
) -> StoreResult<()> {
    let sql = "SELECT conversion, at, refunded_minor - refunded_delta_minor, refunded_minor FROM ledger \
               INDEXED BY ledger_refunds WHERE store = ?1 AND at >= ?2 AND at < ?3 AND refunded_delta_minor <> 0 \
               AND known_at <= ?4";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows =
        statement.query(params![source.store, from.as_millis(), to.as_millis(), source.known_at()])?;
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "ledger", 0);
        each(Refund {
            conversion: row.get(0)?,
            at: row.time(1)?,
            from_minor: row.get(2)?,
            to_minor: row.get(3)?,
        })?;
    }
    Ok(())
}

/// A conversion, ready to be told with more or less of it given back.
struct Ordered {
    stake: Stake,
    /// With a widget: the credits of its decision.
    credits: Vec<(u32, bool)>,
    whole: bool,
}

impl Ordered {
    fn new(work: &Work<'_>, source: &Source, rules: &mut Rulebook, standing: &Standing) -> StoreResult<Self> {
        let rules = rules.version(work, standing.ruleset_version)?;
        let before = if standing.status.is_reversed() {
            status_before(work, source, standing.conversion)?
        } else {
            None
        };
        let stake = Stake {
            gross_minor: standing.gross_minor,
            earning: Earning::by_refund_date(rules.counts, standing.status, before),
            kind: standing.kind,
            basis: rules.basis,
            lines_minor: standing.lines_minor,
        };
        let whole = source.widget.is_none();
        let credits = if whole { Vec::new() } else { source.credits(work, standing.conversion)? };
        Ok(Self { stake, credits, whole })
    }

    fn share(&self) -> Share<'_> {
        if self.whole { Share::Whole } else { Share::Part(&self.credits) }
    }
}

/// The last status of a conversion before it was reversed.
fn status_before(work: &Work<'_>, source: &Source, conversion: i64) -> StoreResult<Option<OrderStatus>> {
    let sql = "SELECT status FROM ledger WHERE conversion = ?1 AND +store = ?3 AND known_at <= ?2 \
               AND status NOT IN ('cancelled', 'refunded') ORDER BY entry DESC";
    let mut statement = work.connection.prepare_cached(sql)?;
    let rows = statement.query([conversion, source.known_at(), source.store])?;
    first(rows, |row| Reading::new(row, "ledger", 0).code(0, OrderStatus::from_code))
}
