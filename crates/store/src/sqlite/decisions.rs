//! Deciding a conversion, and the decision as it is stored: columns of the conversion, and its credits.

use rusqlite::params;
use selektable_domain::attribution::{AttributionType, Conversion, Decision, Reason, decide};
use selektable_domain::id::WidgetId;
use selektable_domain::money::split_largest_remainder;
use selektable_domain::order::Order;
use selektable_domain::rules::Ruleset;
use selektable_domain::time::Timestamp;

use super::conversions::{self, Head};
use super::evidence::{self, Gathered};
use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::{StoreError, StoreResult};

/// What is stored of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DecisionRow {
    /// Direct, assisted or none.
    pub kind: AttributionType,
    /// Why.
    pub reason: Reason,
    /// Version of the rules.
    pub ruleset_version: u32,
    /// Net order under a credit, minor units.
    pub order_minor: i64,
    /// Matched lines, minor units.
    pub matched_minor: i64,
    /// Attributed, minor units.
    pub attributed_minor: i64,
    /// Would be attributed once paid, minor units.
    pub provisional_minor: i64,
    /// Milliseconds from the latest credited visualization.
    pub time_to_conversion_ms: Option<i64>,
    /// Milliseconds by which the window was missed.
    pub window_missed_by_ms: Option<i64>,
    /// Shares, by visualization number.
    pub credits: Vec<CreditRow>,
}

/// One share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CreditRow {
    visualization: i64,
    widget: WidgetId,
    occurred_at: Timestamp,
    weight: u32,
    gross_minor: i64,
    order_minor: i64,
    matched_minor: i64,
    attributed_minor: i64,
    provisional_minor: i64,
}

/// A decision with what it rests on.
pub(super) struct Decided {
    /// The decision with every candidate.
    pub decision: Decision,
    /// What is stored of it.
    pub row: DecisionRow,
    /// The evidence.
    pub gathered: Gathered,
}

/// Decides an order under the newest rules of its store, from the evidence as it is now.
pub(super) fn decide_order(work: &Work<'_>, store: i64, head: &Head) -> StoreResult<Decided> {
    decide_under(work, store, head, &work.rules(store)?)
}

/// Decides an order under given rules.
pub(super) fn decide_under(
    work: &Work<'_>,
    store: i64,
    head: &Head,
    rules: &Ruleset,
) -> StoreResult<Decided> {
    let gathered = evidence::gather(work, store, &head.order, head.occurred_at)?;
    let conversion = Conversion { order: &head.order, occurred_at: head.occurred_at };
    let decision = decide(conversion, &gathered.evidence, rules);
    let row = DecisionRow::of(&decision, head, &gathered)?;
    Ok(Decided { decision, row, gathered })
}

/// Decides a stored conversion again under the newest rules; says whether anything of the decision changed.
pub(super) fn redecide(work: &Work<'_>, number: i64) -> StoreResult<bool> {
    let Some((store, head)) = conversions::by_number(work, number)? else { return Ok(false) };
    let row = decide_order(work, store, &head)?.row;
    replace(work, store, number, &row)
}

/// Replaces the stored decision of a conversion; says whether it was another one.
pub(super) fn replace(work: &Work<'_>, store: i64, number: i64, row: &DecisionRow) -> StoreResult<bool> {
    let stored = load(work, number)?;
    if stored.as_ref() == Some(row) {
        return Ok(false);
    }
    update(work, number, row)?;
    if stored.is_none_or(|stored| stored.credits != row.credits) {
        work.connection.prepare_cached("DELETE FROM credits WHERE conversion = ?1")?.execute([number])?;
        insert_credits(work, store, number, &row.credits)?;
    }
    Ok(true)
}

impl DecisionRow {
    fn of(decision: &Decision, head: &Head, gathered: &Gathered) -> StoreResult<Self> {
        Ok(Self {
            kind: decision.kind,
            reason: decision.reason,
            ruleset_version: decision.rules.version,
            order_minor: decision.order_minor,
            matched_minor: decision.matched_minor,
            attributed_minor: decision.attributed_minor,
            provisional_minor: decision.provisional_minor,
            time_to_conversion_ms: decision.time_to_conversion_ms,
            window_missed_by_ms: decision.window_missed_by_ms,
            credits: credit_rows(decision, head, gathered)?,
        })
    }
}

