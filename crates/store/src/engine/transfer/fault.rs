//! Why a database was not moved.

use crate::StoreError;
use crate::db::DbError;

/// Why the content of one database did not get into another. Whatever it says, the source is as it was, and the target
/// as empty as before.
#[derive(Debug, thiserror::Error)]
pub enum TransferFault {
    /// From a database to itself.
    #[error("--from and --to name the same database")]
    Same,
    /// Somebody may write the source.
    #[error(
        "{0} is being served: stop `selektable serve` first, so that nothing it acknowledges is left behind; how long \
         the move takes a trial with a copy tells (docs/scaling.md)"
    )]
    Served(String),
    /// The target is in use.
    #[error("there is content in {database} already (table {table}): move into a new, empty database")]
    NotEmpty {
        /// The target.
        database: String,
        /// The first table with rows.
        table: &'static str,
    },
    /// A row does not fit.
    #[error("a row of table {table} can't be taken: {why}; nothing was moved")]
    Row {
        /// The table.
        table: &'static str,
        /// What the target says.
        why: String,
    },
    /// What was copied is not what was there.
    #[error("{what} is not the same on both sides after copying: nothing was moved; please report this")]
    Differs {
        /// A table, or the canonical dump.
        what: String,
    },
    /// What one of the two says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DbError> for TransferFault {
    fn from(fault: DbError) -> Self {
        Self::Store(fault.into())
    }
}
