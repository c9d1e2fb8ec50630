//! Why the demo can't run.

use std::net::SocketAddr;
use std::path::PathBuf;

use selektable_store::StoreError;

use super::history::HistoryFault;
use crate::password::HashFault;

/// Each variant is a sentence the newcomer can act on.
#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    /// No port could be had.
    #[error(
        "{address} can't be listened on, nor any of the ports after it: {source}; choose another with {flag}"
    )]
    Listen {
        /// The flag that sets the address.
        flag: &'static str,
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file of the demo can't be read or written.
    #[error("{path} can't be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The profile was changed by hand, or cut off.
    #[error("{path} can't be understood ({detail}): start the demo with --reset to make its data new")]
    Profile {
        /// The profile's file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The folder holds a database that the demo did not make.
    #[error(
        "{0} holds a database that is not the demo's: nothing was changed; choose an empty folder with --data-dir"
    )]
    NotOurs(PathBuf),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The history could not be written.
    #[error(transparent)]
    History(#[from] HistoryFault),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] HashFault),
    /// A part of the demo stopped by a mistake of the program.
    #[error("a part of the demo stopped: {0}; please report this")]
    Stopped(#[from] tokio::task::JoinError),
}
