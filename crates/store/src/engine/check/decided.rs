//! Decisions, made again and compared column by column with what is stored.

use crate::db::params;
use crate::db::types::ValueRef;

use super::super::conversions::Head;
use super::super::decisions::{self, CreditRow, DecisionRow};
use super::super::work::Work;
use super::facts::Pass;
use super::found::{Found, Table};
use crate::{StoreError, StoreResult};

const DECISION: &str = "SELECT status, currency, left_out, gross_minor, refunded_minor, is_revenue, known_user, kind, \
     reason, ruleset_version, order_minor, matched_minor, attributed_minor, provisional_minor, lines_minor, \
     time_to_conversion_ms, window_missed_by_ms, lag_direct_ms, lag_any_ms, evidence, seal FROM decisions \
     WHERE store = ?1 AND generation = ?2 AND occurred_at = ?3 AND conversion = ?4";
const CREDITS: &str = "SELECT visualization, widget, occurred_at, weight, gross_minor, order_minor, matched_minor, \
     attributed_minor, provisional_minor FROM credits WHERE store = ?1 AND generation = ?2 AND conversion = ?3";

/// Decides one conversion in the generation that is shown, and compares.
pub(super) fn compare(pass: &mut Pass<'_, '_>, store: i64, head: &Head) -> StoreResult<()> {
    let work = pass.work;
    let rules = work.store_rules(store)?;
    let generation = rules.live.number;
    let waits = pass.any_waiting && waits(work, store, head.number)?;
    let row = match decisions::decide_under(work, store, head, rules.live.schedule.rules_at(head.occurred_at))
    {
        Ok(decided) => decided.row,
        Err(StoreError::Inconsistent { table, row, detail }) => {
            let words =
                || format!("conversion {} can't be decided: row {row} of {table}: {detail}", head.number);
            pass.part.found.add(Table::Decisions, head.number, words);
            return Ok(());
        }
        Err(fault) => return Err(fault),
    };
    // What waits is known to be old.
    let mut ignored = Found::default();
    let found = if waits { &mut ignored } else { &mut pass.part.found };
    pass.part.decisions += decision(work, (store, generation), head, &row, found)?;
    pass.part.credits += credits(work, (store, generation), head, &row, found)?;
    Ok(())
}

fn waits(work: &Work<'_>, store: i64, conversion: i64) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM redecisions WHERE store = ?1 AND conversion = ?2)";
    Ok(work.connection.prepare_cached(sql)?.query_row([store, conversion], |row| row.get(0))?)
}

fn flag(is: bool) -> ValueRef<'static> {
    ValueRef::Integer(i64::from(is))
}

fn number_if(number: Option<i64>) -> ValueRef<'static> {
    number.map_or(ValueRef::Null, ValueRef::Integer)
}

fn text(text: &str) -> ValueRef<'_> {
    ValueRef::Text(text.as_bytes())
}

/// The columns of [`DECISION`].
fn columns(row: &DecisionRow) -> [(&'static str, ValueRef<'_>); 21] {
    let outcome = &row.outcome;
    [
        ("status", text(row.status.code())),
        ("currency", text(row.currency.code())),
        ("left_out", flag(row.left_out)),
        ("gross_minor", ValueRef::Integer(row.gross_minor)),
        ("refunded_minor", ValueRef::Integer(row.refunded_minor)),
        ("is_revenue", flag(row.is_revenue)),
        ("known_user", flag(row.known_user)),
        ("kind", text(outcome.kind.code())),
        ("reason", text(outcome.reason.code())),
        ("ruleset_version", ValueRef::Integer(i64::from(row.ruleset_version))),
        ("order_minor", ValueRef::Integer(outcome.order_minor)),
        ("matched_minor", ValueRef::Integer(outcome.matched_minor)),
        ("attributed_minor", ValueRef::Integer(outcome.attributed_minor)),
        ("provisional_minor", ValueRef::Integer(outcome.provisional_minor)),
        ("lines_minor", ValueRef::Integer(outcome.lines_minor)),
        ("time_to_conversion_ms", number_if(outcome.time_to_conversion_ms)),
        ("window_missed_by_ms", number_if(outcome.window_missed_by_ms)),
        ("lag_direct_ms", number_if(outcome.lag_direct_ms)),
        ("lag_any_ms", number_if(outcome.lag_any_ms)),
        ("evidence", ValueRef::Blob(&row.evidence)),
        ("seal", ValueRef::Blob(&row.seal)),
    ]
}

/// Answers how many stored decisions there were, none or one.
fn decision(
    work: &Work<'_>,
    (store, generation): (i64, i64),
    head: &Head,
    row: &DecisionRow,
    found: &mut Found,
) -> StoreResult<i64> {
    let mut statement = work.connection.prepare_cached(DECISION)?;
    let mut rows = statement.query(params![store, generation, head.occurred_at.as_millis(), head.number])?;
    let Some(stored) = rows.next()? else {
        found.missing(Table::Decisions, head.number);
        return Ok(0);
    };
    for (place, (name, is)) in columns(row).into_iter().enumerate() {
        let was = stored.get_ref(place)?;
        if was != is {
            found.column(Table::Decisions, head.number, name, (was, is));
        }
    }
    Ok(1)
}

/// The columns of [`CREDITS`].
fn credit_columns<'a>(head: &Head, row: &'a CreditRow) -> [(&'static str, ValueRef<'a>); 9] {
    [
        ("visualization", ValueRef::Integer(row.visualization)),
        ("widget", ValueRef::Blob(row.widget.as_bytes())),
        ("occurred_at", ValueRef::Integer(head.occurred_at.as_millis())),
        ("weight", ValueRef::Integer(i64::from(row.weight))),
        ("gross_minor", ValueRef::Integer(row.gross_minor)),
        ("order_minor", ValueRef::Integer(row.order_minor)),
        ("matched_minor", ValueRef::Integer(row.matched_minor)),
        ("attributed_minor", ValueRef::Integer(row.attributed_minor)),
        ("provisional_minor", ValueRef::Integer(row.provisional_minor)),
    ]
}

/// Answers how many stored credits there were.
fn credits(
    work: &Work<'_>,
    (store, generation): (i64, i64),
    head: &Head,
    row: &DecisionRow,
    found: &mut Found,
) -> StoreResult<i64> {
    let mut statement = work.connection.prepare_cached(CREDITS)?;
    let mut rows = statement.query(params![store, generation, head.number])?;
    let (mut stored_rows, mut known) = (0, 0);
    while let Some(stored) = rows.next()?.as_ref() {
        stored_rows += 1;
        let number: i64 = stored.get(0)?;
        let Some(credit) = row.credits.iter().find(|credit| credit.visualization == number) else {
            found.invented(Table::Credits, head.number);
            continue;
        };
        known += 1;
        for (place, (name, is)) in credit_columns(head, credit).into_iter().enumerate() {
            let was = stored.get_ref(place)?;
            if was != is {
                found.column(Table::Credits, head.number, name, (was, is));
            }
        }
    }
    (known..row.credits.len()).for_each(|_| found.missing(Table::Credits, head.number));
    Ok(stored_rows)
}
