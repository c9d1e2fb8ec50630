//! Counts and sums of a range. Summary and series read the same rows through the same tally, so a number has one
//! source; sums are 128-bit.

use std::collections::BTreeMap;

use rusqlite::{Params, Row, params};
use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::id::WidgetId;
use selektable_domain::money::Currency;
use selektable_domain::order::OrderStatus;
use selektable_domain::report::{RevenueLine, SeriesBucket, Summary, TypeCounts};
use selektable_domain::time::{Range, Timestamp};

use super::rows::Reading;
use super::work::Work;
use crate::{StoreResult, Tenant};

/// Totals of a range.
pub(super) fn summary(
    work: &Work<'_>,
    tenant: Tenant,
    range: Range,
    widget: Option<WidgetId>,
) -> StoreResult<Summary> {
    let mut tally = Tally::default();
    for_each_conversion(work, tenant, range, widget, |sale| tally.add(&sale))?;
    let mut unattributed: Vec<(Reason, u64)> = tally.unattributed;
    unattributed.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), reason.code()));
    let (visualizations, visitors) = visualizations(work, tenant, range, widget)?;
    Ok(Summary {
        visualizations,
        visitors,
        by_type: tally.by_type,
        unattributed,
        revenue: tally.revenue.into_values().collect(),
        ruleset_versions: Vec::new(),
    })
}

/// Totals of each bucket. The buckets touch and ascend, so one pass along the index fills them all.
pub(super) fn series(
    work: &Work<'_>,
    tenant: Tenant,
    buckets: &[Range],
    widget: Option<WidgetId>,
) -> StoreResult<Vec<SeriesBucket>> {
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return Ok(Vec::new()) };
    let whole = Range { from: first.from, to: last.to };
    let mut tallies: Vec<Tally> = buckets.iter().map(|_| Tally::default()).collect();
    for_each_conversion(work, tenant, whole, widget, |sale| {
        if let Some(place) = place_of(buckets, sale.occurred_at) {
            tallies[place].add(&sale);
        }
    })?;
    let mut shown = vec![0_u64; buckets.len()];
    for_each_visualization_time(work, tenant, whole, widget, |at| {
        if let Some(place) = place_of(buckets, at) {
            shown[place] += 1;
        }
    })?;
    let bucket = |((range, tally), visualizations): ((&Range, Tally), u64)| SeriesBucket {
        range: *range,
        visualizations,
        by_type: tally.by_type,
        revenue: tally.revenue.into_values().collect(),
    };
    Ok(buckets.iter().zip(tallies).zip(shown).map(bucket).collect())
}

fn place_of(buckets: &[Range], at: Timestamp) -> Option<usize> {
    let after = buckets.partition_point(|bucket| bucket.from <= at);
    after.checked_sub(1).filter(|place| buckets[*place].contains(at))
}

/// One conversion, or a widget's share of it, as figures see it.
struct Sale {
    number: i64,
    occurred_at: Timestamp,
    kind: AttributionType,
    reason: Reason,
    status: OrderStatus,
    currency: Currency,
    gross_minor: i64,
    net_minor: i64,
    attributed_minor: i64,
    provisional_minor: i64,
}

#[derive(Default)]
struct Tally {
    last_counted: Option<i64>,
    by_type: TypeCounts,
    unattributed: Vec<(Reason, u64)>,
    revenue: BTreeMap<Currency, RevenueLine>,
}

impl Tally {
    fn add(&mut self, sale: &Sale) {
        self.count(sale);
        let line = self.revenue.entry(sale.currency).or_insert_with(|| RevenueLine::zero(sale.currency));
        let attributed = i128::from(sale.attributed_minor);
        line.gross_minor += i128::from(sale.gross_minor);
        line.refunded_minor += i128::from(sale.gross_minor) - i128::from(sale.net_minor);
        if sale.status.counts_as_revenue() {
            line.net_minor += i128::from(sale.net_minor);
        }
        match sale.kind {
            AttributionType::Direct => line.direct_minor += attributed,
            AttributionType::Assisted => line.assisted_minor += attributed,
            AttributionType::None => {}
        }
        line.provisional_minor += i128::from(sale.provisional_minor);
    }

    /// A conversion with several shares of one widget stands in neighbouring rows and counts once.
    fn count(&mut self, sale: &Sale) {
        let again = self.last_counted.replace(sale.number) == Some(sale.number);
        if again || !sale.status.counts_as_conversion() {
            return;
        }
        match sale.kind {
            AttributionType::Direct => self.by_type.direct += 1,
            AttributionType::Assisted => self.by_type.assisted += 1,
            AttributionType::None => {
                self.by_type.none += 1;
                match self.unattributed.iter_mut().find(|(reason, _)| *reason == sale.reason) {
                    Some((_, count)) => *count += 1,
                    None => self.unattributed.push((sale.reason, 1)),
                }
            }
        }
    }
}

