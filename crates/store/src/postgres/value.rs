//! Values on their way to and from a server. What is bound takes the type that the server expects; what is read
//! becomes one of the five kinds of value that SQLite has.

use std::error::Error;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

use crate::db::DbError;

/// A column of a row.
pub(crate) fn value(row: &tokio_postgres::Row, column: usize) -> Result<ValueRef<'_>, DbError> {
    let raw: Option<Raw<'_>> = row.try_get(column)?;
    Ok(raw.map_or(ValueRef::Null, |raw| raw.0))
}

struct Raw<'r>(ValueRef<'r>);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(kind: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let value = match *kind {
            Type::INT8 => ValueRef::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => ValueRef::Integer(i64::from(i32::from_be_bytes(raw.try_into()?))),
            Type::INT2 => ValueRef::Integer(i64::from(i16::from_be_bytes(raw.try_into()?))),
            Type::BOOL => ValueRef::Integer(i64::from(raw == [1])),
            Type::BYTEA => ValueRef::Blob(raw),
            _ => ValueRef::Text(raw),
        };
        Ok(Self(value))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT8
                | Type::INT4
                | Type::INT2
                | Type::BOOL
                | Type::BYTEA
                | Type::TEXT
                | Type::VARCHAR
                | Type::NAME
                | Type::UNKNOWN
        )
    }
}

/// A value to bind.
#[derive(Debug)]
pub(super) struct Bound<'v>(pub ToSqlOutput<'v>);

impl<'v> Bound<'v> {
    /// Takes what a statement is given.
    pub(super) fn of(value: &'v dyn rusqlite::ToSql) -> Result<Self, DbError> {
        Ok(Self(value.to_sql()?))
    }

    fn as_ref(&self) -> ValueRef<'_> {
        match &self.0 {
            ToSqlOutput::Borrowed(value) => *value,
            ToSqlOutput::Owned(value) => ValueRef::from(value),
            // The other forms need features of the library that are not used here.
            _ => ValueRef::Null,
        }
    }

    /// On its own, to be kept.
    pub(super) fn into_owned(self) -> Value {
        match self.as_ref() {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        encode(self.as_ref(), kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(kind, out)
    }
}

fn encode(
    value: ValueRef<'_>,
    kind: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    match (value, kind) {
        (ValueRef::Null, _) => return Ok(IsNull::Yes),
        (ValueRef::Integer(number), &Type::INT8) => out.extend_from_slice(&number.to_be_bytes()),
        (ValueRef::Integer(number), &Type::INT4) => {
            out.extend_from_slice(&i32::try_from(number)?.to_be_bytes());
        }
        (ValueRef::Integer(number), &Type::INT2) => {
            out.extend_from_slice(&i16::try_from(number)?.to_be_bytes());
        }
        (ValueRef::Integer(number), &Type::BOOL) => out.extend_from_slice(&[u8::from(number != 0)]),
        (ValueRef::Integer(number), &Type::TEXT) => out.extend_from_slice(number.to_string().as_bytes()),
        (ValueRef::Text(bytes) | ValueRef::Blob(bytes), _) => out.extend_from_slice(bytes),
        (value, kind) => return Err(format!("a value of type {} can't be {kind}", value.data_type()).into()),
    }
    Ok(IsNull::No)
}

/// One parameter of many rows, as an array.
#[derive(Debug)]
pub(super) struct Column<'v>(pub Vec<&'v Value>);

impl ToSql for Column<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let tokio_postgres::types::Kind::Array(member) = kind.kind() else {
            return Err(format!("{kind} is no array").into());
        };
        let nulls = self.0.iter().any(|value| **value == Value::Null);
        for number in [1, i32::from(nulls), 0] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        let at = out.len() - 4;
        out[at..].copy_from_slice(&member.oid().to_be_bytes());
        out.extend_from_slice(&i32::try_from(self.0.len())?.to_be_bytes());
        out.extend_from_slice(&1_i32.to_be_bytes());
        for value in &self.0 {
            let start = out.len();
            out.extend_from_slice(&(-1_i32).to_be_bytes());
            if matches!(encode(ValueRef::from(*value), member, out)?, IsNull::No) {
                let bytes = i32::try_from(out.len() - start - 4)?;
                out[start..start + 4].copy_from_slice(&bytes.to_be_bytes());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(kind, out)
    }
}
