//! Connections that only read, beside the writer. Each read sees one snapshot and never waits for a write.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::database::Database;
use super::replica::Replica;
use super::work::Work;
use crate::db::{Begin, Connection};
use crate::{StoreError, StoreResult};

/// Most reads at a time; more wait.
const READS_MAX: usize = 4;
/// Most reports at a time, each of which may go through a whole history; more wait. They have no share in
/// [`READS_MAX`], so that pages stay quick meanwhile.
const REPORTS_MAX: usize = 2;

/// A small pool of reading connections.
pub(super) struct Readers {
    database: Database,
    replica: Option<Replica>,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    reports: Arc<Semaphore>,
}

impl Readers {
    /// Of a database; connections are opened when they are needed.
    pub(super) fn new(database: Database) -> Self {
        let [permits, reports] = [READS_MAX, REPORTS_MAX].map(|most| Arc::new(Semaphore::new(most)));
        let replica = Replica::of(&database);
        Self { database, replica, idle: Arc::default(), permits, reports }
    }

    /// Reads from one snapshot, off the async threads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (idle, database) = (Arc::clone(&self.idle), self.database.clone());
        off_thread(permit, move || pooled(&idle, &database, read)).await
    }

    /// Reads figures from one snapshot, off the async threads: of the replica, if there is one, and else like
    /// [`Self::read`].
    pub(super) async fn read_figures<T: Send + 'static>(
        &self,
        read: impl Fn(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let Some(replica) = self.replica.clone() else { return self.read(read).await };
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (idle, database) = (Arc::clone(&self.idle), self.database.clone());
        let run = move || replica.read(&read).unwrap_or_else(|| pooled(&idle, &database, read));
        off_thread(permit, run).await
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
        let reading = tokio::task::spawn_blocking(move || {
            let connection = database.reading()?;
            connection.begin_whole()?;
            let end = read(&Work::new(&connection));
            connection.roll_back();
            end
        });
        reading.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string())))
    }

    /// Reads what may go through a whole history, when it is its turn: from the replica, if there is one, else on a
    /// connection of its own.
    pub(super) async fn read_report<T: Send + 'static>(
        &self,
        read: impl Fn(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let permit = self.reports.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (database, replica) = (self.database.clone(), self.replica.clone());
        let run = move || {
            let told = replica.and_then(|replica| replica.read(&read));
            told.unwrap_or_else(|| snapshot(&database.reading()?, read))
        };
        off_thread(permit, run).await
    }

    /// Reads the parts of one report at the same time, each from one snapshot on a connection of its own. The
    /// snapshots are not taken at one instant: what is written meanwhile is in some and not in others. Never from a
    /// replica: it could be behind the plan that made the parts.
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
        self.replica.iter().for_each(Replica::close);
    }
}

/// Runs what waits, off the async threads; the permit goes when it has ended, also when nobody waits any more.
async fn off_thread<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    run: impl FnOnce() -> StoreResult<T> + Send + 'static,
) -> StoreResult<T> {
    let running = tokio::task::spawn_blocking(move || {
        let end = run();
        drop(permit);
        end
    });
    running.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string())))
}

fn begun(idle: &Mutex<Vec<Connection>>, database: &Database) -> StoreResult<Connection> {
    // One that nobody used for a while may have been ended by its server: the next one is asked, and then a new one.
    while let Some(connection) = take(idle) {
        match connection.begin(Begin::Snapshot) {
            Err(_) if connection.is_broken() => {}
            Err(fault) => return Err(fault.into()),
            Ok(()) => return Ok(connection),
        }
    }
    let connection = database.reading()?;
    connection.begin(Begin::Snapshot)?;
    Ok(connection)
}

fn pooled<T>(
    idle: &Mutex<Vec<Connection>>,
    database: &Database,
    read: impl FnOnce(&Work<'_>) -> StoreResult<T>,
) -> StoreResult<T> {
    let connection = begun(idle, database)?;
    let end = read(&Work::new(&connection));
    connection.roll_back();
    give_back(idle, connection);
    end
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
