//! The record of how every request ended: taken in or refused.

use rusqlite::params;
use selektable_domain::id::OrganizationId;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::Source;
use selektable_domain::order::version::Outcome;
use selektable_domain::report::{
    Cursor, DeliveryFault, DeliveryOutcome, DeliveryQuery, DeliveryRecord, PAGE_ROWS_MAX, Page,
};
use selektable_domain::time::{Range, Timestamp};

use super::rows::{Reading, collect};
use super::work::Work;
use crate::body::{read_faults, write_faults};
use crate::ingest::{OrderDelivery, REFUSALS_KEPT_MAX, Refusal};
use crate::{StoreResult, Tenant};

/// Rows an accepted delivery points at.
#[derive(Clone, Copy, Debug)]
pub(super) struct AcceptedRows {
    /// Its conversion.
    pub conversion: i64,
    /// Its fact; none when it changed nothing.
    pub fact: Option<i64>,
}

/// Most deliveries shown with one conversion.
const DELIVERIES_OF_CONVERSION_MAX: u32 = 100;
const REFUSED: &str = "refused";

/// Records a delivery that was taken in.
pub(super) fn record_accepted(
    work: &Work<'_>,
    delivery: &OrderDelivery,
    outcome: Outcome,
    rows: AcceptedRows,
    warnings: &[DeliveryFault],
) -> StoreResult<()> {
    let sql = "INSERT INTO deliveries (id, store, received_at, source, request_id, outcome, conversion, fact, faults) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    work.connection.prepare_cached(sql)?.execute(params![
        delivery.id.as_bytes(),
        delivery.tenant.store_number,
        delivery.received_at.as_millis(),
        delivery.order.source.code(),
        delivery.request_id,
        outcome.code(),
        rows.conversion,
        rows.fact,
        write_faults(warnings),
    ])?;
    Ok(())
}

/// Records a refusal; one whose outcome is not `Refused` has no content here and is left out.
pub(super) fn record_refusal(work: &Work<'_>, refusal: &Refusal) -> StoreResult<()> {
    record_refused(work, refusal.organization, refusal.tenant, &refusal.record)
}

/// Records a delivery that was refused, and lets the organization's oldest refusals go.
pub(super) fn record_refused(
    work: &Work<'_>,
    organization: OrganizationId,
    tenant: Option<Tenant>,
    record: &DeliveryRecord,
) -> StoreResult<()> {
    let DeliveryOutcome::Refused { status, code, faults } = &record.outcome else { return Ok(()) };
    let sql = "INSERT INTO deliveries (id, store, organization, received_at, source, request_id, outcome, order_id, \
               status, code, faults) \
               SELECT ?1, ?2, number, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM organizations WHERE id = ?3";
    work.connection.prepare_cached(sql)?.execute(params![
        record.id.as_bytes(),
        tenant.map(|tenant| tenant.store_number),
        organization.as_bytes(),
        record.received_at.as_millis(),
        record.source.code(),
        record.request_id,
        REFUSED,
        record.order_id.as_ref().map(OrderId::as_str),
        status,
        code,
        write_faults(faults),
    ])?;
    let sql = "DELETE FROM deliveries WHERE number IN (SELECT number FROM deliveries \
               WHERE organization = (SELECT number FROM organizations WHERE id = ?1) \
               ORDER BY received_at DESC, number DESC LIMIT -1 OFFSET ?2)";
    work.connection.prepare_cached(sql)?.execute(params![organization.as_bytes(), REFUSALS_KEPT_MAX])?;
    Ok(())
}

const COLUMNS: &str = "d.number, d.id, d.received_at, d.source, d.request_id, d.outcome, d.order_id, d.status, \
     d.code, d.faults, c.id, c.order_id";
const TABLES: &str = "deliveries d LEFT JOIN conversions c ON c.number = d.conversion";
/// The query's own conditions: range, cursor, outcome.
const CONDITIONS: &str = "d.received_at >= ?3 AND d.received_at < ?4 AND (d.received_at, d.number) < (?5, ?6) \
     AND (?7 IS NULL OR (d.outcome = 'refused') = ?7)";

