//! Reading the journal: the entries of one conversion, and the credits an entry holds.

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::id::{Id, WidgetId};
use selektable_domain::ledger::{LedgerCause, LedgerEntry};
use selektable_domain::order::OrderStatus;

use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::StoreResult;

/// Entries of other rules that were known at this instant or later are not to be shown yet; the end of time when all
/// are. While conversions are decided again under published rules, the ledger has them already, one after the other;
/// figures show them all at once when they are complete.
pub(super) fn rules_hidden_from(work: &Work<'_>, store: i64) -> StoreResult<i64> {
    let sql = "SELECT b.at FROM generations b JOIN generations l ON l.store = b.store AND l.state = 'live' \
               WHERE b.store = ?1 AND b.state = 'building' AND b.revision <> l.revision";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(first(statement.query([store])?, |row| Ok(row.get(0)?))?.unwrap_or(i64::MAX))
}

/// The latest 200 entries of a conversion, oldest first. The number stands in the text of the query: as a parameter
/// it would make SQLite plan the query again on every use.
pub(super) fn entries(work: &Work<'_>, store: i64, conversion: i64) -> StoreResult<Vec<LedgerEntry>> {
    let sql = "SELECT entry, cause, at, known_at, status, gross_minor, refunded_minor, kind, reason, \
               ruleset_version, attributed_minor, provisional_minor FROM ledger WHERE conversion = ?1 \
               AND +store = ?3 AND NOT (cause = 'rules' AND known_at >= ?2) ORDER BY entry DESC LIMIT 200";
    let mut statement = work.connection.prepare_cached(sql)?;
    let hidden = rules_hidden_from(work, store)?;
    let mut found = collect(statement.query([conversion, hidden, store])?, |row| {
        let row = Reading::new(row, "ledger", 0);
        Ok(LedgerEntry {
            entry: row.get(0)?,
            cause: row.code(1, LedgerCause::from_code)?,
            at: row.time(2)?,
            known_at: row.time(3)?,
            status: row.code(4, OrderStatus::from_code)?,
            gross_minor: row.get(5)?,
            refunded_minor: row.get(6)?,
            kind: row.code(7, AttributionType::from_code)?,
            reason: row.code(8, Reason::from_code)?,
            ruleset_version: row.get(9)?,
            attributed_minor: row.get(10)?,
            provisional_minor: row.get(11)?,
        })
    })?;
    found.reverse();
    Ok(found)
}

/// One credit as an entry holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LedgerCredit {
    /// Its widget.
    pub widget: WidgetId,
    /// Number of its visualization.
    pub visualization: i64,
    /// Billionths.
    pub weight: u32,
    /// Share of the gross total, minor units.
    pub gross_minor: i64,
    /// Share of the net order.
    pub order_minor: i64,
    /// Attributed.
    pub attributed_minor: i64,
    /// Would be attributed once paid.
    pub provisional_minor: i64,
}

/// Widget in hex, visualization, weight, gross, order, matched, attributed, provisional.
type Written<'a> = (&'a str, i64, u32, i64, i64, i64, i64, i64);

/// Reads the column `credits` of an entry.
pub(super) fn read_credits(row: Reading<'_>, column: usize) -> StoreResult<Vec<LedgerCredit>> {
    let text = row.text(column)?;
    let written: Vec<Written<'_>> =
        serde_json::from_str(text).map_err(|fault| row.damaged(format!("its credits: {fault}")))?;
    let credit = |(
        widget,
        visualization,
        weight,
        gross_minor,
        order_minor,
        _,
        attributed_minor,
        provisional_minor,
    )| {
        let widget = from_hex(widget).ok_or_else(|| row.damaged("a credit's widget is no id"))?;
        Ok(LedgerCredit {
            widget,
            visualization,
            weight,
            gross_minor,
            order_minor,
            attributed_minor,
            provisional_minor,
        })
    };
    written.into_iter().map(credit).collect()
}

fn from_hex(text: &str) -> Option<WidgetId> {
    let number = u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32)?;
    Id::from_slice(&number.to_be_bytes())
}
