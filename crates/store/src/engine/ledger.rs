//! The journal of what orders were worth: entries are only ever added, and chained by digests.

use std::fmt::Write;

use crate::db::{Keyed, params};
use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::ledger::LedgerCause;
use selektable_domain::order::OrderStatus;
use selektable_domain::time::Timestamp;
use sha2::{Digest, Sha256};

use super::decisions::DecisionRow;
use super::rows::{Reading, first, hex};
use super::work::Work;
use crate::StoreResult;

/// Why an entry is to be written, and since when it is so and known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Why.
    pub cause: LedgerCause,
    /// Since when it is so.
    pub at: Timestamp,
    /// Since when we know.
    pub known_at: Timestamp,
}

/// The newest entry of a conversion, as far as the next one needs it.
pub(super) struct Last {
    /// Its number.
    pub entry: u32,
    /// What it says.
    pub state: State,
    /// Its digest.
    pub digest: Vec<u8>,
}

/// What an entry says, without its times and its cause.
#[derive(PartialEq, Eq)]
pub(super) struct State {
    /// When the conversion happened, milliseconds.
    pub occurred_at: i64,
    status: OrderStatus,
    left_out: bool,
    kind: AttributionType,
    reason: Reason,
    ruleset_version: u32,
    is_revenue: bool,
    /// Gross, refunded, order, matched, attributed, provisional, lines.
    minor: [i64; 7],
    credits: String,
}

impl State {
    /// What an entry about a decision says.
    pub(super) fn of(row: &DecisionRow) -> Self {
        let outcome = &row.outcome;
        Self {
            occurred_at: row.occurred_at.as_millis(),
            status: row.status,
            left_out: row.left_out,
            kind: outcome.kind,
            reason: outcome.reason,
            ruleset_version: row.ruleset_version,
            is_revenue: row.is_revenue,
            minor: [
                row.gross_minor,
                row.refunded_minor,
                outcome.order_minor,
                outcome.matched_minor,
                outcome.attributed_minor,
                outcome.provisional_minor,
                outcome.lines_minor,
            ],
            credits: credits(row),
        }
    }

    /// Given back by then, minor units.
    pub(super) const fn refunded(&self) -> i64 {
        self.minor[1]
    }
}

fn credits(row: &DecisionRow) -> String {
    let mut text = String::from("[");
    for credit in &row.credits {
        let [gross, order, matched, attributed, provisional] = credit.minor();
        let comma = if text.len() > 1 { "," } else { "" };
        let widget = hex(credit.widget.as_bytes());
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "{comma}[\"{widget}\",{},{},{gross},{order},{matched},{attributed},{provisional}]",
            credit.visualization, credit.weight
        );
    }
    text.push(']');
    text
}

/// Adds the first entry of a new conversion.
pub(super) fn begin(
    work: &Work<'_>,
    store: i64,
    conversion: i64,
    row: &DecisionRow,
    told: Told,
) -> StoreResult<()> {
    append_after(work, store, conversion, None, row, told)
}

/// Adds an entry if what it says is not what the newest one says.
pub(super) fn append(
    work: &Work<'_>,
    store: i64,
    conversion: i64,
    row: &DecisionRow,
    told: Told,
) -> StoreResult<()> {
    let last = newest(work, store, conversion)?;
    append_after(work, store, conversion, last, row, told)
}

fn append_after(
    work: &Work<'_>,
    store: i64,
    conversion: i64,
    last: Option<Last>,
    row: &DecisionRow,
    told: Told,
) -> StoreResult<()> {
    let state = State::of(row);
    if last.as_ref().is_some_and(|last| last.state == state) {
        return Ok(());
    }
    let entry = last.as_ref().map_or(1, |last| last.entry + 1);
    let refunded_before = last.as_ref().map_or(0, |last| last.state.refunded());
    let before = last.map(|last| last.digest).unwrap_or_default();
    let digest = digest(&before, conversion, entry, &state, told);
    let sql = "INSERT INTO ledger (conversion, entry, store, occurred_at, at, known_at, cause, status, currency, left_out, \
               gross_minor, refunded_minor, refunded_delta_minor, is_revenue, kind, reason, ruleset_version, \
               order_minor, matched_minor, attributed_minor, provisional_minor, lines_minor, credits, digest) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, \
               ?21, ?22, ?23, ?24)";
    let [gross, refunded, order, matched, attributed, provisional, lines] = state.minor;
    work.connection.insert(
        Keyed { sql, keys: &[] },
        params![
            conversion,
            entry,
            store,
            state.occurred_at,
            told.at.as_millis(),
            told.known_at.as_millis(),
            told.cause.code(),
            state.status.code(),
            row.currency.code(),
            state.left_out,
            gross,
            refunded,
            refunded - refunded_before,
            state.is_revenue,
            state.kind.code(),
            state.reason.code(),
            state.ruleset_version,
            order,
            matched,
            attributed,
            provisional,
            lines,
            state.credits,
            digest,
        ],
    )?;
    Ok(())
}

