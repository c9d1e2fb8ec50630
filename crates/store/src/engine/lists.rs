//! Conversions as lists and pages show them.

use crate::db::params;
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
use super::evidence;
use super::ledger_read;
use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::ingest::ExplainedConversion;
use crate::{StoreResult, Tenant};

fn select(from: &str) -> String {
    format!(
        "SELECT {ORDER_COLUMNS}, d.kind, d.reason, r.model, r.basis, d.ruleset_version, d.attributed_minor, \
         d.provisional_minor, d.matched_minor, d.time_to_conversion_ms, d.window_missed_by_ms, d.store, d.generation, \
         d.seal FROM {from}"
    )
}

/// The order and the rules of a decision.
const ORDER_AND_RULES: &str = "CROSS JOIN conversions c ON c.number = d.conversion AND +c.store = d.store \
     JOIN rulesets r ON r.store = d.store AND r.version = d.ruleset_version";

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
            "credits cr CROSS JOIN decisions d ON d.store = cr.store AND d.generation = cr.generation \
             AND d.occurred_at = cr.occurred_at AND d.conversion = cr.conversion",
            ("cr.occurred_at", "cr.conversion"),
            "cr.store = ?1 AND cr.generation = ?11 AND cr.widget = ?10 AND cr.visualization = \
             (SELECT min(x.visualization) FROM credits x WHERE x.store = cr.store AND x.generation = cr.generation \
             AND x.conversion = cr.conversion AND x.widget = cr.widget)",
        ),
        None => ("decisions d", ("d.occurred_at", "d.conversion"), "CAST(?10 AS TEXT) IS NULL"),
    };
    let (time, number) = key;
    let sql = format!(
        "{} WHERE d.store = ?1 AND d.generation = ?11 AND {widget} AND {time} >= ?2 AND {time} < ?3 \
         AND ({time}, {number}) < (?4, ?5) AND (d.kind = ?6 OR ?6 IS NULL) \
         AND (d.reason = ?7 OR ?7 IS NULL) AND (d.status = ?8 OR ?8 IS NULL) \
         ORDER BY {time} DESC, {number} DESC LIMIT ?9",
        select(&format!("{table} {ORDER_AND_RULES}"))
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
        work.generation(tenant.store_number)?,
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
    let sql = format!(
        "{} WHERE d.store = ?1 AND d.generation = ?2 AND d.occurred_at = ?3 AND d.conversion = ?4",
        select(&format!("decisions d {ORDER_AND_RULES}"))
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    let key = params![store, work.generation(store)?, head.occurred_at.as_millis(), head.number];
    let found = first(statement.query(key)?, |row| {
        let seal = Reading::new(row, "decisions", 0).get(ORDER_COLUMN_COUNT + 12)?;
        Ok((read(work, row)?.1, seal))
    })?;
    let Some((record, seal)) = found else { return Ok(None) };
    let gathered = evidence::gather_whole(work, store, &head)?;
    let rules = work.rules_at(store, head.occurred_at)?;
    let decided = decisions::decide_from(&head, gathered, &rules)?;
    let conversion = Conversion { order: &head.order, occurred_at: head.occurred_at };
    Ok(Some(ExplainedConversion {
        record,
        changes: changes(conversion, &decided.decision),
        ledger: ledger_read::entries(work, store, head.number)?,
        seal,
        decision: decided.decision,
        deliveries: deliveries::of_conversion(work, store, head.number)?,
    }))
}

fn read(work: &Work<'_>, row: &crate::db::Row<'_>) -> StoreResult<(Cursor, ConversionRecord)> {
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
        credits: credits(work, row.get(decision + 10)?, row.get(decision + 11)?, number)?,
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

fn credits(work: &Work<'_>, store: i64, generation: i64, conversion: i64) -> StoreResult<Vec<CreditRecord>> {
    let sql = "SELECT v.number, v.id, cr.widget, cr.weight, cr.attributed_minor FROM credits cr \
               JOIN visualizations v ON v.number = cr.visualization AND +v.store = cr.store \
               WHERE cr.store = ?1 AND cr.generation = ?2 AND cr.conversion = ?3 ORDER BY v.at, v.id";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store, generation, conversion])?, |row| {
        let row = Reading::new(row, "credits", 0);
        Ok(CreditRecord {
            visualization: row.opaque(1, VisualizationId::parse)?,
            widget: row.id(2)?,
            weight: row.get(3)?,
            minor: row.get(4)?,
        })
    })
}
