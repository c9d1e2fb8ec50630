//! Conversions as lists and pages show them.

use rusqlite::params;
use selektable_domain::attribution::{AttributionType, Conversion, Reason, changes};
use selektable_domain::opaque::{OrderId, VisualizationId};
use selektable_domain::order::OrderStatus;
use selektable_domain::report::{
    AttributionRecord, ConversionQuery, ConversionRecord, CreditRecord, Cursor, PAGE_ROWS_MAX, Page,
};
use selektable_domain::rules::{Model, RevenueBasis};

use super::conversions::{self, ORDER_COLUMN_COUNT, ORDER_COLUMNS};
use super::decisions;
use super::deliveries::{self, after, page};
use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::ingest::ExplainedConversion;
use crate::{StoreResult, Tenant};

fn select(from: &str) -> String {
    format!(
        "SELECT {ORDER_COLUMNS}, c.kind, c.reason, r.model, r.basis, c.ruleset_version, c.attributed_minor, \
         c.provisional_minor, c.matched_minor, c.time_to_conversion_ms, c.window_missed_by_ms FROM {from}"
    )
}

const RULES: &str = "JOIN rulesets r ON r.store = c.store AND r.version = c.ruleset_version";

/// One page of conversions, newest first.
pub(super) fn conversions(
    work: &Work<'_>,
    tenant: Tenant,
    query: &ConversionQuery,
) -> StoreResult<Page<ConversionRecord>> {
    let limit = query.limit.clamp(1, PAGE_ROWS_MAX);
    // By a widget the index of its credits leads; of several credits of one conversion the first one stands for it.
    let (table, key, widget) = match query.widget {
        Some(_) => (
            "credits cr CROSS JOIN conversions c ON c.number = cr.conversion",
            ("cr.occurred_at", "cr.conversion"),
            "cr.store = ?1 AND cr.widget = ?10 AND cr.visualization = (SELECT min(x.visualization) \
             FROM credits x WHERE x.conversion = cr.conversion AND x.widget = cr.widget)",
        ),
        None => ("conversions c", ("c.occurred_at", "c.number"), "?10 IS NULL"),
    };
    let (time, number) = key;
    let sql = format!(
        "{} WHERE c.store = ?1 AND {widget} AND {time} >= ?2 AND {time} < ?3 \
         AND ({time}, {number}) < (?4, ?5) AND (?6 IS NULL OR c.kind = ?6) \
         AND (?7 IS NULL OR c.reason = ?7) AND (?8 IS NULL OR c.status = ?8) \
         ORDER BY {time} DESC, {number} DESC LIMIT ?9",
        select(&format!("{table} {RULES}"))
    );
    let (at, row) = after(query.cursor);
    let mut statement = work.connection.prepare_cached(&sql)?;
    let rows = statement.query(params![
        tenant.store_number,
        query.range.from.as_millis(),
        query.range.to.as_millis(),
        at,
        row,
        query.kind.map(AttributionType::code),
        query.reason.map(Reason::code),
        query.status.map(OrderStatus::code),
        limit + 1,
        query.widget.as_ref().map(|id| id.as_bytes().as_slice()),
    ])?;
    Ok(page(collect(rows, |row| read(work, row))?, limit))
}

/// One conversion, explained from the evidence as it is now.
pub(super) fn explained(
    work: &Work<'_>,
    tenant: Tenant,
    order: &OrderId,
) -> StoreResult<Option<ExplainedConversion>> {
    let store = tenant.store_number;
    let Some(head) = conversions::find(work, store, order)? else { return Ok(None) };
    let sql = format!("{} WHERE c.number = ?1", select(&format!("conversions c {RULES}")));
    let mut statement = work.connection.prepare_cached(&sql)?;
    let found = first(statement.query([head.number])?, |row| read(work, row))?;
    let Some((_, record)) = found else { return Ok(None) };
    let decided = decisions::decide_order(work, store, &head)?;
    let conversion = Conversion { order: &head.order, occurred_at: head.occurred_at };
    Ok(Some(ExplainedConversion {
        record,
        changes: changes(conversion, &decided.decision),
        ledger: Vec::new(),
        seal: [0; 32],
        decision: decided.decision,
        deliveries: deliveries::of_conversion(work, head.number)?,
    }))
}

fn read(work: &Work<'_>, row: &rusqlite::Row<'_>) -> StoreResult<(Cursor, ConversionRecord)> {
    let row = Reading::new(row, "conversions", 0);
    let number = row.get(0)?;
    let decision = ORDER_COLUMN_COUNT;
    let attribution = AttributionRecord {
        kind: row.code(decision, AttributionType::from_code)?,
        reason: row.code(decision + 1, Reason::from_code)?,
        model: row.code(decision + 2, Model::from_code)?,
        basis: row.code(decision + 3, RevenueBasis::from_code)?,
        ruleset_version: row.get(decision + 4)?,
        attributed_minor: row.get(decision + 5)?,
        provisional_minor: row.get(decision + 6)?,
        matched_minor: row.get(decision + 7)?,
        time_to_conversion_ms: row.get(decision + 8)?,
        window_missed_by_ms: row.get(decision + 9)?,
        credits: credits(work, number)?,
    };
    let record = ConversionRecord {
        id: row.id(1)?,
        order: conversions::read_order(row)?,
        occurred_at: row.time(17)?,
        received_at: row.time(18)?,
        attribution,
        sample: row.get(16)?,
    };
    Ok((Cursor { at: record.occurred_at, row: number }, record))
}

fn credits(work: &Work<'_>, conversion: i64) -> StoreResult<Vec<CreditRecord>> {
    let sql = "SELECT v.number, v.id, cr.widget, cr.weight, cr.attributed_minor FROM credits cr \
               JOIN visualizations v ON v.number = cr.visualization WHERE cr.conversion = ?1 ORDER BY v.at, v.id";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([conversion])?, |row| {
        let row = Reading::new(row, "credits", 0);
        Ok(CreditRecord {
            visualization: row.opaque(1, VisualizationId::parse)?,
            widget: row.id(2)?,
            weight: row.get(3)?,
            minor: row.get(4)?,
        })
    })
}
