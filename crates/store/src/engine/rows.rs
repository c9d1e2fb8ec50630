//! From columns to the domain's types. A value that can't be one names its table and row.

use std::fmt::Write;

use crate::db::Row;
use selektable_domain::id::Id;
use selektable_domain::opaque::OpaqueIdFault;
use selektable_domain::time::Timestamp;

use crate::{StoreError, StoreResult};

/// One row of a table, with what is needed to complain about it.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    row: Row<'r>,
    table: &'static str,
    /// Column that names the row in a complaint.
    key: usize,
}

impl<'r> Reading<'r> {
    /// `key` is the column that tells which row it is.
    pub(super) const fn new(row: &Row<'r>, table: &'static str, key: usize) -> Self {
        Self { row: *row, table, key }
    }

    /// Says what is wrong with the row.
    pub(super) fn damaged(&self, detail: impl Into<String>) -> StoreError {
        let row = self.row.get_ref(self.key).map_or_else(|_| "?".to_owned(), display);
        StoreError::Inconsistent { table: self.table, row, detail: detail.into() }
    }

    /// A column of a type that SQLite knows.
    pub(super) fn get<T: crate::db::types::FromSql>(&self, column: usize) -> StoreResult<T> {
        self.row.get(column).map_err(|fault| self.damaged(fault.to_string()))
    }

    /// A number of things.
    pub(super) fn count(&self, column: usize) -> StoreResult<u64> {
        let count: i64 = self.get(column)?;
        u64::try_from(count).map_err(|_| self.damaged(format!("{count} is no number of things")))
    }

    /// Yes or no, written as 1 or 0 and nothing else.
    pub(super) fn flag(&self, column: usize) -> StoreResult<bool> {
        match self.get::<i64>(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.damaged(format!("{other} is neither yes nor no"))),
        }
    }

    /// A column as it stands.
    pub(super) fn value(&self, column: usize) -> StoreResult<crate::db::types::ValueRef<'r>> {
        Ok(self.row.get_ref(column)?)
    }

    /// A column of bytes without a copy.
    pub(super) fn bytes(&self, column: usize) -> StoreResult<&'r [u8]> {
        self.row.get_ref(column)?.as_blob().map_err(|fault| self.damaged(fault.to_string()))
    }

    /// A text column without a copy.
    pub(super) fn text(&self, column: usize) -> StoreResult<&'r str> {
        let value = self.row.get_ref(column)?;
        value.as_str().map_err(|fault| self.damaged(fault.to_string()))
    }

    /// A text column that may be NULL, without a copy.
    pub(super) fn text_if(&self, column: usize) -> StoreResult<Option<&'r str>> {
        let value = self.row.get_ref(column)?;
        value.as_str_or_null().map_err(|fault| self.damaged(fault.to_string()))
    }

    /// A time.
    pub(super) fn time(&self, column: usize) -> StoreResult<Timestamp> {
        self.get(column).map(Timestamp::from_millis)
    }

    /// A time that may be absent.
    pub(super) fn time_if(&self, column: usize) -> StoreResult<Option<Timestamp>> {
        self.get::<Option<i64>>(column).map(|millis| millis.map(Timestamp::from_millis))
    }

    /// One of our own ids.
    pub(super) fn id<K>(&self, column: usize) -> StoreResult<Id<K>> {
        let value = self.row.get_ref(column)?;
        value.as_blob().ok().and_then(Id::from_slice).ok_or_else(|| self.damaged("its id has not 16 bytes"))
    }

    /// A value of a closed set, by its code.
    pub(super) fn code<T>(&self, column: usize, read: fn(&str) -> Option<T>) -> StoreResult<T> {
        let text = self.text(column)?;
        read(text).ok_or_else(|| self.damaged(format!("`{text}` is not known")))
    }

    /// A foreign id.
    pub(super) fn opaque<T>(
        &self,
        column: usize,
        parse: fn(&str) -> Result<T, OpaqueIdFault>,
    ) -> StoreResult<T> {
        parse(self.text(column)?).map_err(|fault| self.damaged(fault.to_string()))
    }

    /// A foreign id that may be absent.
    pub(super) fn opaque_if<T>(
        &self,
        column: usize,
        parse: fn(&str) -> Result<T, OpaqueIdFault>,
    ) -> StoreResult<Option<T>> {
        let text = self.text_if(column)?;
        text.map(|text| parse(text).map_err(|fault| self.damaged(fault.to_string()))).transpose()
    }

    /// JSON of ours, read by its own reader.
    pub(super) fn json<T>(&self, column: usize, read: fn(&str) -> Result<T, String>) -> StoreResult<T> {
        read(self.text(column)?).map_err(|fault| self.damaged(fault))
    }
}

/// A value as a complaint shows it.
pub(super) fn display(value: crate::db::types::ValueRef<'_>) -> String {
    use crate::db::types::ValueRef;
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => format!("`{}`", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("x{}", hex(bytes)),
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Collects rows through a reader.
pub(super) fn collect<T>(
    mut rows: crate::db::Rows<'_>,
    mut read: impl FnMut(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()?.as_ref() {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Reads the first row, if there is one.
pub(super) fn first<T>(
    mut rows: crate::db::Rows<'_>,
    read: impl FnOnce(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Option<T>> {
    rows.next()?.map(|row| read(&row)).transpose()
}
