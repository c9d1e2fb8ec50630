//! Connections that only read, beside the writer. Each read sees one snapshot and never waits for a write.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::database::Database;
use super::work::Work;
use crate::db::Connection;
use crate::{StoreError, StoreResult};

/// Most reads at a time; more wait.
const READS_MAX: usize = 4;
/// Most reports at a time, each of which may go through a whole history; more wait. They have no share in
/// [`READS_MAX`], so that pages stay quick meanwhile.
const REPORTS_MAX: usize = 2;

/// A small pool of reading connections.
pub(super) struct Readers {
    database: Database,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    reports: Arc<Semaphore>,
}

impl Readers {
    /// Of a database; connections are opened when they are needed.
    pub(super) fn new(database: Database) -> Self {
        let [permits, reports] = [READS_MAX, REPORTS_MAX].map(|most| Arc::new(Semaphore::new(most)));
        Self { database, idle: Arc::default(), permits, reports }
    }

    /// Reads from one snapshot, off the async threads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (idle, database) = (Arc::clone(&self.idle), self.database.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let end = loop {
                let (connection, is_new) = match take(&idle) {
                    Some(connection) => (connection, false),
                    None => (database.reading()?, true),
                };
                let end = match connection.snapshot() {
                    // It broke while nobody used it.
                    Err(_) if !is_new && connection.is_broken() => continue,
                    Err(fault) => Err(fault.into()),
                    Ok(_snapshot) => read(&Work::new(&connection)),
                };
                give_back(&idle, connection);
                break end;
            };
            drop(permit);
            end
        });
        reading.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string())))
    }

    /// Runs what opens reading connections of its own on the file, off the async threads.
    pub(super) async fn run_alone<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Database) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        if self.permits.is_closed() {
            return Err(StoreError::Closed);
        }
        let database = self.database.clone();
        let running = tokio::task::spawn_blocking(move || run(&database));
        running.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string())))
    }

    /// Reads from one snapshot on a connection of its own, for work that takes long or builds tables aside.
    pub(super) async fn read_alone<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        if self.permits.is_closed() {
            return Err(StoreError::Closed);
        }
        let database = self.database.clone();
        let reading = tokio::task::spawn_blocking(move || snapshot(&database.reading()?, read));
        reading.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string())))
    }

    /// Reads what may go through a whole history, when it is its turn.
    pub(super) async fn read_report<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let permit = self.reports.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let counted = move |work: &Work<'_>| {
            let end = read(work);
            drop(permit);
            end
        };
        self.read_alone(counted).await
    }

    /// Reads the parts of one report at the same time, each from one snapshot on a connection of its own. The
    /// snapshots are not taken at one instant: what is written meanwhile is in some and not in others.
    pub(super) async fn read_parts<P: Send + 'static, T: Send + 'static>(
        &self,
        parts: Vec<P>,
        read: impl Fn(&Work<'_>, P) -> StoreResult<T> + Send + Sync + 'static,
    ) -> StoreResult<Vec<T>> {
        let permit = self.reports.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        // The permit goes with the last part that ends, also when nobody waits for the answer any more.
        let read = Arc::new((permit, read));
        let running: Vec<_> = parts
            .into_iter()
            .map(|part| {
                let (read, database) = (Arc::clone(&read), self.database.clone());
                tokio::task::spawn_blocking(move || {
                    snapshot(&database.reading()?, |work| (read.1)(work, part))
                })
            })
            .collect();
        let mut found = Vec::new();
        for reading in running {
            let end = reading.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string())));
            found.push(end?);
        }
        Ok(found)
    }

    /// Lets running reads end and refuses later ones.
    pub(super) async fn close(&self) {
        let running = self.permits.acquire_many(u32::try_from(READS_MAX).unwrap_or(u32::MAX)).await;
        self.permits.close();
        self.reports.close();
        drop(running);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn take(idle: &Mutex<Vec<Connection>>) -> Option<Connection> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give_back(idle: &Mutex<Vec<Connection>>, connection: Connection) {
    if !connection.is_broken() {
        idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

fn snapshot<T>(connection: &Connection, read: impl FnOnce(&Work<'_>) -> StoreResult<T>) -> StoreResult<T> {
    let _snapshot = connection.snapshot()?;
    read(&Work::new(connection))
}
