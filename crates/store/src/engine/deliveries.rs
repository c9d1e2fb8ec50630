//! The record of how every request ended: taken in or refused.

use crate::db::{Keyed, params};
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
use crate::platforms::{IgnoredDelivery, NoteDelivery, TOPICS_MAX};
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
const IGNORED: &str = "ignored";
/// Begins the outcome of a note.
const NOTED: &str = "noted_";

/// Records a delivery that was taken in.
pub(super) fn record_accepted(
    work: &Work<'_>,
    delivery: &OrderDelivery,
    outcome: Outcome,
    rows: AcceptedRows,
    warnings: &[DeliveryFault],
) -> StoreResult<()> {
    note_topic(
        work,
        delivery.tenant,
        delivery.order.source,
        delivery.topic.as_deref(),
        delivery.received_at,
    )?;
    let sql = "INSERT INTO deliveries (id, store, received_at, source, request_id, outcome, conversion, fact, faults, \
               topic) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    work.connection.insert(
        Keyed { sql, keys: &[] },
        params![
            delivery.id.as_bytes(),
            delivery.tenant.store_number,
            delivery.received_at.as_millis(),
            delivery.order.source.code(),
            delivery.request_id,
            outcome.code(),
            rows.conversion,
            rows.fact,
            write_faults(warnings),
            delivery.topic,
        ],
    )?;
    Ok(())
}

/// What became of a note.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    /// What it did; created: it waits for its order.
    pub outcome: Outcome,
    /// Row number of its conversion, if there is one.
    pub conversion: Option<i64>,
}

/// Records a note about an order.
pub(super) fn record_noted(work: &Work<'_>, delivery: &NoteDelivery, noted: Noted) -> StoreResult<()> {
    note_topic(work, delivery.tenant, delivery.source, delivery.topic.as_deref(), delivery.received_at)?;
    let sql = "INSERT INTO deliveries (id, store, received_at, source, request_id, outcome, conversion, order_id, topic) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    work.connection.prepare_cached(sql)?.execute(params![
        delivery.id.as_bytes(),
        delivery.tenant.store_number,
        delivery.received_at.as_millis(),
        delivery.source.code(),
        delivery.request_id,
        format!("{NOTED}{}", noted.outcome.code()),
        noted.conversion,
        delivery.order.as_str(),
        delivery.topic,
    ])?;
    Ok(())
}

/// Records a delivery that is of no use, and lets the organization's oldest refusals go.
pub(super) fn record_ignored(work: &Work<'_>, ignored: &IgnoredDelivery) -> StoreResult<()> {
    note_topic(work, ignored.tenant, ignored.source, ignored.topic.as_deref(), ignored.received_at)?;
    let record = DeliveryRecord {
        id: ignored.id,
        received_at: ignored.received_at,
        source: ignored.source,
        order_id: ignored.order.clone(),
        request_id: ignored.request_id.clone(),
        topic: ignored.topic.clone(),
        outcome: DeliveryOutcome::Ignored { code: ignored.code.clone(), faults: ignored.faults.clone() },
    };
    record_refused(work, ignored.tenant.organization, Some(ignored.tenant), &record)
}

/// Notes that a platform's topic came. Topics are claims, so their number is bounded.
fn note_topic(
    work: &Work<'_>,
    tenant: Tenant,
    source: Source,
    topic: Option<&str>,
    at: Timestamp,
) -> StoreResult<()> {
    if !matches!(source, Source::Shopify | Source::WooCommerce) || topic.is_none_or(str::is_empty) {
        return Ok(());
    }
    let row = params![tenant.store_number, topic, at.as_millis()];
    let sql = "UPDATE topics SET last_at = CASE WHEN last_at < ?3 THEN ?3 ELSE last_at END, deliveries = deliveries + 1 WHERE store = ?1 AND topic = ?2";
    if work.connection.prepare_cached(sql)?.execute(row)? == 0 {
        let sql = "INSERT INTO topics (store, topic, first_at, last_at, deliveries) SELECT ?1, ?2, ?3, ?3, 1 \
                   WHERE (SELECT count(*) FROM topics WHERE store = ?1) < ?4";
        let row = params![tenant.store_number, topic, at.as_millis(), TOPICS_MAX];
        work.connection.prepare_cached(sql)?.execute(row)?;
    }
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
    let (outcome, status, code, faults) = match &record.outcome {
        DeliveryOutcome::Refused { status, code, faults } => (REFUSED, Some(*status), code, faults),
        DeliveryOutcome::Ignored { code, faults } => (IGNORED, None, code, faults),
        DeliveryOutcome::Accepted { .. } | DeliveryOutcome::Noted { .. } => return Ok(()),
    };
    let sql = "INSERT INTO deliveries (id, store, organization, received_at, source, request_id, outcome, order_id, \
               status, code, faults, topic) \
               SELECT ?1, ?2, number, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM organizations WHERE id = ?3";
    work.connection.prepare_cached(sql)?.execute(params![
        record.id.as_bytes(),
        tenant.map_or_else(|| work.connection.no_store(), |tenant| Some(tenant.store_number)),
        organization.as_bytes(),
        record.received_at.as_millis(),
        record.source.code(),
        record.request_id,
        outcome,
        record.order_id.as_ref().map(OrderId::as_str),
        status,
        code,
        write_faults(faults),
        record.topic,
    ])?;
    let sql = "DELETE FROM deliveries WHERE number IN (SELECT number FROM deliveries \
               WHERE organization = (SELECT number FROM organizations WHERE id = ?1) \
               ORDER BY received_at DESC, number DESC LIMIT 1000000000 OFFSET ?2)";
    work.connection.prepare_cached(sql)?.execute(params![organization.as_bytes(), REFUSALS_KEPT_MAX])?;
    Ok(())
}

