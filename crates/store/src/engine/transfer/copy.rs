//! Rows of one table, from one database to another, and a sum over them that both have to have.

use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use super::TransferFault;
use crate::db::{Connection, Row, Statement, ToSql};
use crate::postgres::Load;
use crate::{StoreError, StoreResult};

/// Most rows handed over at a time.
const ROWS_MAX: usize = 1_000;
/// Most bytes handed over at a time, about: a fact's body may have 256 KiB.
const BYTES_MAX: usize = 4 << 20;

/// How many rows, and the sum of their digests: the same rows have the same sum, in whatever order they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Rows.
    pub rows: u64,
    sum: [u128; 2],
}

impl Tally {
    fn add(&mut self, row: &[Value]) {
        let mut digest = Sha256::new();
        for value in row {
            let (kind, bytes): (u8, &[u8]) = match value {
                Value::Null => (0, &[]),
                Value::Integer(number) => (1, &number.to_be_bytes()),
                Value::Real(number) => (2, &number.to_be_bytes()),
                Value::Text(text) => (3, text.as_bytes()),
                Value::Blob(bytes) => (4, bytes),
            };
            digest.update([kind]);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        }
        let digest = digest.finalize();
        self.rows += 1;
        for (sum, half) in self.sum.iter_mut().zip(digest.as_chunks::<16>().0) {
            *sum = sum.wrapping_add(u128::from_be_bytes(*half));
        }
    }
}

/// A table's columns, as the source has them, for a statement on either side.
pub(super) fn columns(source: &Connection, table: &str) -> StoreResult<String> {
    let names = source.prepare_cached(&format!("SELECT * FROM {table}"))?.column_names()?;
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    Ok(quoted.join(", "))
}

/// Copies a table; `told` hears of rows as they are handed over.
pub(super) fn copy(
    source: &Connection,
    target: &Connection,
    table: &'static str,
    told: &mut dyn FnMut(u64),
) -> Result<Tally, TransferFault> {
    let columns = columns(source, table)?;
    let home = without_store(table, &columns).zip(target.no_store());
    let mut tally = Tally::default();
    let mut drain = Drain::open(target, table, &columns).map_err(|fault| of_row(table, fault))?;
    let mut batch = Vec::new();
    each(source, table, &columns, &mut |mut row, bytes| {
        tally.add(&row);
        if let Some((place, nobody)) = home
            && row[place] == Value::Null
        {
            row[place] = Value::Integer(nobody);
        }
        batch.push(row);
        if batch.len() == ROWS_MAX || bytes >= BYTES_MAX {
            drain.add(&batch).map_err(|fault| of_row(table, fault))?;
            told(batch.len() as u64);
            batch.clear();
            return Ok(true);
        }
        Ok(false)
    })?;
    drain.add(&batch).map_err(|fault| of_row(table, fault))?;
    drain.end().map_err(|fault| of_row(table, fault))?;
    told(batch.len() as u64);
    Ok(tally)
}

/// Reads a table for its tally.
pub(super) fn tally(
    connection: &Connection,
    table: &'static str,
    columns: &str,
    told: &mut dyn FnMut(u64),
) -> Result<Tally, TransferFault> {
    let (mut tally, mut untold) = (Tally::default(), 0);
    each(connection, table, columns, &mut |row, _| {
        tally.add(&row);
        untold += 1;
        if untold == ROWS_MAX as u64 {
            told(std::mem::take(&mut untold));
        }
        Ok(true)
    })?;
    told(untold);
    Ok(tally)
}

/// Hands every row of a table over, with the bytes since the last time that `take` answered yes.
fn each(
    connection: &Connection,
    table: &str,
    columns: &str,
    take: &mut dyn FnMut(Vec<Value>, usize) -> Result<bool, TransferFault>,
) -> Result<(), TransferFault> {
    let mut statement = connection.prepare(&format!("SELECT {columns} FROM {table}"))?;
    let width = columns.split(", ").count();
    let without_store = without_store(table, columns);
    let mut rows = statement.query(())?;
    let mut bytes = 0;
    while let Some(row) = rows.next()?.as_ref() {
        let mut row = values(row, width)?;
        if let Some(place) = without_store
            && row[place] == Value::Integer(0)
        {
            row[place] = Value::Null;
        }
        bytes += row.iter().map(size).sum::<usize>();
        if take(row, bytes)? {
            bytes = 0;
        }
    }
    Ok(())
}

/// Where a row that is of no store says so: by nothing, or by 0 where tables are distributed.
fn without_store(table: &str, columns: &str) -> Option<usize> {
    let mut names = columns.split(", ");
    if table == "deliveries" { names.position(|name| name == "\"store\"") } else { None }
}

fn values(row: &Row<'_>, width: usize) -> StoreResult<Vec<Value>> {
    (0..width).map(|column| Ok(row.get(column)?)).collect()
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 8,
    }
}

fn of_row(table: &'static str, fault: crate::db::DbError) -> TransferFault {
    match StoreError::from(fault) {
        StoreError::Unavailable(why) => TransferFault::Row { table, why },
        other => other.into(),
    }
}

/// Where rows go.
enum Drain<'t> {
    File(Statement<'t>),
    Server(Load<'t>),
}

impl<'t> Drain<'t> {
    fn open(target: &'t Connection, table: &str, columns: &str) -> crate::db::DbResult<Self> {
        if let Some(client) = target.postgres() {
            return Ok(Self::Server(client.load(table, columns)?));
        }
        let marks: Vec<String> = (1..=columns.split(", ").count()).map(|place| format!("?{place}")).collect();
        let sql = format!("INSERT INTO {table} ({columns}) VALUES ({})", marks.join(", "));
        Ok(Self::File(target.prepare_cached(&sql)?))
    }

    fn add(&mut self, rows: &[Vec<Value>]) -> crate::db::DbResult<()> {
        match self {
            Self::Server(load) => load.add(rows),
            Self::File(insert) => rows.iter().try_for_each(|row| {
                let values: Vec<&dyn ToSql> = row.iter().map(|value| value as &dyn ToSql).collect();
                insert.execute(values.as_slice()).map(|_| ())
            }),
        }
    }

    fn end(self) -> crate::db::DbResult<()> {
        match self {
            Self::Server(load) => load.end().map(|_| ()),
            Self::File(_) => Ok(()),
        }
    }
}
