//! Which database the engine runs on, and the connections it opens there.

use std::path::{Path, PathBuf};

use super::processes;
use crate::db::Connection;
use crate::postgres::{self, Client, Server};
use crate::sqlite::open::{self, FileLock};
use crate::{Access, StoreError, StoreResult};

/// A database.
#[derive(Clone)]
pub(super) enum Database {
    /// A file.
    File(PathBuf),
    /// A server.
    Server(Box<Server>),
}

/// What is held as long as a process serves.
pub(super) struct Serving {
    _lock: Option<FileLock>,
}

impl Database {
    /// Reads an address: `sqlite:PATH` or `postgres://…`.
    pub(super) fn parse(address: &str) -> StoreResult<Self> {
        match address.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Server(Box::new(Server::parse(address)?))),
            _ => Err(StoreError::Address(address.to_owned())),
        }
    }

    /// The file, for what only a file has.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }

    /// The connection that writes, on the newest schema, and the right to serve, where that is asked for. Any number
    /// of processes may serve one server; a file has one.
    pub(super) fn writing(&self, access: Access) -> StoreResult<(Connection, Option<Serving>)> {
        let is_to_serve = access == Access::Serve;
        match self {
            Self::File(path) => {
                let lock = if is_to_serve { Some(open::lock(path)?) } else { None };
                let connection = open::writing(path, is_to_serve)?;
                if is_to_serve {
                    processes::forget_all(&connection)?;
                }
                let held = is_to_serve.then_some(Serving { _lock: lock });
                Ok((connection, held))
            }
            Self::Server(server) => {
                let client = Client::connect(server)?;
                postgres::migrate::prepare(&client, server)?;
                if is_to_serve {
                    postgres::migrate::make_months(&client)?;
                }
                let held = is_to_serve.then_some(Serving { _lock: None });
                Ok((Connection::Postgres(Box::new(client)), held))
            }
        }
    }

    /// Another connection that writes, after the first one broke.
    pub(super) fn writing_again(&self) -> StoreResult<Connection> {
        match self {
            Self::File(path) => open::writing(path, true),
            Self::Server(server) => Ok(Connection::Postgres(Box::new(Client::connect(server)?))),
        }
    }

    /// Asks for the newest schema, where nothing may be changed.
    pub(super) fn inspect(&self) -> StoreResult<()> {
        match self {
            Self::File(path) => open::newest_schema(&open::reading(path)?),
            Self::Server(server) => postgres::migrate::newest_schema(&Client::connect(server)?),
        }
    }

    /// A connection that only reads, and sees everything that was written before.
    pub(super) fn reading(&self) -> StoreResult<Connection> {
        match self {
            Self::File(path) => Ok(Connection::Sqlite(Box::new(open::reading(path)?))),
            Self::Server(server) => Ok(Connection::Postgres(Box::new(Client::connect(server)?))),
        }
    }

    /// Where reports are read, which may be a little behind; none where the address names no such place.
    pub(super) fn replica(&self) -> Option<Self> {
        match self {
            Self::Server(server) => {
                server.replica.as_deref().map(|replica| Self::Server(Box::new(replica.clone())))
            }
            Self::File(_) => None,
        }
    }

    /// A connection for one long reading of everything.
    pub(super) fn scanning(&self) -> StoreResult<Connection> {
        match self {
            Self::File(path) => Ok(Connection::Sqlite(Box::new(open::scanning(path)?))),
            Self::Server(_) => self.reading(),
        }
    }

    /// Whether a serving process has the file. A server can't tell, and whoever asks does the work then itself.
    pub(super) fn is_served(&self) -> StoreResult<bool> {
        match self {
            Self::File(path) => open::is_served(path),
            Self::Server(_) => Ok(false),
        }
    }
}
