//! Deciding a conversion, and the decision as it is stored: its row in a generation, and its credits.

use crate::db::{Keyed, ToSql, params};
use selektable_domain::attribution::{
    AttributionType, Conversion, CreditSeal, Decision, OutcomeSeal, Reason, Seal, decide, seal_decision,
    seal_evidence,
};
use selektable_domain::id::WidgetId;
use selektable_domain::money::{Currency, split_largest_remainder};
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::rules::Ruleset;
use selektable_domain::time::Timestamp;

use super::conversions::Head;
use super::evidence::{self, Gathered, Wanted};
use super::figures::rollups;
use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::{StoreError, StoreResult};

/// What is stored of a decision, with what figures need of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DecisionRow {
    /// When the conversion happened.
    pub occurred_at: Timestamp,
    /// The order's status.
    pub status: OrderStatus,
    /// Its currency.
    pub currency: Currency,
    /// Whether it is left out of every figure.
    pub left_out: bool,
    /// Its total, minor units.
    pub gross_minor: i64,
    /// What of it was given back, as it counts, minor units.
    pub refunded_minor: i64,
    /// Whether its status is revenue under the rules.
    pub is_revenue: bool,
    /// Whether its person is a known user.
    pub known_user: bool,
    /// Version of the rules.
    pub ruleset_version: u32,
    /// Type, reason, money and lags.
    pub outcome: OutcomeSeal,
    /// Seal of the evidence.
    pub evidence: Seal,
    /// Seal of all of it.
    pub seal: Seal,
    /// Shares, by visualization number.
    pub credits: Vec<CreditRow>,
}

/// One share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CreditRow {
    /// Number of the visualization.
    pub visualization: i64,
    /// Its widget.
    pub widget: WidgetId,
    /// Billionths.
    pub weight: u32,
    /// Share of the gross total.
    pub gross_minor: i64,
    /// Share of the net order.
    pub order_minor: i64,
    /// Share of the matched lines.
    pub matched_minor: i64,
    /// Attributed.
    pub attributed_minor: i64,
    /// Would be attributed once paid.
    pub provisional_minor: i64,
}

impl CreditRow {
    /// The amounts in the order of their columns.
    pub(super) const fn minor(&self) -> [i64; 5] {
        [
            self.gross_minor,
            self.order_minor,
            self.matched_minor,
            self.attributed_minor,
            self.provisional_minor,
        ]
    }
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

/// Decides an order under the rules that are in force in the shown generation, from the evidence as it is now.
pub(super) fn decide_order(work: &Work<'_>, store: i64, head: &Head) -> StoreResult<Decided> {
    decide_under(work, store, head, &work.rules_at(store, head.occurred_at)?)
}

/// Decides an order under given rules.
pub(super) fn decide_under(
    work: &Work<'_>,
    store: i64,
    head: &Head,
    rules: &Ruleset,
) -> StoreResult<Decided> {
    let gathered = evidence::gather(work, store, Wanted::of(head))?;
    decide_from(head, gathered, rules)
}

/// Decides an order under given rules from evidence that was gathered for it.
pub(super) fn decide_from(head: &Head, gathered: Gathered, rules: &Ruleset) -> StoreResult<Decided> {
    let conversion = Conversion { order: &head.order, occurred_at: head.occurred_at };
    let decision = decide(conversion, &gathered.evidence, rules);
    let row = DecisionRow::of(&decision, head, &gathered)?;
    Ok(Decided { decision, row, gathered })
}

impl DecisionRow {
    fn of(decision: &Decision, head: &Head, gathered: &Gathered) -> StoreResult<Self> {
        let order = &head.order;
        let conversion = Conversion { order, occurred_at: head.occurred_at };
        let evidence = seal_evidence(conversion, decision, &gathered.evidence);
        let outcome = outcome(decision);
        let credits = credit_rows(decision, head, gathered)?;
        let seal = {
            let mut shares: Vec<(&str, &CreditRow)> = credits
                .iter()
                .map(|(number, row)| (decision.candidates[*number].visualization.id.as_str(), row))
                .collect();
            shares.sort_unstable_by_key(|(id, _)| *id);
            seal_decision(
                &decision.rules,
                &evidence,
                &outcome,
                shares.iter().map(|(id, row)| sealed(id, row)),
            )
        };
        let mut credits: Vec<CreditRow> = credits.into_iter().map(|(_, row)| row).collect();
        credits.sort_unstable_by_key(|row| row.visualization);
        Ok(Self {
            occurred_at: head.occurred_at,
            status: order.status,
            currency: order.currency,
            left_out: order.left_out().is_some(),
            gross_minor: order.total_minor,
            refunded_minor: order.refunded(),
            is_revenue: decision.rules.counts.is_revenue(order.status),
            known_user: head.person.is_some(),
            ruleset_version: decision.rules.version,
            outcome,
            evidence,
            seal,
            credits,
        })
    }
}

fn outcome(decision: &Decision) -> OutcomeSeal {
    OutcomeSeal {
        kind: decision.kind,
        reason: decision.reason,
        order_minor: decision.order_minor,
        matched_minor: decision.matched_minor,
        attributed_minor: decision.attributed_minor,
        provisional_minor: decision.provisional_minor,
        lines_minor: decision.lines_minor,
        time_to_conversion_ms: decision.time_to_conversion_ms,
        window_missed_by_ms: decision.window_missed_by_ms,
        lag_direct_ms: decision.lag_direct_ms,
        lag_any_ms: decision.lag_any_ms,
    }
}

/// A share as its decision's seal covers it.
pub(super) const fn sealed<'a>(id: &'a str, row: &'a CreditRow) -> CreditSeal<'a> {
    CreditSeal { visualization: id, widget: row.widget.as_bytes(), weight: row.weight, minor: row.minor() }
}

/// The shares, each with the place of its candidate.
fn credit_rows(
    decision: &Decision,
    head: &Head,
    gathered: &Gathered,
) -> StoreResult<Vec<(usize, CreditRow)>> {
    let order: &Order = &head.order;
    let counts = decision.rules.counts;
    let credited: Vec<usize> =
        (0..decision.candidates.len()).filter(|place| decision.candidates[*place].weight > 0).collect();
    let weights: Vec<u32> = credited.iter().map(|place| decision.candidates[*place].weight).collect();
    let gross = split_largest_remainder(order.total_minor, &weights);
    let rows = credited.into_iter().zip(gross).map(|(place, gross_minor)| {
        let candidate = &decision.candidates[place];
        let in_play = decision.basis_minor(candidate);
        let number = gathered.number_of(&candidate.visualization.id);
        let row = CreditRow {
            visualization: number.ok_or_else(|| lost(candidate.visualization.id.as_str()))?,
            widget: candidate.visualization.widget,
            weight: candidate.weight,
            gross_minor,
            order_minor: candidate.order_minor,
            matched_minor: candidate.matched_minor,
            attributed_minor: if counts.is_revenue(order.status) { in_play } else { 0 },
            provisional_minor: if counts.is_provisional(order.status) { in_play } else { 0 },
        };
        Ok((place, row))
    });
    rows.collect()
}

/// A credited visualization that the evidence lost.
pub(super) fn lost(id: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "visualizations",
        row: id.to_owned(),
        detail: "it was credited and is not in the evidence".to_owned(),
    }
}

