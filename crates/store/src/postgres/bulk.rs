//! Very many rows into one table: `COPY`, in binary.

use std::pin::Pin;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::Client;
use super::value::Bound;
use crate::db::{DbError, DbResult};

/// Rows on their way into a table. What is not brought to its end is not kept: the transaction fails.
pub(crate) struct Load<'c> {
    client: &'c Client,
    writer: Pin<Box<BinaryCopyInWriter>>,
}

impl Client {
    /// Begins a transaction that writes very much at once, seeing one state. Nobody waits for its answers, so each may
    /// take as long as a report.
    pub(crate) fn begin_bulk(&self) -> DbResult<()> {
        self.begin_snapshot()?;
        self.go_sequentially()
    }

    /// Begins to load a table of the open transaction. Names of columns stand in quotes already.
    pub(crate) fn load(&self, table: &str, columns: &str) -> DbResult<Load<'_>> {
        let shape = self.wait(self.driver().prepare(&format!("SELECT {columns} FROM {table}")))?;
        let types: Vec<Type> = shape.columns().iter().map(|column| column.type_().clone()).collect();
        let copy = format!("COPY {table} ({columns}) FROM STDIN BINARY");
        let sink = self.wait(self.driver().copy_in(&copy))?;
        Ok(Load { client: self, writer: Box::pin(BinaryCopyInWriter::new(sink, &types)) })
    }
}

impl Load<'_> {
    /// Adds rows, each with a value for every column.
    pub(crate) fn add(&mut self, rows: &[Vec<Value>]) -> DbResult<()> {
        let writer = &mut self.writer;
        self.client.wait(async {
            for row in rows {
                let bound: Vec<Bound<'_>> =
                    row.iter().map(|value| Bound(ToSqlOutput::Borrowed(ValueRef::from(value)))).collect();
                let bound: Vec<&(dyn ToSql + Sync)> =
                    bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
                writer.as_mut().write(&bound).await?;
            }
            Ok(())
        })
    }

    /// Ends the load, and says how many rows the server took.
    pub(crate) fn end(mut self) -> Result<u64, DbError> {
        self.client.wait(self.writer.as_mut().finish())
    }
}
