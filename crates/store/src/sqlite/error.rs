//! What SQLite says, in the words of the store.

use rusqlite::ErrorCode;

use crate::{StoreError, StoreResult};

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Unavailable(format!(
                "{error}: the file is damaged; `selektable verify` says where, docs/backup.md what to do"
            )),
            Some(ErrorCode::CannotOpen) => Self::Unavailable(format!(
                "{error}: it is not there, or its folder can't be written, where its log has to stand"
            )),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Says that something unique is taken where SQLite says that a constraint is broken.
pub(super) fn taken<T>(result: rusqlite::Result<T>, what: &'static str) -> StoreResult<T> {
    result.map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Taken(what),
        _ => error.into(),
    })
}

/// Whether the storage itself failed, so that nothing of a transaction can be saved; the other errors belong to one
/// request.
pub(super) const fn is_of_storage(error: &StoreError) -> bool {
    match error {
        StoreError::Full | StoreError::Unavailable(_) | StoreError::Busy | StoreError::Closed => true,
        StoreError::Locked(_)
        | StoreError::TooNew { .. }
        | StoreError::Address(_)
        | StoreError::Taken(_)
        | StoreError::Inconsistent { .. } => false,
    }
}