/// Where a decision stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Whose it is.
    pub store: i64,
    /// In which set.
    pub generation: i64,
    /// Of which conversion.
    pub conversion: i64,
}

/// Adds a decision where there is none.
pub(super) fn insert(work: &Work<'_>, place: Place, row: &DecisionRow) -> StoreResult<()> {
    with_row(place, row, |values| work.connection.insert(Keyed { sql: INSERT, keys: &[] }, values))?;
    rollups::note_decision(work, place, row, 1);
    insert_credits(work, place, row)
}

/// Adds a decision that was made from an earlier snapshot, unless there is one already, or the conversion moved in
/// time since (who moved it wrote the newer decision); says whether it did.
pub(super) fn insert_if_absent(work: &Work<'_>, place: Place, row: &DecisionRow) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM conversions WHERE number = ?1 AND occurred_at = ?2 \
               AND +store = ?3)";
    let at = row.occurred_at.as_millis();
    let stands: bool = work
        .connection
        .prepare_cached(sql)?
        .query_row(params![place.conversion, at, place.store], |row| row.get(0))?;
    if !stands {
        return Ok(false);
    }
    let mut statement = work.connection.prepare_cached(INSERT_IF_ABSENT)?;
    let added = with_row(place, row, |values| statement.execute(values))? == 1;
    if added {
        rollups::note_decision(work, place, row, 1);
        insert_credits(work, place, row)?;
    }
    Ok(added)
}

/// Writes a decision over the one that stands, which is of `was_at`; says whether anything of it changed.
pub(super) fn replace(
    work: &Work<'_>,
    place: Place,
    was_at: Timestamp,
    row: &DecisionRow,
) -> StoreResult<bool> {
    let stored = load(work, place, was_at)?;
    if stored.as_ref() == Some(row) {
        return Ok(false);
    }
    if let Some(stored) = &stored {
        rollups::note_decision(work, place, stored, -1);
        let sql = "DELETE FROM decisions \
                   WHERE store = ?1 AND generation = ?2 AND occurred_at = ?3 AND conversion = ?4";
        let (at, conversion) = (was_at.as_millis(), place.conversion);
        work.connection.prepare_cached(sql)?.execute(params![
            place.store,
            place.generation,
            at,
            conversion
        ])?;
        let sql = "DELETE FROM credits WHERE store = ?1 AND generation = ?2 AND conversion = ?3";
        work.connection.prepare_cached(sql)?.execute(params![place.store, place.generation, conversion])?;
    }
    insert(work, place, row)?;
    Ok(true)
}

/// The columns of a decision's row, in the order of [`read`].
macro_rules! columns {
    () => {
        "occurred_at, conversion, status, currency, left_out, gross_minor, refunded_minor, is_revenue, known_user, kind, \
         reason, ruleset_version, order_minor, matched_minor, attributed_minor, provisional_minor, lines_minor, \
         time_to_conversion_ms, window_missed_by_ms, lag_direct_ms, lag_any_ms, evidence, seal"
    };
}

