//! Rows of a long reading, some at a time, so that other statements can run between them and memory stays bounded.

use tokio_postgres::Row;

use super::Client;
use crate::db::DbResult;

/// Rows fetched at a time.
const ROWS: usize = 1_000;

/// An open cursor of a transaction.
pub(crate) struct Cursor<'c> {
    client: &'c Client,
    name: String,
    rows: Vec<Row>,
    next: usize,
    ended: bool,
}

impl<'c> Cursor<'c> {
    /// One that was declared under a name.
    pub(super) const fn declared(client: &'c Client, name: String) -> Self {
        Self { client, name, rows: Vec::new(), next: 0, ended: false }
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> DbResult<Option<&Row>> {
        if self.next == self.rows.len() && !self.ended {
            self.rows = self.client.fetch(&format!("FETCH FORWARD {ROWS} FROM {}", self.name))?;
            self.next = 0;
            self.ended = self.rows.len() < ROWS;
        }
        let row = self.rows.get(self.next);
        self.next += usize::from(row.is_some());
        Ok(row)
    }
}

impl Drop for Cursor<'_> {
    fn drop(&mut self) {
        // It ends with its transaction anyway.
        let _ = self.client.batch(&format!("CLOSE {}", self.name));
    }
}
