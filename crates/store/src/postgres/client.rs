//! One connection to a server, for one thread at a time.
//!
//! The driver is asynchronous and the engine is not: each connection has a small runtime of its own, which the
//! engine's thread drives while it waits, so that an answer wakes no other thread.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{NoTls, Row, Statement};

use super::ahead::Ahead;
use super::dialect::translate;
use super::value::Bound;
use super::{Cursor, Server};
use crate::db::{DbError, DbResult};
use crate::{StoreError, StoreResult};

/// How long connecting may take, all that is said at its begin included.
const GREETED_WITHIN: Duration = Duration::from_secs(5);
/// How long one statement of a writing transaction may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// How long anything else may take: reports over a whole history, and a pass over all facts.
const READ_WITHIN: Duration = Duration::from_secs(600);

/// Citus asks one node after the other: a transaction that has asked them side by side may not change copied tables.
const SEQUENTIAL: &str = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'; ";

/// What the server made of a statement.
#[derive(Clone)]
pub(super) enum Prepared {
    /// Kept on the server.
    Kept(Statement),
    /// Sent anew each time, because the next transaction may have another session: what it says, and the types of its
    /// parameters.
    Sent(std::sync::Arc<(String, Vec<Type>)>),
}

/// A connection.
pub(crate) struct Client {
    runtime: Option<Runtime>,
    driver: tokio_postgres::Client,
    pooled: bool,
    schema: String,
    /// Whether its tables stand on many nodes.
    distributed: bool,
    /// Whose statements tests look at.
    #[cfg(test)]
    database: String,
    prepared: RefCell<HashMap<Box<str>, Prepared>>,
    cursors: Cell<u64>,
    /// The open transaction's number, when it writes.
    transaction: Cell<Option<i64>>,
    /// A statement of the open transaction failed: the server would answer its `COMMIT` with a rollback.
    failed: Cell<bool>,
    /// An answer did not come in time: whatever comes now would be another question's.
    deaf: Cell<bool>,
    pub(super) ahead: RefCell<Ahead>,
    /// Months whose partitions are there.
    pub(super) months: RefCell<BTreeSet<i64>>,
}

