//! What a database says when it does not do what it was asked.

use std::error::Error;

use rusqlite::ErrorCode;
use tokio_postgres::error::SqlState;

use crate::{StoreError, StoreResult};

/// A fault, as the database's own library tells it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    /// Of a file; also of a value that is not of the type it is read as, on either database.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// Of a server.
    #[error("{}", in_full(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// The server did not answer in time, or can't be reached.
    #[error("{0}")]
    Unreachable(String),
    /// No row where there has to be one.
    #[error("a query that always has a row had none")]
    NoRow,
}

/// The library's own message leaves out what the server said.
fn in_full(fault: &tokio_postgres::Error) -> String {
    match (fault.as_db_error(), fault.source()) {
        (Some(said), _) => format!("{} ({})", said.message(), said.code().code()),
        (None, Some(source)) => format!("{fault}: {source}"),
        (None, None) => fault.to_string(),
    }
}

impl DbError {
    /// Whether something that has to be unique is taken, or a row that is named is not there.
    pub(crate) fn is_broken_constraint(&self) -> bool {
        match self {
            Self::Sqlite(fault) => fault.sqlite_error_code() == Some(ErrorCode::ConstraintViolation),
            Self::Postgres(fault) => fault.code().is_some_and(|code| code.code().starts_with("23")),
            Self::Unreachable(_) | Self::NoRow => false,
        }
    }
}

impl From<DbError> for StoreError {
    fn from(fault: DbError) -> Self {
        match &fault {
            DbError::Sqlite(said) => match said.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Self::Full,
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Unavailable(format!(
                    "{said}: the file is damaged; `selektable verify` says where, docs/backup.md what to do"
                )),
                Some(ErrorCode::CannotOpen) => Self::Unavailable(format!(
                    "{said}: it is not there, or its folder can't be written, where its log has to stand"
                )),
                _ => Self::Unavailable(said.to_string()),
            },
            DbError::Postgres(said) => match said.code() {
                Some(&SqlState::DISK_FULL) => Self::Full,
                Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Self::Busy,

                _ => Self::Unavailable(fault.to_string()),
            },
            DbError::Unreachable(_) | DbError::NoRow => Self::Unavailable(fault.to_string()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(fault: rusqlite::Error) -> Self {
        DbError::from(fault).into()
    }
}

/// Says that something unique is taken where the database says that a constraint is broken.
pub(crate) fn taken<T>(result: Result<T, DbError>, what: &'static str) -> StoreResult<T> {
    result.map_err(|fault| if fault.is_broken_constraint() { StoreError::Taken(what) } else { fault.into() })
}
