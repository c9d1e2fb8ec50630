//! Reports from a replica, where the address names one. A replica that is away does not take reports away with it: they
//! come from the server itself then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::database::Database;
use super::work::Work;
use crate::db::Connection;
use crate::{StoreError, StoreResult};

/// How long a replica that failed is left alone: reports should not wait for it each time.
const AWAY_FOR: Duration = Duration::from_secs(15);

/// The replica of a database, if it has one.
#[derive(Clone)]
pub(super) struct Replica {
    database: Database,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    away_until: Option<Instant>,
}

impl Replica {
    /// Of a database.
    pub(super) fn of(database: &Database) -> Option<Self> {
        database.replica().map(|database| Self { database, state: Arc::default() })
    }

    /// Reads from one snapshot of the replica; `None` where the server itself has to be asked.
    pub(super) fn read<T>(&self, read: &impl Fn(&Work<'_>) -> StoreResult<T>) -> Option<StoreResult<T>> {
        if self.is_away() {
            return None;
        }
        match self.try_read(read) {
            // Also what a standby ends because its own work needs it.
            Err(fault @ (StoreError::Unavailable(_) | StoreError::Busy)) => {
                tracing::warn!(%fault, "the replica does not answer: reports come from the server itself");
                self.state().away_until = Some(Instant::now() + AWAY_FOR);
                None
            }
            end => Some(end),
        }
    }

    fn try_read<T>(&self, read: &impl Fn(&Work<'_>) -> StoreResult<T>) -> StoreResult<T> {
        let idle = self.state().idle.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.database.reading()?,
        };
        let end = (|| {
            let _snapshot = connection.snapshot()?;
            read(&Work::new(&connection))
        })();
        if !connection.is_broken() {
            self.state().idle.push(connection);
        }
        end
    }

    fn is_away(&self) -> bool {
        self.state().away_until.is_some_and(|until| Instant::now() < until)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends its connections.
    pub(super) fn close(&self) {
        self.state().idle.clear();
    }
}
