//! A statement that can be run.

use std::borrow::Cow;

use super::{DbError, DbResult, Keyed, Params, Row, Rows};
use crate::postgres::Client;

/// A statement of one connection.
pub(crate) enum Statement<'c> {
    /// A server's question that may have been asked ahead.
    Keyed {
        /// Where it runs.
        client: &'c Client,
        /// What it says.
        keyed: Keyed,
    },
    /// Kept prepared on a file's connection.
    Cached(rusqlite::CachedStatement<'c>),
    /// Prepared for once.
    Once(rusqlite::Statement<'c>),
    /// A server's; its client keeps what it prepared.
    Postgres {
        /// Where it runs.
        client: &'c Client,
        /// What it says.
        sql: Cow<'c, str>,
        /// Whether its rows come some at a time.
        scan: bool,
    },
}

impl Statement<'_> {
    /// Runs it; says how many rows it changed.
    pub(crate) fn execute(&mut self, parameters: impl Params) -> DbResult<usize> {
        parameters.bind(|values| match self {
            Self::Cached(statement) => Ok(statement.execute(values)?),
            Self::Once(statement) => Ok(statement.execute(values)?),
            Self::Postgres { client, sql, .. } => client.execute(sql, values),
            Self::Keyed { client, keyed } => client.execute(keyed.sql, values),
        })
    }

    /// Runs it for its rows.
    pub(crate) fn query(&mut self, parameters: impl Params) -> DbResult<Rows<'_>> {
        parameters.bind(|values| match self {
            Self::Cached(statement) => Ok(Rows::Sqlite(statement.query(values)?)),
            Self::Once(statement) => Ok(Rows::Sqlite(statement.query(values)?)),
            Self::Postgres { client, sql, scan: true } => Ok(Rows::Scanned(client.scan(sql, values)?)),
            Self::Postgres { client, sql, scan: false } => {
                Ok(Rows::Fetched { rows: client.query(sql, values)?.into(), next: 0 })
            }
            Self::Keyed { client, keyed } => {
                Ok(Rows::Fetched { rows: client.look(*keyed, values)?, next: 0 })
            }
        })
    }

    /// Reads its one row.
    pub(crate) fn query_row<T>(
        &mut self,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> DbResult<T>,
    ) -> DbResult<T> {
        let mut rows = self.query(parameters)?;
        let row = rows.next()?.ok_or(DbError::NoRow)?;
        read(&row)
    }

    /// The names of its columns.
    pub(crate) fn column_names(&self) -> DbResult<Vec<String>> {
        match self {
            Self::Cached(statement) => Ok(statement.column_names().map(str::to_owned).collect()),
            Self::Once(statement) => Ok(statement.column_names().map(str::to_owned).collect()),
            Self::Postgres { client, sql, .. } => client.column_names(sql),
            Self::Keyed { client, keyed } => client.column_names(keyed.sql),
        }
    }
}