/// One page of deliveries: the store's own, and those of its organization that named no store of it.
pub(super) fn list(
    work: &Work<'_>,
    tenant: Tenant,
    query: &DeliveryQuery,
) -> StoreResult<Page<DeliveryRecord>> {
    let limit = query.limit.clamp(1, PAGE_ROWS_MAX);
    let order = query.order_id.as_ref().map(OrderId::as_str);
    // The `+` keeps SQLite from walking everybody's rows without a store instead of the organization's refusals.
    let sources: &[&str] = if order.is_some() {
        &[
            "d.conversion = (SELECT number FROM conversions WHERE store = ?1 AND order_id = ?9)",
            "d.organization = (SELECT number FROM organizations WHERE id = ?2) AND d.order_id = ?9 \
             AND (+d.store = ?1 OR +d.store IS NULL)",
        ]
    } else {
        &[
            "d.store = ?1 AND ?9 IS NULL",
            "d.organization = (SELECT number FROM organizations WHERE id = ?2) AND +d.store IS NULL",
        ]
    };
    let parts: Vec<String> = sources
        .iter()
        .map(|source| {
            format!(
                "SELECT * FROM (SELECT {COLUMNS} FROM {TABLES} WHERE {source} AND {CONDITIONS} \
                 ORDER BY d.received_at DESC, d.number DESC LIMIT ?8)"
            )
        })
        .collect();
    let sql = format!("{} ORDER BY 3 DESC, 1 DESC LIMIT ?8", parts.join(" UNION ALL "));
    let (at, row) = after(query.cursor);
    let Range { from, to } = query.range;
    let mut statement = work.connection.prepare_cached(&sql)?;
    let rows = statement.query(params![
        tenant.store_number,
        tenant.organization.as_bytes(),
        from.as_millis(),
        to.as_millis(),
        at,
        row,
        query.refused,
        limit + 1,
        order,
    ])?;
    Ok(page(collect(rows, read)?, limit))
}

/// The deliveries of one conversion, newest first.
pub(super) fn of_conversion(work: &Work<'_>, conversion: i64) -> StoreResult<Vec<DeliveryRecord>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE d.conversion = ?1 \
         ORDER BY d.received_at DESC, d.number DESC LIMIT ?2"
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    let rows = statement.query(params![conversion, DELIVERIES_OF_CONVERSION_MAX])?;
    Ok(collect(rows, read)?.into_iter().map(|(_, record)| record).collect())
}

fn read(row: &rusqlite::Row<'_>) -> StoreResult<(Cursor, DeliveryRecord)> {
    let row = Reading::new(row, "deliveries", 0);
    let faults = read_faults(row.text_if(9)?).map_err(|fault| row.damaged(fault))?;
    let refused = row.text(5)? == REFUSED;
    let outcome = if refused {
        DeliveryOutcome::Refused { status: row.get(7)?, code: row.get(8)?, faults }
    } else {
        DeliveryOutcome::Accepted {
            outcome: row.code(5, Outcome::from_code)?,
            conversion: row.id(10)?,
            warnings: faults,
        }
    };
    let record = DeliveryRecord {
        id: row.id(1)?,
        received_at: row.time(2)?,
        source: row.code(3, Source::from_code)?,
        order_id: row.opaque_if(if refused { 6 } else { 11 }, OrderId::parse)?,
        request_id: row.get(4)?,
        outcome,
    };
    Ok((Cursor { at: record.received_at, row: row.get(0)? }, record))
}

/// The key to read on from, for a comparison with `<`; before everything when there is no cursor.
pub(super) fn after(cursor: Option<Cursor>) -> (i64, i64) {
    cursor.map_or((i64::MAX, i64::MAX), |cursor| (Timestamp::as_millis(cursor.at), cursor.row))
}

/// Cuts the row that was read too many off, and points after the last one that stays.
pub(super) fn page<T>(mut rows: Vec<(Cursor, T)>, limit: u32) -> Page<T> {
    let limit = limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|(cursor, _)| *cursor) } else { None };
    Page { data: rows.into_iter().map(|(_, record)| record).collect(), next }
}