impl Client {
    /// Connects. Called, like everything here, from a thread that may wait.
    pub(crate) fn connect(server: &Server) -> StoreResult<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|fault| StoreError::Unavailable(fault.to_string()))?;
        let encryption = server.encryption()?;
        let connecting = async {
            let client = match encryption {
                None => {
                    let (client, connection) = server.config().connect(NoTls).await?;
                    // How it ends shows in the next statement.
                    tokio::spawn(async { drop(connection.await) });
                    client
                }
                Some(encryption) => {
                    let (client, connection) = server.config().connect(encryption).await?;
                    tokio::spawn(async { drop(connection.await) });
                    client
                }
            };
            let asked = "SELECT coalesce(current_schema(), 'public')::text, \
                         to_regproc('create_distributed_table') IS NOT NULL";
            let said = client.query_typed(asked, &[]).await?;
            let said: (String, bool) = match said.first() {
                Some(row) => (row.try_get(0)?, row.try_get(1)?),
                None => ("public".to_owned(), false),
            };
            Ok((client, said))
        };
        // The driver's own limit ends with the socket's connection: a server, or a pooler before one that is away, that
        // then says nothing would hold us for ever.
        let client = runtime.block_on(async { tokio::time::timeout(GREETED_WITHIN, connecting).await });
        let (client, (schema, distributed)) = client.unwrap_or_else(|_| {
            let silent =
                format!("the server said nothing within {} s of connecting", GREETED_WITHIN.as_secs());
            Err(DbError::Unreachable(silent))
        })?;
        Ok(Self {
            runtime: Some(runtime),
            driver: client,
            pooled: server.pooled,
            schema,
            distributed,
            #[cfg(test)]
            database: server.config().get_dbname().unwrap_or_default().to_owned(),
            prepared: RefCell::default(),
            cursors: Cell::new(0),
            transaction: Cell::new(None),
            failed: Cell::new(false),
            deaf: Cell::new(false),
            ahead: RefCell::default(),
            months: RefCell::default(),
        })
    }

    /// The driver's own client.
    pub(super) const fn driver(&self) -> &tokio_postgres::Client {
        &self.driver
    }

    /// Whether nothing can be asked of it any more.
    pub(crate) fn is_broken(&self) -> bool {
        self.deaf.get() || self.driver.is_closed()
    }

    /// Whether a pooler stands between, so that the next transaction may have another session.
    pub(super) const fn is_pooled(&self) -> bool {
        self.pooled
    }

    /// Whether its tables stand on many nodes, each store's on one.
    pub(crate) const fn is_distributed(&self) -> bool {
        self.distributed
    }

    /// Waits for an answer, as long as is right for what is going on.
    pub(super) fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> DbResult<T> {
        let within = if self.transaction.get().is_some() { ANSWER_WITHIN } else { READ_WITHIN };
        self.wait_within(within, answer)
    }

    fn wait_within<T>(
        &self,
        within: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> DbResult<T> {
        if self.deaf.get() {
            return Err(DbError::Unreachable("the connection was given up".to_owned()));
        }
        let runtime = self.runtime.as_ref().ok_or(DbError::NoRow)?;
        match runtime.block_on(async { tokio::time::timeout(within, answer).await }) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(fault)) => {
                self.failed.set(true);
                Err(fault.into())
            }
            Err(_) => {
                self.deaf.set(true);
                self.failed.set(true);
                Err(DbError::Unreachable(format!("the server did not answer within {} s", within.as_secs())))
            }
        }
    }

    /// Frees the names of statements where another process may have this session next, with the same names.
    fn forget_names(&self) -> DbResult<()> {
        if self.pooled { self.wait(self.driver.batch_execute("DEALLOCATE ALL")) } else { Ok(()) }
    }

    pub(super) fn prepare(&self, sql: &str) -> DbResult<Prepared> {
        if let Some(known) = self.prepared.borrow().get(sql) {
            return Ok(known.clone());
        }
        let theirs = translate(sql, &self.schema, self.distributed);
        #[cfg(test)]
        super::routed::note(&self.database, &theirs);
        let statement = self.wait(self.driver.prepare(&theirs))?;
        let prepared = if self.pooled {
            self.forget_names()?;
            Prepared::Sent(std::sync::Arc::new((theirs, statement.params().to_vec())))
        } else {
            Prepared::Kept(statement)
        };
        self.prepared.borrow_mut().insert(sql.into(), prepared.clone());
        Ok(prepared)
    }

    /// The types of a statement's parameters.
    pub(super) fn types(prepared: &Prepared) -> &[Type] {
        match prepared {
            Prepared::Kept(statement) => statement.params(),
            Prepared::Sent(sent) => &sent.1,
        }
    }

    pub(super) fn run_rows(&self, prepared: &Prepared, values: &[&(dyn ToSql + Sync)]) -> DbResult<Vec<Row>> {
        match prepared {
            Prepared::Kept(statement) => self.wait(self.driver.query(statement, values)),
            Prepared::Sent(sent) => {
                let typed: Vec<_> = values.iter().copied().zip(sent.1.iter().cloned()).collect();
                self.wait(self.driver.query_typed(&sent.0, &typed))
            }
        }
    }

    pub(super) fn run_count(&self, prepared: &Prepared, values: &[&(dyn ToSql + Sync)]) -> DbResult<u64> {
        match prepared {
            Prepared::Kept(statement) => self.wait(self.driver.execute(statement, values)),
            Prepared::Sent(sent) => {
                let typed: Vec<_> = values.iter().copied().zip(sent.1.iter().cloned()).collect();
                self.wait(self.driver.execute_typed(&sent.0, &typed))
            }
        }
    }

    /// Runs a statement; says how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> DbResult<usize> {
        self.settle()?;
        self.forget_ahead();
        let count = with_bound(values, |bound| self.run_count(&self.prepare(sql)?, bound))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Runs a statement for all its rows.
    pub(crate) fn query(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> DbResult<Vec<Row>> {
        self.settle()?;
        if !sql.starts_with("SELECT") {
            self.forget_ahead();
        }
        with_bound(values, |bound| self.run_rows(&self.prepare(sql)?, bound))
    }

    /// Runs a statement for rows that may be very many.
    pub(crate) fn scan(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> DbResult<Cursor<'_>> {
        self.settle()?;
        self.cursors.set(self.cursors.get() + 1);
        let name = format!("scan_{}", self.cursors.get());
        let declare =
            format!("DECLARE {name} NO SCROLL CURSOR FOR {}", translate(sql, &self.schema, self.distributed));
        let statement = self.wait(self.driver.prepare(&declare))?;
        with_bound(values, |bound| self.wait(self.driver.execute(&statement, bound)))?;
        self.forget_names()?;
        Ok(Cursor::declared(self, name))
    }

    /// The columns a statement answers.
    pub(crate) fn column_names(&self, sql: &str) -> DbResult<Vec<String>> {
        let statement = self.wait(self.driver.prepare(&translate(sql, &self.schema, self.distributed)))?;
        self.forget_names()?;
        Ok(statement.columns().iter().map(|column| column.name().to_owned()).collect())
    }

    /// Runs what has no parameters and is not in the common SQL, for its rows.
    pub(crate) fn fetch(&self, theirs: &str) -> DbResult<Vec<Row>> {
        self.wait(self.driver.query_typed(theirs, &[]))
    }

    /// Runs several statements without parameters.
    pub(crate) fn batch(&self, sql: &str) -> DbResult<()> {
        self.settle()?;
        self.forget_ahead();
        self.wait(self.driver.batch_execute(&translate(sql, &self.schema, self.distributed)))
    }

    /// Runs several statements in PostgreSQL's own SQL.
    pub(super) fn raw_batch(&self, theirs: &str) -> DbResult<()> {
        self.wait(self.driver.batch_execute(theirs))
    }

    /// Forgets prepared statements.
    pub(crate) fn forget_statements(&self) {
        self.prepared.borrow_mut().clear();
        self.forget_bulk();
    }

    /// Begins a transaction that reads one state. It may make tables aside.
    pub(crate) fn begin_snapshot(&self) -> DbResult<()> {
        self.failed.set(false);
        self.wait(self.driver.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ"))
    }

    /// Lets the open transaction change tables that are copied to every node, whatever it asked before.
    pub(super) fn go_sequentially(&self) -> DbResult<()> {
        if self.distributed { self.wait(self.driver.batch_execute(SEQUENTIAL)) } else { Ok(()) }
    }

    /// Begins a transaction that writes, and learns its number.
    pub(crate) fn begin_write(&self) -> DbResult<()> {
        self.failed.set(false);
        // What the transaction before was told may have been changed by another process since.
        self.drop_pending();
        self.transaction.set(Some(0));
        // A process that is cut off must not hold its locks until the network notices: neither between two statements nor
        // in the middle of one, of which nobody waits for the answer any more ([`ANSWER_WITHIN`]). A write looks up few
        // rows by index, however large tables are; a plan made while a table was empty would read all of it for ever.
        // Citus finds the node from a parameter's value, so it plans anew and its nodes know how. And what changes tables on
        // every node goes over the one connection a node that other statements of the transaction went over.
        let plans = if self.distributed {
            SEQUENTIAL
        } else {
            "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; \
             SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; "
        };
        let begin = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '10s'; \
             SET LOCAL statement_timeout = '20s'; {plans}SELECT pg_current_xact_id()::text"
        );
        let said = self.wait(self.driver.simple_query(&begin))?;
        let number = said.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        self.transaction.set(Some(number.ok_or(DbError::NoRow)?));
        Ok(())
    }

    /// The number of the open writing transaction.
    pub(crate) const fn transaction(&self) -> Option<i64> {
        self.transaction.get()
    }

    /// Ends a transaction. Of one in which a statement failed the server would keep nothing, and say so only in
    /// passing; so it is refused here.
    pub(crate) fn commit(&self) -> DbResult<()> {
        self.settle()?;
        if self.failed.get() {
            return Err(DbError::Unreachable("a statement of this transaction failed".to_owned()));
        }
        self.wait(self.driver.batch_execute("COMMIT"))?;
        self.drop_pending();
        self.transaction.set(None);
        Ok(())
    }

    /// Gives a transaction up.
    pub(crate) fn roll_back(&self) {
        self.drop_pending();
        self.months.borrow_mut().clear();
        if !self.is_broken() {
            // Where there is none the server only warns.
            let _ = self.wait(self.driver.batch_execute("ROLLBACK"));
        }
        self.transaction.set(None);
    }

    /// What became of a transaction: `Some(true)` it is committed, `Some(false)` it is not and never will be, `None`
    /// the server can't tell yet.
    pub(crate) fn outcome(&self, transaction: i64) -> DbResult<Option<bool>> {
        let asked = format!("SELECT pg_xact_status('{transaction}'::xid8)");
        let rows = self.wait_within(GREETED_WITHIN, self.driver.query_typed(&asked, &[]))?;
        let said: Option<String> = match rows.first() {
            Some(row) => row.try_get(0)?,
            None => None,
        };
        Ok(match said.as_deref() {
            Some("committed") => Some(true),
            Some("aborted") => Some(false),
            _ => None,
        })
    }
}

fn with_bound<R>(
    values: &[&dyn rusqlite::ToSql],
    run: impl FnOnce(&[&(dyn ToSql + Sync)]) -> DbResult<R>,
) -> DbResult<R> {
    let bound: Vec<Bound<'_>> = values.iter().map(|value| Bound::of(*value)).collect::<DbResult<_>>()?;
    let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    run(&bound)
}

impl Drop for Client {
    fn drop(&mut self) {
        // Waiting for its tasks is not allowed on an async thread, and there is nothing to wait for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
