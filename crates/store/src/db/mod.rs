//! One way to speak SQL to either database. It mirrors the small part of rusqlite's interface that the engine uses;
//! SQLite's values are the common tongue, because they are the fewer.
//!
//! SQL is written once, in what both understand: parameters are `?1`, tables aside stand in `temp.`, stored ones can
//! be named `main.`. What PostgreSQL writes otherwise is [`crate::postgres`]'s to translate.

mod fault;
mod params;
mod rows;
mod statement;

pub(crate) use fault::{DbError, taken};
pub(crate) use params::{Params, params};
pub(crate) use rows::{Row, Rows};
pub(crate) use rusqlite::ToSql;
pub(crate) use statement::Statement;

use std::borrow::Cow;

use crate::postgres::Client;

/// Values, as SQLite has them.
pub(crate) mod types {
    pub(crate) use rusqlite::types::{FromSql, Value, ValueRef};
}

/// What every call answers.
pub(crate) type DbResult<T> = Result<T, DbError>;

/// An open connection to one of the databases.
pub(crate) enum Connection {
    /// A file.
    Sqlite(Box<rusqlite::Connection>),
    /// A server.
    Postgres(Box<Client>),
}

/// What a connection begins a transaction for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// Reading one state.
    Snapshot,
    /// Writing, seeing what others committed before.
    Write,
    /// Writing very much at once, with nobody waiting for it.
    Bulk,
}

/// A set of keys that an answer depends on, or that an insert concerns, and the parameter that holds the key.
pub(crate) type Key = (&'static str, usize);

/// A statement of a hot path. On PostgreSQL a question can be asked ahead for many units of work at once, and an insert
/// be put off and sent with many others; their keys say which of them must not pass each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyed {
    /// What it says.
    pub sql: &'static str,
    /// What it depends on, or what it concerns.
    pub keys: &'static [Key],
}

