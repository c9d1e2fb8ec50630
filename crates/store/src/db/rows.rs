//! What a statement answers.

use std::sync::Arc;

use rusqlite::types::{FromSql, ValueRef};

use super::{DbError, DbResult};
use crate::postgres::{self, Cursor};

/// One row.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    /// Of a file.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of a server.
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    /// A column's value.
    pub(crate) fn get<T: FromSql>(&self, column: usize) -> DbResult<T> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => {
                let value = postgres::value(row, column)?;
                T::column_result(value).map_err(|fault| {
                    let fault =
                        rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), fault.into());
                    DbError::Sqlite(fault)
                })
            }
        }
    }

    /// A column as it stands.
    pub(crate) fn get_ref(&self, column: usize) -> DbResult<ValueRef<'r>> {
        match self {
            Self::Sqlite(row) => Ok(row.get_ref(column)?),
            Self::Postgres(row) => postgres::value(row, column),
        }
    }
}

/// Rows, one after the other.
pub(crate) enum Rows<'s> {
    /// Of a file.
    Sqlite(rusqlite::Rows<'s>),
    /// All of them, from a server.
    Fetched {
        /// The rows.
        rows: Arc<Vec<tokio_postgres::Row>>,
        /// The next one's place.
        next: usize,
    },
    /// A server's, some at a time.
    Scanned(Cursor<'s>),
}

impl Rows<'_> {
    /// The next row.
    pub(crate) fn next(&mut self) -> DbResult<Option<Row<'_>>> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
            Self::Fetched { rows, next } => {
                let row = rows.get(*next);
                *next += 1;
                Ok(row.map(Row::Postgres))
            }
            Self::Scanned(cursor) => Ok(cursor.next()?.map(Row::Postgres)),
        }
    }
}
