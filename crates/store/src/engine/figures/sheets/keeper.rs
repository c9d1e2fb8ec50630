//! The thread that makes sheets: it counts and merges from snapshots of its own, the one writer only writes what it made,
//! a little at a time between other writes. Of the processes of a server one makes them, under a lease that every piece
//! renews.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use selektable_domain::time::{DAY_MS, Timestamp};

use super::super::super::builder::Turn;
use super::super::super::database::Database;
use super::super::super::open;
use super::super::super::work::Work;
use super::super::super::writer::WriterHandle;
use super::super::rollups;
use super::SPANS;
use super::make::{self, Due, Piece};
use crate::db::Connection;
use crate::postgres::locks::Scope;
use crate::{Access, StoreError, StoreResult};

/// How often the thread looks for what is wanted. A quarter that was changed is counted from its rows until then.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often sheets of more than a day are made: most of what changes is of the last days, and each of these is rewritten
/// whole.
const LONG_EVERY: Duration = Duration::from_secs(600);
/// Pause after a failed try.
const RETRY: Duration = Duration::from_secs(5);
/// Quarters that are wanted in one transaction, of all there are.
const WANTED_AT_ONCE: usize = 500;
/// The lease of who makes sheets.
const LEASE: &str = "sheets";
/// The longest there are.
const LONGEST: i64 = SPANS[SPANS.len() - 1];

/// The thread of a serving process.
pub(in super::super::super) struct Keeper {
    wake: SyncSender<()>,
    stop: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    /// Starts the thread.
    pub(in super::super::super) fn start(database: Database, writer: WriterHandle) -> StoreResult<Self> {
        let (wake, woken) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("store-sheets".to_owned())
            .spawn(move || serve(&database, &writer, &woken, &stopped))
            .map_err(|fault| StoreError::Unavailable(fault.to_string()))?;
        Ok(Self { wake, stop, thread: Mutex::new(Some(thread)) })
    }

    /// Ends the thread after the piece it is at.
    pub(in super::super::super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        // A full channel means that it is going to look anyway.
        let _ = self.wake.try_send(());
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        // A thread that panicked has nothing left to say.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(database: &Database, writer: &WriterHandle, wake: &Receiver<()>, stop: &AtomicBool) {
    let mut pause = LOOK_EVERY;
    let mut long_at = Instant::now();
    let mut connection = None;
    loop {
        if wake.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) || stop.load(Ordering::Relaxed) {
            return;
        }
        let is_long = long_at <= Instant::now();
        let due = Due { longest: if is_long { LONGEST } else { DAY_MS }, at: None };
        match round(database, writer, &mut connection, (due, Pace::Beside(stop))) {
            Ok(true) if is_long => {
                long_at = Instant::now() + LONG_EVERY;
                pause = LOOK_EVERY;
            }
            Ok(_) => pause = LOOK_EVERY,
            Err(StoreError::Closed) => return,
            Err(fault) => {
                tracing::warn!(%fault, "sheets for reports could not be made; trying later");
                connection = None;
                pause = RETRY;
            }
        }
    }
}

/// How it is gone on.
#[derive(Clone, Copy)]
enum Pace<'a> {
    /// Beside a server's other work, until it is to stop.
    Beside(&'a AtomicBool),
    /// As fast as can be.
    Alone,
}

impl Pace<'_> {
    fn is_over(self) -> bool {
        matches!(self, Self::Beside(stop) if stop.load(Ordering::Relaxed))
    }

    /// Half of one processor at most: orders come first.
    fn pause(self, took: Duration) {
        if matches!(self, Self::Beside(_)) {
            std::thread::sleep(took);
        }
    }
}

/// Makes all that is due; `false` when another process does.
fn round(
    database: &Database,
    writer: &WriterHandle,
    connection: &mut Option<Connection>,
    (due, pace): (Due, Pace<'_>),
) -> StoreResult<bool> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(database.reading()?),
    };
    let stores = make::stores(&Work::new(connection), due)?;
    if stores.is_empty() {
        return Ok(true);
    }
    let turn = Turn::new(connection, LEASE)?;
    let made = make_of(writer, connection, &turn, &stores, (due, pace));
    turn.give_back(writer);
    made
}

fn make_of(
    writer: &WriterHandle,
    connection: &Connection,
    turn: &Turn,
    stores: &[i64],
    (due, pace): (Due, Pace<'_>),
) -> StoreResult<bool> {
    for store in stores.iter().copied() {
        loop {
            if pace.is_over() {
                return Ok(true);
            }
            let begun = Instant::now();
            let piece = {
                let _snapshot = connection.snapshot()?;
                make::next(&Work::new(connection), store, due)?
            };
            let took = begun.elapsed();
            match write(writer, turn, store, piece)? {
                Written::Nothing => break,
                Written::Elsewhere => return Ok(false),
                Written::Some => pace.pause(took),
            }
        }
    }
    Ok(true)
}

enum Written {
    Some,
    Nothing,
    Elsewhere,
}

fn write(writer: &WriterHandle, turn: &Turn, store: i64, piece: Piece) -> StoreResult<Written> {
    let scope = Scope::Store(store);
    let is_ours = match piece {
        Piece::Nothing => return Ok(Written::Nothing),
        Piece::Sheets(made) => {
            let turn = turn.clone();
            writer.write(scope, made.len(), move |work| {
                let is_ours = turn.hold(work)?;
                if is_ours {
                    make::write(work, &made)?;
                }
                Ok(is_ours)
            })?
        }
        Piece::Everything(all) => {
            let all = Arc::new(all);
            let mut is_ours = true;
            for from in (0..all.quarters.len()).step_by(WANTED_AT_ONCE) {
                let (turn, all) = (turn.clone(), Arc::clone(&all));
                is_ours = is_ours
                    && writer.write(scope, WANTED_AT_ONCE, move |work| {
                        let to = all.quarters.len().min(from + WANTED_AT_ONCE);
                        make::want_some(work, &all, &all.quarters[from..to])?;
                        turn.hold(work)
                    })?;
            }
            is_ours && writer.write(scope, 1, move |work| make::all_are_wanted(work, &all).map(|()| true))?
        }
    };
    Ok(if is_ours { Written::Some } else { Written::Elsewhere })
}

/// Folds what waits and makes the sheets of all spans that are over at an instant (`None`: now), as a server would in some
/// minutes; for tests and measurements.
///
/// # Errors
/// When the database can't be opened or written.
pub fn make_all(address: &str, at: Option<Timestamp>) -> StoreResult<()> {
    let engine = open::engine(address, Access::Administer)?;
    let Some(writer) = engine.writer.as_ref().map(super::super::super::writer::Writer::handle) else {
        return Ok(());
    };
    writer.write(Scope::Everything, usize::MAX, |work| {
        while let Some(store) = rollups::waiting(work)? {
            rollups::fold_some(work, store, |_| true)?;
        }
        Ok(())
    })?;
    let due = Due { longest: LONGEST, at };
    let database = Database::parse(address)?;
    round(&database, &writer, &mut None, (due, Pace::Alone)).map(|_| ())
}