/// Since when the newest entry of a conversion is known.
pub(super) fn known_at(work: &Work<'_>, store: i64, conversion: i64) -> StoreResult<Option<Timestamp>> {
    let Some(entry) = newest_entry(work, store, conversion)? else { return Ok(None) };
    let sql = "SELECT known_at FROM ledger WHERE conversion = ?1 AND entry = ?2 AND +store = ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![conversion, entry, store])?, |row| Reading::new(row, "ledger", 0).time(0))
}

/// The number of a conversion's newest entry. An order has a handful, so all are looked at: a cached statement with
/// an order, a `max` or a limit and parameters is planned again on every use.
fn newest_entry(work: &Work<'_>, store: i64, conversion: i64) -> StoreResult<Option<u32>> {
    let mut statement =
        work.connection.prepare_cached("SELECT entry FROM ledger WHERE conversion = ?1 AND +store = ?2")?;
    let mut rows = statement.query([conversion, store])?;
    let mut newest = None;
    while let Some(row) = rows.next()?.as_ref() {
        newest = newest.max(Some(row.get(0)?));
    }
    Ok(newest)
}

/// What [`read_last`] reads.
pub(super) const STATE_COLUMNS: &str = "l.entry, l.occurred_at, l.status, l.left_out, l.kind, l.reason, \
     l.ruleset_version, l.is_revenue, l.gross_minor, l.refunded_minor, l.order_minor, l.matched_minor, \
     l.attributed_minor, l.provisional_minor, l.lines_minor, l.credits, l.digest";

fn newest(work: &Work<'_>, store: i64, conversion: i64) -> StoreResult<Option<Last>> {
    let Some(entry) = newest_entry(work, store, conversion)? else { return Ok(None) };
    let sql = format!(
        "SELECT {STATE_COLUMNS} FROM ledger l WHERE l.conversion = ?1 AND l.entry = ?2 AND +l.store = ?3"
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    first(statement.query(params![conversion, entry, store])?, |row| {
        read_last(Reading::new(row, "ledger", 0), 0)
    })
}

/// Reads [`STATE_COLUMNS`], which begin at a column.
pub(super) fn read_last(row: Reading<'_>, begin: usize) -> StoreResult<Last> {
    let mut minor = [0; 7];
    for (place, amount) in minor.iter_mut().enumerate() {
        *amount = row.get(begin + 8 + place)?;
    }
    let state = State {
        occurred_at: row.get(begin + 1)?,
        status: row.code(begin + 2, OrderStatus::from_code)?,
        left_out: row.flag(begin + 3)?,
        kind: row.code(begin + 4, AttributionType::from_code)?,
        reason: row.code(begin + 5, Reason::from_code)?,
        ruleset_version: row.get(begin + 6)?,
        is_revenue: row.flag(begin + 7)?,
        minor,
        credits: row.get(begin + 15)?,
    };
    Ok(Last { entry: row.get(begin)?, state, digest: row.get(begin + 16)? })
}

/// SHA-256 over the digest before, and everything the entry says, numbers in eight bytes and texts led by their
/// length.
pub(super) fn digest(before: &[u8], conversion: i64, entry: u32, state: &State, told: Told) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    let numbers = [
        conversion,
        i64::from(entry),
        state.occurred_at,
        told.at.as_millis(),
        told.known_at.as_millis(),
        i64::from(state.left_out),
        i64::from(state.ruleset_version),
        i64::from(state.is_revenue),
    ];
    numbers.iter().chain(&state.minor).for_each(|number| hash.update(number.to_be_bytes()));
    for text in [
        told.cause.code(),
        state.status.code(),
        state.kind.code(),
        state.reason.code(),
        state.credits.as_str(),
    ] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}