const COLUMNS: &str = "d.number, d.id, d.received_at, d.source, d.request_id, d.outcome, d.order_id, d.status, \
     d.code, d.faults, c.id, c.order_id, d.topic";
const TABLES: &str = "deliveries d LEFT JOIN conversions c ON c.number = d.conversion AND +c.store = d.store";
/// The query's own conditions: range, cursor, outcome.
const CONDITIONS: &str = "d.received_at >= ?3 AND d.received_at < ?4 AND (d.received_at, d.number) < (?5, ?6) \
     AND ((d.outcome = 'refused') = ?7 OR ?7 IS NULL)";

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
            "d.conversion = (SELECT number FROM conversions WHERE store = ?1 AND order_id = ?9) AND +d.store = ?1",
            "d.organization = (SELECT number FROM organizations WHERE id = ?2) AND d.order_id = ?9 \
             AND (+d.store = ?1 OR coalesce(d.store, 0) = 0)",
        ]
    } else {
        &[
            "d.store = ?1 AND CAST(?9 AS BIGINT) IS NULL",
            "d.organization = (SELECT number FROM organizations WHERE id = ?2) AND coalesce(d.store, 0) = 0",
        ]
    };
    let parts: Vec<String> = sources
        .iter()
        .map(|source| {
            format!(
                "SELECT * FROM (SELECT {COLUMNS} FROM {TABLES} WHERE {source} AND {CONDITIONS} \
                 ORDER BY d.received_at DESC, d.number DESC LIMIT ?8) AS one"
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
pub(super) fn of_conversion(
    work: &Work<'_>,
    store: i64,
    conversion: i64,
) -> StoreResult<Vec<DeliveryRecord>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE d.conversion = ?1 AND +d.store = ?3 \
         ORDER BY d.received_at DESC, d.number DESC LIMIT ?2"
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    let rows = statement.query(params![conversion, DELIVERIES_OF_CONVERSION_MAX, store])?;
    Ok(collect(rows, read)?.into_iter().map(|(_, record)| record).collect())
}

fn read(row: &crate::db::Row<'_>) -> StoreResult<(Cursor, DeliveryRecord)> {
    let row = Reading::new(row, "deliveries", 0);
    let faults = read_faults(row.text_if(9)?).map_err(|fault| row.damaged(fault))?;
    let outcome = match row.text(5)? {
        REFUSED => DeliveryOutcome::Refused { status: row.get(7)?, code: row.get(8)?, faults },
        IGNORED => DeliveryOutcome::Ignored { code: row.get(8)?, faults },
        noted if noted.starts_with(NOTED) => {
            let outcome = Outcome::from_code(&noted[NOTED.len()..]);
            DeliveryOutcome::Noted {
                outcome: outcome.ok_or_else(|| row.damaged("its outcome is not known"))?,
            }
        }
        _ => DeliveryOutcome::Accepted {
            outcome: row.code(5, Outcome::from_code)?,
            conversion: row.id(10)?,
            warnings: faults,
        },
    };
    let of_conversion = matches!(outcome, DeliveryOutcome::Accepted { .. });
    let record = DeliveryRecord {
        id: row.id(1)?,
        received_at: row.time(2)?,
        source: row.code(3, Source::from_code)?,
        order_id: row.opaque_if(if of_conversion { 11 } else { 6 }, OrderId::parse)?,
        request_id: row.get(4)?,
        topic: row.get(12)?,
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