/// Every conversion of a range that is no test; with a widget, its shares of the conversions it is credited with.
fn for_each_conversion(
    work: &Work<'_>,
    tenant: Tenant,
    range: Range,
    widget: Option<WidgetId>,
    each: impl FnMut(Sale),
) -> StoreResult<()> {
    let (store, from, to) = (tenant.store_number, range.from.as_millis(), range.to.as_millis());
    match widget {
        None => {
            let sql = "SELECT conversion, occurred_at, kind, reason, status, currency, gross_minor, \
                       refunded_minor, attributed_minor, provisional_minor FROM decisions \
                       WHERE store = ?1 AND generation = ?4 AND occurred_at >= ?2 AND occurred_at < ?3 AND test = 0";
            pass(work, sql, params![store, from, to, work.generation(store)?], whole_sale, each)
        }
        Some(widget) => {
            let sql = "SELECT c.conversion, c.occurred_at, c.kind, c.reason, c.status, c.currency, cr.gross_minor, \
                       cr.order_minor, cr.attributed_minor, cr.provisional_minor FROM credits cr \
                       JOIN decisions c ON c.store = cr.store AND c.generation = cr.generation \
                       AND c.occurred_at = cr.occurred_at AND c.conversion = cr.conversion \
                       WHERE cr.store = ?1 AND cr.generation = ?5 AND cr.widget = ?4 AND cr.occurred_at >= ?2 AND cr.occurred_at < ?3 AND c.test = 0 \
                       ORDER BY cr.occurred_at, cr.conversion";
            pass(
                work,
                sql,
                params![store, from, to, widget.as_bytes(), work.generation(store)?],
                share_of_sale,
                each,
            )
        }
    }
}

fn pass(
    work: &Work<'_>,
    sql: &str,
    parameters: impl Params,
    read: fn(&Row<'_>) -> StoreResult<Sale>,
    mut each: impl FnMut(Sale),
) -> StoreResult<()> {
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        each(read(row)?);
    }
    Ok(())
}

fn share_of_sale(row: &Row<'_>) -> StoreResult<Sale> {
    let row = Reading::new(row, "conversions", 0);
    Ok(Sale {
        number: row.get(0)?,
        occurred_at: row.time(1)?,
        kind: row.code(2, AttributionType::from_code)?,
        reason: row.code(3, Reason::from_code)?,
        status: row.code(4, OrderStatus::from_code)?,
        currency: row.code(5, Currency::read_stored)?,
        gross_minor: row.get(6)?,
        net_minor: row.get(7)?,
        attributed_minor: row.get(8)?,
        provisional_minor: row.get(9)?,
    })
}

/// Of a whole order the row holds what was refunded, as stated, where a share holds the net.
fn whole_sale(row: &Row<'_>) -> StoreResult<Sale> {
    let sale = share_of_sale(row)?;
    let stated = sale.net_minor.clamp(0, sale.gross_minor);
    let refunded = if sale.status.is_reversed() { sale.gross_minor } else { stated };
    Ok(Sale { net_minor: sale.gross_minor - refunded, ..sale })
}

fn visualizations(
    work: &Work<'_>,
    tenant: Tenant,
    range: Range,
    widget: Option<WidgetId>,
) -> StoreResult<(u64, u64)> {
    let condition = if widget.is_some() { "widget = ?4" } else { "?4 IS NULL" };
    let sql = format!(
        "SELECT count(*), count(DISTINCT visitor) FROM visualizations \
         WHERE store = ?1 AND at >= ?2 AND at < ?3 AND {condition}"
    );
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let widget = widget.as_ref().map(|id| id.as_bytes().as_slice());
    let mut statement = work.connection.prepare_cached(&sql)?;
    let counts: (i64, i64) = statement
        .query_row(params![tenant.store_number, from, to, widget], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let unsigned = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok((unsigned(counts.0), unsigned(counts.1)))
}

fn for_each_visualization_time(
    work: &Work<'_>,
    tenant: Tenant,
    range: Range,
    widget: Option<WidgetId>,
    mut each: impl FnMut(Timestamp),
) -> StoreResult<()> {
    let condition = if widget.is_some() { "widget = ?4" } else { "?4 IS NULL" };
    let sql =
        format!("SELECT at FROM visualizations WHERE store = ?1 AND at >= ?2 AND at < ?3 AND {condition}");
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let widget = widget.as_ref().map(|id| id.as_bytes().as_slice());
    let mut statement = work.connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![tenant.store_number, from, to, widget])?;
    while let Some(row) = rows.next()? {
        each(Timestamp::from_millis(row.get(0)?));
    }
    Ok(())
}