/// See [`read`].
pub(super) const COLUMNS: &str = columns!();

macro_rules! insert_sql {
    ($end:literal) => {
        concat!(
            "INSERT INTO decisions (store, generation, ",
            columns!(),
            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, \
             ?21, ?22, ?23, ?24, ?25)",
            $end
        )
    };
}

const INSERT: &str = insert_sql!("");
const INSERT_IF_ABSENT: &str = insert_sql!(" ON CONFLICT DO NOTHING");

fn with_row<R>(place: Place, row: &DecisionRow, run: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
    let outcome = &row.outcome;
    run(params![
        place.store,
        place.generation,
        row.occurred_at.as_millis(),
        place.conversion,
        row.status.code(),
        row.currency.code(),
        row.left_out,
        row.gross_minor,
        row.refunded_minor,
        row.is_revenue,
        row.known_user,
        outcome.kind.code(),
        outcome.reason.code(),
        row.ruleset_version,
        outcome.order_minor,
        outcome.matched_minor,
        outcome.attributed_minor,
        outcome.provisional_minor,
        outcome.lines_minor,
        outcome.time_to_conversion_ms,
        outcome.window_missed_by_ms,
        outcome.lag_direct_ms,
        outcome.lag_any_ms,
        row.evidence,
        row.seal,
    ])
}

fn insert_credits(work: &Work<'_>, place: Place, row: &DecisionRow) -> StoreResult<()> {
    let sql = "INSERT INTO credits (store, generation, conversion, visualization, widget, occurred_at, weight, \
               gross_minor, order_minor, matched_minor, attributed_minor, provisional_minor) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    for credit in &row.credits {
        work.connection.insert(
            Keyed { sql, keys: &[] },
            params![
                place.store,
                place.generation,
                place.conversion,
                credit.visualization,
                credit.widget.as_bytes(),
                row.occurred_at.as_millis(),
                credit.weight,
                credit.gross_minor,
                credit.order_minor,
                credit.matched_minor,
                credit.attributed_minor,
                credit.provisional_minor,
            ],
        )?;
    }
    Ok(())
}

/// The stored decision of a conversion that happened at a time.
pub(super) fn load(work: &Work<'_>, place: Place, at: Timestamp) -> StoreResult<Option<DecisionRow>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM decisions WHERE store = ?1 AND generation = ?2 AND occurred_at = ?3 AND conversion = ?4"
    );
    let mut statement = work.connection.prepare_cached(sql)?;
    let rows = statement.query(params![place.store, place.generation, at.as_millis(), place.conversion])?;
    let found = first(rows, |row| read(Reading::new(row, "decisions", 1)))?;
    found.map(|row| Ok(DecisionRow { credits: load_credits(work, place)?, ..row })).transpose()
}

/// Reads a row of the columns above; its credits are elsewhere.
pub(super) fn read(row: Reading<'_>) -> StoreResult<DecisionRow> {
    Ok(DecisionRow {
        occurred_at: row.time(0)?,
        status: row.code(2, OrderStatus::from_code)?,
        currency: row.code(3, Currency::read_stored)?,
        left_out: row.flag(4)?,
        gross_minor: row.get(5)?,
        refunded_minor: row.get(6)?,
        is_revenue: row.flag(7)?,
        known_user: row.flag(8)?,
        ruleset_version: row.get(11)?,
        outcome: OutcomeSeal {
            kind: row.code(9, AttributionType::from_code)?,
            reason: row.code(10, Reason::from_code)?,
            order_minor: row.get(12)?,
            matched_minor: row.get(13)?,
            attributed_minor: row.get(14)?,
            provisional_minor: row.get(15)?,
            lines_minor: row.get(16)?,
            time_to_conversion_ms: row.get(17)?,
            window_missed_by_ms: row.get(18)?,
            lag_direct_ms: row.get(19)?,
            lag_any_ms: row.get(20)?,
        },
        evidence: row.get(21)?,
        seal: row.get(22)?,
        credits: Vec::new(),
    })
}

/// The shares of a conversion, by visualization number. They are sorted here: a cached statement with an order and
/// parameters is planned again on every use.
pub(super) fn load_credits(work: &Work<'_>, place: Place) -> StoreResult<Vec<CreditRow>> {
    let sql = "SELECT visualization, widget, weight, gross_minor, order_minor, matched_minor, attributed_minor, \
               provisional_minor FROM credits WHERE store = ?1 AND generation = ?2 AND conversion = ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let rows = statement.query(params![place.store, place.generation, place.conversion])?;
    let mut found = collect(rows, |row| {
        let row = Reading::new(row, "credits", 0);
        Ok(CreditRow {
            visualization: row.get(0)?,
            widget: row.id(1)?,
            weight: row.get(2)?,
            gross_minor: row.get(3)?,
            order_minor: row.get(4)?,
            matched_minor: row.get(5)?,
            attributed_minor: row.get(6)?,
            provisional_minor: row.get(7)?,
        })
    })?;
    found.sort_unstable_by_key(|credit| credit.visualization);
    Ok(found)
}
