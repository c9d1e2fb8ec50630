//! What storage can answer instead of data.

/// A storage failure. Nothing was acknowledged when a write answers with one of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full: nothing was stored; free some space, the server goes on by itself")]
    Full,
    /// The storage can't be written or read right now.
    #[error("the storage can't be reached: {0}")]
    Unavailable(String),
    /// Too much is waiting to be written.
    #[error("too many writes are waiting: try again in a moment")]
    Busy,
    /// The store was closed (the server is stopping).
    #[error("the storage is closed: the server is stopping")]
    Closed,
    /// Another process has the database.
    #[error("another selektable process has {0} open: stop it first, or use another --data-dir")]
    Locked(String),
    /// The database was written by a newer version.
    #[error("the database has schema version {found}, this program knows {known}: use a newer selektable")]
    TooNew {
        /// Version found in the database.
        found: u32,
        /// Newest version this program has.
        known: u32,
    },
    /// The database's address can't be used.
    #[error("`{0}` is not a database address: use sqlite:PATH or postgres://USER@HOST/NAME")]
    Address(String),
    /// Something unique is taken, such as an e-mail or a name.
    #[error("{0} exists already")]
    Taken(&'static str),
    /// A row breaks an invariant.
    #[error("row {row} of table {table} is damaged: {detail}; run `selektable verify`")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// Its key.
        row: String,
        /// What is wrong.
        detail: String,
    },
}