impl Connection {
    /// A question that may have been asked ahead.
    pub(crate) fn prepare_keyed(&self, keyed: Keyed) -> DbResult<Statement<'_>> {
        match self {
            Self::Sqlite(_) => self.prepare_cached(keyed.sql),
            Self::Postgres(client) => Ok(Statement::Keyed { client, keyed }),
        }
    }

    /// An insert that conflicts with nothing; it may be sent later, at the latest before anything is asked that was not
    /// asked ahead.
    pub(crate) fn insert(&self, keyed: Keyed, parameters: impl Params) -> DbResult<()> {
        match self {
            Self::Sqlite(_) => self.prepare_cached(keyed.sql)?.execute(parameters).map(|_| ()),
            Self::Postgres(client) => parameters.bind(|values| client.put_off(keyed, values)),
        }
    }

    /// A statement that is kept prepared.
    pub(crate) fn prepare_cached(&self, sql: &str) -> DbResult<Statement<'_>> {
        Ok(match self {
            Self::Sqlite(connection) => Statement::Cached(connection.prepare_cached(sql)?),
            Self::Postgres(client) => {
                Statement::Postgres { client, sql: Cow::Owned(sql.to_owned()), scan: false }
            }
        })
    }

    /// A statement for once, whose rows may be as many as there are: they are never all in memory. On PostgreSQL it
    /// needs a transaction.
    pub(crate) fn prepare(&self, sql: &str) -> DbResult<Statement<'_>> {
        Ok(match self {
            Self::Sqlite(connection) => Statement::Once(connection.prepare(sql)?),
            Self::Postgres(client) => {
                Statement::Postgres { client, sql: Cow::Owned(sql.to_owned()), scan: true }
            }
        })
    }

    /// Runs a statement once; says how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, parameters: impl Params) -> DbResult<usize> {
        self.prepare_cached(sql)?.execute(parameters)
    }

    /// Reads the one row of a statement.
    pub(crate) fn query_row<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> DbResult<T>,
    ) -> DbResult<T> {
        self.prepare_cached(sql)?.query_row(parameters, read)
    }

    /// Runs several statements without parameters.
    pub(crate) fn execute_batch(&self, sql: &str) -> DbResult<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(client) => client.batch(sql),
        }
    }

    /// Forgets prepared statements: they may mean other tables than before.
    pub(crate) fn flush_prepared_statement_cache(&self) {
        match self {
            Self::Sqlite(connection) => connection.flush_prepared_statement_cache(),
            Self::Postgres(client) => client.forget_statements(),
        }
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self, what: Begin) -> DbResult<()> {
        match (self, what) {
            (Self::Sqlite(connection), Begin::Snapshot) => {
                Ok(connection.prepare_cached("BEGIN")?.execute([]).map(|_| ())?)
            }
            (Self::Sqlite(connection), Begin::Write | Begin::Bulk) => {
                Ok(connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(|_| ())?)
            }
            (Self::Postgres(client), Begin::Snapshot) => client.begin_snapshot(),
            (Self::Postgres(client), Begin::Write) => client.begin_write(),
            (Self::Postgres(client), Begin::Bulk) => client.begin_bulk(),
        }
    }

    /// Begins a transaction that reads one state of everything, and takes so long that parts of it could be taken away
    /// meanwhile: partitions stay until it has ended.
    pub(crate) fn begin_whole(&self) -> DbResult<()> {
        self.begin(Begin::Snapshot)?;
        match self {
            Self::Sqlite(_) => Ok(()),
            // Locks are taken before the first look says which state it is.
            Self::Postgres(client) => client.batch("LOCK TABLE ONLY seen_facts IN ACCESS SHARE MODE"),
        }
    }

    /// Ends a transaction; what it wrote is durable.
    pub(crate) fn commit(&self) -> DbResult<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.prepare_cached("COMMIT")?.execute([]).map(|_| ())?),
            Self::Postgres(client) => client.commit(),
        }
    }

    /// Gives a transaction up, if one is open. Where this fails too, the next beginning says so.
    pub(crate) fn roll_back(&self) {
        match self {
            Self::Sqlite(connection) => {
                // SQLite rolled back by itself after some faults.
                if !connection.is_autocommit() {
                    let _ = connection.execute_batch("ROLLBACK");
                }
            }
            Self::Postgres(client) => client.roll_back(),
        }
    }

    /// A transaction that reads one state, until it is dropped.
    pub(crate) fn snapshot(&self) -> DbResult<Snapshot<'_>> {
        self.begin(Begin::Snapshot)?;
        Ok(Snapshot(self))
    }

    /// Whether nothing can be asked of it any more.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(client) => client.is_broken(),
        }
    }

    /// The id of an order, as an expression over the body `f.body` of its fact.
    pub(crate) const fn order_id_in_body(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "json_extract(f.body, '$.order.orderId')",
            Self::Postgres(_) => "(f.body::json #>> '{order,orderId}')",
        }
    }

    /// What stands for a store in a row of none: nothing, and 0 where every row has to name its node.
    pub(crate) fn no_store(&self) -> Option<i64> {
        self.postgres().filter(|client| client.is_distributed()).map(|_| 0)
    }

    /// A statement after which a commit has to reach the disk, and that changes nothing. On several nodes it reaches the
    /// one that every write goes through: that another one is away says nothing of stores that stand elsewhere.
    pub(crate) fn heartbeat(&self) -> &'static str {
        if self.postgres().is_some_and(Client::is_distributed) {
            "SELECT pg_logical_emit_message(true, 'selektable', 'heartbeat')"
        } else {
            "UPDATE installation SET heartbeat = heartbeat + 1"
        }
    }

    /// Now, in milliseconds, by the database's own clock, as an expression: the one clock that all its processes share.
    pub(crate) const fn clock(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Self::Postgres(_) => "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)",
        }
    }

    /// The connection to a file, for what only SQLite has.
    pub(crate) const fn sqlite(&self) -> Option<&rusqlite::Connection> {
        match self {
            Self::Sqlite(connection) => Some(connection),
            Self::Postgres(_) => None,
        }
    }

    /// The connection to a server, for what only PostgreSQL has.
    pub(crate) const fn postgres(&self) -> Option<&Client> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(client) => Some(client),
        }
    }
}

/// An open reading transaction.
pub(crate) struct Snapshot<'c>(&'c Connection);

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written, so there is nothing to commit.
        self.0.roll_back();
    }
}
