//! Rows of sums, read and written.

use std::collections::BTreeMap;

use crate::db::types::Value;
use crate::db::{Keyed, params};
use selektable_domain::report::rollup::Rollup;
use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::{Reading, first};
use super::super::super::work::Work;
use super::changes::Key;
use super::spans::Span;
use super::{Whose, whose_bytes};
use crate::{StoreError, StoreResult};

/// Sums of spans of every length.
pub(super) type Sums = BTreeMap<(Key, Span), Rollup>;

/// Adds a quarter's sums to those of every span it lies in.
pub(super) fn add_everywhere(sums: &mut Sums, key: Key, sum: &Rollup) {
    for span in Span::ALL {
        let key = Key { at: span.begin(key.at), ..key };
        sums.entry((key, span)).or_default().absorb(sum);
    }
}

/// Sums in a column.
pub(super) fn read_sums(row: Reading<'_>, column: usize) -> StoreResult<Rollup> {
    Rollup::from_bytes(row.bytes(column)?).map_err(|fault| row.damaged(fault.to_string()))
}

/// The widget in a column.
pub(super) fn read_whose(row: Reading<'_>, column: usize) -> StoreResult<Whose> {
    if row.bytes(column)?.is_empty() { Ok(None) } else { row.id(column).map(Some) }
}

/// The sums of one kind in a range, in order.
pub(super) fn each(
    work: &Work<'_>,
    (store, generation, whose): (i64, i64, Whose),
    span: Span,
    range: Range,
    mut each: impl FnMut(Timestamp, Rollup) -> StoreResult<()>,
) -> StoreResult<()> {
    let sql = "SELECT at, sums FROM rollups WHERE store = ?1 AND generation = ?2 AND widget = ?3 \
               AND span_ms = ?4 AND at >= ?5 AND at < ?6";
    let mut statement = work.connection.prepare_cached(sql)?;
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let mut rows =
        statement.query(params![store, generation, whose_bytes(&whose), span.millis(), from, to])?;
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "rollups", 0);
        each(row.time(0)?, read_sums(row, 1)?)?;
    }
    Ok(())
}

/// The changes that wait in a range: whose, and what.
pub(super) fn each_change(
    work: &Work<'_>,
    store: i64,
    range: Range,
    mut each: impl FnMut(Key, Rollup) -> StoreResult<()>,
) -> StoreResult<()> {
    let sql =
        "SELECT at, generation, widget, sums FROM rollup_changes WHERE store = ?1 AND at >= ?2 AND at < ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![store, range.from.as_millis(), range.to.as_millis()])?;
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "rollup_changes", 0);
        let key = Key { store, generation: row.get(1)?, whose: read_whose(row, 2)?, at: row.time(0)? };
        each(key, read_sums(row, 3)?)?;
    }
    Ok(())
}

/// One row of sums.
const SUMS: Keyed = Keyed {
    sql: "SELECT at, sums FROM rollups WHERE store = ?1 AND generation = ?2 AND widget = ?3 AND span_ms = ?4 \
          AND at = ?5",
    keys: &[],
};

/// Adds to the stored sums. A span in which nothing is left has no row.
pub(super) fn add(work: &Work<'_>, sums: Sums) -> StoreResult<()> {
    let changed: Vec<_> = sums.into_iter().filter(|(_, change)| !change.is_nothing()).collect();
    if let Some(client) = work.connection.postgres() {
        let wanted = changed.iter().map(|((key, span), _)| place(*key, *span)).collect();
        client.fetch_ahead(vec![(SUMS, wanted)])?;
    }
    for ((key, span), change) in changed {
        let (widget, at) = (whose_bytes(&key.whose), key.at.as_millis());
        let place = params![key.store, key.generation, widget, span.millis(), at];
        let mut statement = work.connection.prepare_keyed(SUMS)?;
        let known = first(statement.query(place)?, |row| read_sums(Reading::new(row, "rollups", 0), 1))?;
        let mut sum = known.unwrap_or_default();
        sum.absorb(&change);
        if sum.is_nothing() {
            let sql = "DELETE FROM rollups WHERE store = ?1 AND generation = ?2 AND widget = ?3 \
                       AND span_ms = ?4 AND at = ?5";
            work.connection.prepare_cached(sql)?.execute(place)?;
        } else {
            let sql = "INSERT INTO rollups (store, generation, widget, span_ms, at, sums) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                       ON CONFLICT (store, generation, widget, span_ms, at) DO UPDATE SET sums = excluded.sums";
            let row = params![key.store, key.generation, widget, span.millis(), at, sum.to_bytes()];
            // Each place stands in the sums once.
            work.connection.insert(Keyed { sql, keys: &[] }, row)?;
        }
    }
    Ok(())
}

fn place(key: Key, span: Span) -> Vec<Value> {
    vec![
        Value::Integer(key.store),
        Value::Integer(key.generation),
        Value::Blob(whose_bytes(&key.whose).to_vec()),
        Value::Integer(span.millis()),
        Value::Integer(key.at.as_millis()),
    ]
}

/// Sums that can't be: not all of their changes are in them.
pub(in super::super) fn broken(store: i64, fault: impl std::fmt::Display) -> StoreError {
    StoreError::Inconsistent {
        table: "rollups",
        row: store.to_string(),
        detail: format!("{fault}: run `recompute`"),
    }
}