fn credit_rows(decision: &Decision, head: &Head, gathered: &Gathered) -> StoreResult<Vec<CreditRow>> {
    let order: &Order = &head.order;
    let weights: Vec<u32> = decision.credits().map(|candidate| candidate.weight).collect();
    let gross = split_largest_remainder(order.total_minor, &weights);
    let mut rows = decision
        .credits()
        .zip(gross)
        .map(|(candidate, gross_minor)| {
            let in_play = decision.basis_minor(candidate);
            let number = gathered.number_of(&candidate.visualization.id);
            Ok(CreditRow {
                visualization: number.ok_or_else(|| lost(&candidate.visualization.id.to_string()))?,
                widget: candidate.visualization.widget,
                occurred_at: head.occurred_at,
                weight: candidate.weight,
                gross_minor,
                order_minor: candidate.order_minor,
                matched_minor: candidate.matched_minor,
                attributed_minor: if order.status.counts_as_revenue() { in_play } else { 0 },
                provisional_minor: if order.status.is_provisional() { in_play } else { 0 },
            })
        })
        .collect::<StoreResult<Vec<_>>>()?;
    rows.sort_by_key(|row| row.visualization);
    Ok(rows)
}

fn lost(id: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "visualizations",
        row: id.to_owned(),
        detail: "it was credited and is not in the evidence".to_owned(),
    }
}

/// Writes the credits of a conversion that has none yet.
pub(super) fn insert_credits(
    work: &Work<'_>,
    store: i64,
    conversion: i64,
    credits: &[CreditRow],
) -> StoreResult<()> {
    let sql = "INSERT INTO credits (conversion, visualization, store, widget, occurred_at, weight, gross_minor, \
               order_minor, matched_minor, attributed_minor, provisional_minor) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let mut statement = work.connection.prepare_cached(sql)?;
    for credit in credits {
        statement.execute(params![
            conversion,
            credit.visualization,
            store,
            credit.widget.as_bytes(),
            credit.occurred_at.as_millis(),
            credit.weight,
            credit.gross_minor,
            credit.order_minor,
            credit.matched_minor,
            credit.attributed_minor,
            credit.provisional_minor,
        ])?;
    }
    Ok(())
}

fn update(work: &Work<'_>, number: i64, row: &DecisionRow) -> StoreResult<()> {
    let sql = "UPDATE conversions SET kind = ?2, reason = ?3, ruleset_version = ?4, order_minor = ?5, \
               matched_minor = ?6, attributed_minor = ?7, provisional_minor = ?8, time_to_conversion_ms = ?9, \
               window_missed_by_ms = ?10 WHERE number = ?1";
    work.connection.prepare_cached(sql)?.execute(params![
        number,
        row.kind.code(),
        row.reason.code(),
        row.ruleset_version,
        row.order_minor,
        row.matched_minor,
        row.attributed_minor,
        row.provisional_minor,
        row.time_to_conversion_ms,
        row.window_missed_by_ms,
    ])?;
    Ok(())
}

fn load(work: &Work<'_>, number: i64) -> StoreResult<Option<DecisionRow>> {
    let sql = "SELECT number, kind, reason, ruleset_version, order_minor, matched_minor, attributed_minor, \
               provisional_minor, time_to_conversion_ms, window_missed_by_ms FROM conversions WHERE number = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let credits = load_credits(work, number)?;
    first(statement.query([number])?, |row| {
        let row = Reading::new(row, "conversions", 0);
        Ok(DecisionRow {
            kind: row.code(1, AttributionType::from_code)?,
            reason: row.code(2, Reason::from_code)?,
            ruleset_version: row.get(3)?,
            order_minor: row.get(4)?,
            matched_minor: row.get(5)?,
            attributed_minor: row.get(6)?,
            provisional_minor: row.get(7)?,
            time_to_conversion_ms: row.get(8)?,
            window_missed_by_ms: row.get(9)?,
            credits,
        })
    })
}

fn load_credits(work: &Work<'_>, conversion: i64) -> StoreResult<Vec<CreditRow>> {
    let sql = "SELECT visualization, widget, occurred_at, weight, gross_minor, order_minor, matched_minor, \
               attributed_minor, provisional_minor FROM credits WHERE conversion = ?1 ORDER BY visualization";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([conversion])?, |row| {
        let row = Reading::new(row, "credits", 0);
        Ok(CreditRow {
            visualization: row.get(0)?,
            widget: row.id(1)?,
            occurred_at: row.time(2)?,
            weight: row.get(3)?,
            gross_minor: row.get(4)?,
            order_minor: row.get(5)?,
            matched_minor: row.get(6)?,
            attributed_minor: row.get(7)?,
            provisional_minor: row.get(8)?,
        })
    })
}
