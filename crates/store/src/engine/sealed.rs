//! Whether stored decisions and the journal are what was written: seals and digests made again from the rows
//! themselves, nothing decided again.

use std::collections::HashMap;

use crate::db::{Row, params};
use selektable_domain::attribution::{CreditSeal, seal_decision};
use selektable_domain::id::WidgetId;
use selektable_domain::ledger::LedgerCause;
use selektable_domain::rules::Ruleset;

use super::decisions::{self, DecisionRow, Place};
use super::ledger::{self, Told};
use super::rows::{Reading, collect};
use super::work::{Work, rules_of_version};
use crate::{StoreError, StoreResult};

/// Goes through every decision of the sets that are shown or built; tells of those that have not their seal.
pub(super) fn decisions(work: &Work<'_>, tell: &mut impl FnMut(String)) -> StoreResult<()> {
    let sql = format!(
        "SELECT {}, store, generation FROM decisions WHERE (store, generation) IN \
         (SELECT store, generation FROM generations WHERE state <> 'retired') \
         ORDER BY store, generation, occurred_at, conversion",
        decisions::COLUMNS
    );
    let mut statement = work.connection.prepare(&sql)?;
    let mut rows = statement.query(())?;
    let mut rules: HashMap<(i64, u32), Option<Ruleset>> = HashMap::new();
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "decisions", 1);
        let (store, generation): (i64, i64) = (row.get(23)?, row.get(24)?);
        let place = Place { store, generation, conversion: row.get(1)? };
        match decisions::read(row).and_then(|decision| is_sealed(work, place, &decision, &mut rules)) {
            Ok(true) => {}
            Ok(false) => tell(format!("the decision on conversion {} has not its seal", place.conversion)),
            Err(StoreError::Inconsistent { detail, .. }) => {
                tell(format!("the decision on conversion {} can't be read: {detail}", place.conversion));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

fn is_sealed(
    work: &Work<'_>,
    place: Place,
    row: &DecisionRow,
    rules: &mut HashMap<(i64, u32), Option<Ruleset>>,
) -> StoreResult<bool> {
    let key = (place.store, row.ruleset_version);
    if let std::collections::hash_map::Entry::Vacant(free) = rules.entry(key) {
        free.insert(rules_of_version(work.connection, place.store, row.ruleset_version)?);
    }
    let Some(Some(rules)) = rules.get(&key) else { return Ok(false) };
    let shares = shares(work, place)?;
    let credits = shares.iter().map(|share| CreditSeal {
        visualization: &share.visualization,
        widget: share.widget.as_bytes(),
        weight: share.weight,
        minor: share.minor,
    });
    let dated = shares.iter().all(|share| share.occurred_at == row.occurred_at.as_millis());
    Ok(dated && seal_decision(rules, &row.evidence, &row.outcome, credits) == row.seal)
}

/// A stored share, with the public id of its visualization.
struct Share {
    visualization: String,
    widget: WidgetId,
    occurred_at: i64,
    weight: u32,
    minor: [i64; 5],
}

/// By the visualizations' ids, as they are sealed.
fn shares(work: &Work<'_>, place: Place) -> StoreResult<Vec<Share>> {
    let sql = "SELECT v.id, c.widget, c.occurred_at, c.weight, c.gross_minor, c.order_minor, c.matched_minor, \
               c.attributed_minor, c.provisional_minor FROM credits c \
               LEFT JOIN visualizations v ON v.number = c.visualization AND v.store = c.store \
               WHERE c.store = ?1 AND c.generation = ?2 AND c.conversion = ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let rows = statement.query(params![place.store, place.generation, place.conversion])?;
    let mut found = collect(rows, |row| {
        let row = Reading::new(row, "credits", 0);
        Ok(Share {
            visualization: row.get(0)?,
            widget: row.id(1)?,
            occurred_at: row.get(2)?,
            weight: row.get(3)?,
            minor: [row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?],
        })
    })?;
    found.sort_unstable_by(|one, other| one.visualization.cmp(&other.visualization));
    Ok(found)
}

/// The end of a conversion's chain so far.
struct End {
    conversion: i64,
    entry: u32,
    store: i64,
    refunded: i64,
    state: ledger::State,
    digest: Vec<u8>,
}

/// Goes through the journal; tells of entries that are not what was written, of gaps, and of conversions whose last
/// entry is not what is decided.
pub(super) fn journal(work: &Work<'_>, tell: &mut impl FnMut(String)) -> StoreResult<()> {
    let sql = format!(
        "SELECT l.conversion, l.store, l.cause, l.at, l.known_at, l.currency, l.refunded_delta_minor, c.store, \
         c.currency, {} FROM ledger l LEFT JOIN conversions c ON c.number = l.conversion \
         AND +c.store = l.store \
         ORDER BY l.conversion, l.entry",
        ledger::STATE_COLUMNS
    );
    let mut statement = work.connection.prepare(&sql)?;
    let mut rows = statement.query(())?;
    let mut end: Option<End> = None;
    while let Some(row) = rows.next()?.as_ref() {
        let conversion: i64 = row.get(0)?;
        if end.as_ref().is_some_and(|end| end.conversion != conversion) {
            compare_with_decision(work, end.take(), tell)?;
        }
        end = match link(row, conversion, end.as_ref()) {
            Ok((next, true)) => Some(next),
            Ok((next, false)) => {
                tell(format!(
                    "entry {} of conversion {conversion}'s journal is not what was written",
                    next.entry
                ));
                Some(next)
            }
            Err(StoreError::Inconsistent { detail, .. }) => {
                tell(format!("the journal of conversion {conversion} can't be read: {detail}"));
                end
            }
            Err(fault) => return Err(fault),
        };
    }
    compare_with_decision(work, end, tell)
}

/// Reads an entry; says whether it follows the one before and has its digest.
fn link(row: &Row<'_>, conversion: i64, before: Option<&End>) -> StoreResult<(End, bool)> {
    let row = Reading::new(row, "ledger", 0);
    let last = ledger::read_last(row, 9)?;
    let told = Told { cause: row.code(2, LedgerCause::from_code)?, at: row.time(3)?, known_at: row.time(4)? };
    let store: i64 = row.get(1)?;
    let refunded = last.state.refunded();
    let chained: &[u8] = before.map_or(&[], |before| &before.digest);
    let delta = refunded - before.map_or(0, |before| before.refunded);
    let holds = last.digest == ledger::digest(chained, conversion, last.entry, &last.state, told)
        && last.entry == before.map_or(1, |before| before.entry + 1)
        && row.get::<i64>(6)? == delta
        && row.get::<Option<i64>>(7)? == Some(store)
        && row.text_if(8)? == Some(row.text(5)?);
    let ledger::Last { entry, state, digest } = last;
    Ok((End { conversion, entry, store, refunded, state, digest }, holds))
}

/// What is decided: in the set that is being built, if the conversion is in it, else in the one that is shown.
fn compare_with_decision(
    work: &Work<'_>,
    end: Option<End>,
    tell: &mut impl FnMut(String),
) -> StoreResult<()> {
    let Some(end) = end else { return Ok(()) };
    let rules = match work.store_rules(end.store) {
        Ok(rules) => rules,
        Err(StoreError::Inconsistent { .. }) => {
            tell(format!("the journal of conversion {} is of a store that has no rules", end.conversion));
            return Ok(());
        }
        Err(fault) => return Err(fault),
    };
    let at = selektable_domain::time::Timestamp::from_millis(end.state.occurred_at);
    let sets = rules.building.iter().chain([&rules.live]);
    for set in sets {
        let place = Place { store: end.store, generation: set.number, conversion: end.conversion };
        match decisions::load(work, place, at) {
            Ok(Some(row)) if ledger::State::of(&row) == end.state => return Ok(()),
            Ok(None) => {}
            Ok(Some(_)) | Err(StoreError::Inconsistent { .. }) => break,
            Err(fault) => return Err(fault),
        }
    }
    tell(format!("the newest entry of conversion {}'s journal is not what is decided", end.conversion));
    Ok(())
}
