//! Fills sets of decisions in the background: several threads decide, each from snapshots of its own, the one writer
//! only writes what they decided, a little at a time between other writes.
//!
//! Pieces are handed to the writer in their order, so that one number says how far a set is, also after a crash. Of
//! the processes of a server one builds, under a lease that every piece renews; another goes on where it died. Who was
//! late and finds that a piece is there already goes on behind it.

use std::collections::VecDeque;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::db::Connection;
use tokio::sync::oneshot;

use super::database::Database;
use super::generations::{self, Building, Piece};
use super::processes::leases;
use super::same_state::threads;
use super::work::Work;
use super::writer::WriterHandle;
use crate::postgres::locks::Scope;
use crate::{StoreError, StoreResult};

/// Pieces decided from one snapshot: enough to look product groups up once for many orders, and short enough not to
/// hold the log back.
const PIECES_A_SNAPSHOT: usize = 4;
/// Pieces of one thread that may wait for the writer.
const PIECES_WAITING_MAX: usize = 4;
/// How often the thread looks for what another process began.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The lease of who builds, and its length: longer than a piece takes.
const LEASE: &str = "build";
const LEASE_FOR: Duration = Duration::from_secs(10);
/// Pause between two tries to get it.
const LEASE_RETRY: Duration = Duration::from_millis(200);
/// Pause after a failed try.
const RETRY: Duration = Duration::from_secs(5);

/// The thread of a serving process.
pub(super) struct Builder {
    wake: Waker,
    stop: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Has the thread look for work at once.
#[derive(Clone)]
pub(super) struct Waker(SyncSender<()>);

impl Waker {
    /// A full channel means that it is going to look anyway.
    pub(super) fn wake(&self) {
        let _ = self.0.try_send(());
    }
}

/// A waker and the other end of it, for [`Builder::start`].
pub(super) fn waker() -> (Waker, Receiver<()>) {
    let (sender, receiver) = sync_channel(1);
    (Waker(sender), receiver)
}

impl Builder {
    /// Starts the thread.
    pub(super) fn start(
        database: Database,
        writer: WriterHandle,
        (wake, receiver): (Waker, Receiver<()>),
    ) -> StoreResult<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("store-builder".to_owned())
            .spawn(move || serve(&database, &writer, &receiver, &stopped))
            .map_err(|fault| StoreError::Unavailable(fault.to_string()))?;
        Ok(Self { wake, stop, thread: Mutex::new(Some(thread)) })
    }

    /// Has it look for work at once.
    pub(super) fn wake(&self) {
        self.wake.wake();
    }

    /// Ends the thread after the piece it is at.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wake.wake();
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        // A thread that panicked has nothing left to say.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(database: &Database, writer: &WriterHandle, wake: &Receiver<()>, stop: &AtomicBool) {
    let mut pause = Duration::ZERO;
    loop {
        match wake.recv_timeout(pause) {
            Err(RecvTimeoutError::Disconnected) => return,
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
        pause = LOOK_EVERY;
        if let Err(fault) = build(database, writer, stop).and_then(|()| sweep(database, writer, stop)) {
            if fault == StoreError::Closed {
                return;
            }
            tracing::warn!(%fault, "a set of decisions could not be built; trying later");
            pause = RETRY;
        }
    }
}

/// Does all there is to do, for a process that does not serve; says nothing of how far it is.
pub(super) fn work_off(database: &Database, writer: &WriterHandle) -> StoreResult<()> {
    let stop = AtomicBool::new(false);
    build(database, writer, &stop)?;
    sweep(database, writer, &stop)
}

/// The right to do what one process does at a time, by the name of its lease; without a holder where one process serves
/// anyway.
#[derive(Clone)]
pub(super) struct Turn(&'static str, Option<String>);

impl Turn {
    /// For one round.
    pub(super) fn new(connection: &Connection, lease: &'static str) -> StoreResult<Self> {
        let name = |_: &crate::postgres::Client| {
            connection.query_row("SELECT CAST(gen_random_uuid() AS TEXT)", (), |row| row.get(0))
        };
        Ok(Self(lease, connection.postgres().map(name).transpose()?))
    }

    /// Takes it or holds on to it, within the transaction of what is done.
    pub(super) fn hold(&self, work: &Work<'_>) -> StoreResult<bool> {
        self.1.as_ref().map_or(Ok(true), |holder| leases::hold(work, self.0, holder, LEASE_FOR))
    }

    /// Takes it, unless another process has it.
    fn take(&self, writer: &WriterHandle) -> StoreResult<bool> {
        let turn = self.clone();
        self.1
            .as_ref()
            .map_or(Ok(true), |_| writer.write(Scope::Installation, 1, move |work| turn.hold(work)))
    }

    /// Gives it back; where that fails it ends by itself.
    pub(super) fn give_back(&self, writer: &WriterHandle) {
        let lease = self.0;
        if let Some(holder) = self.1.clone() {
            let released =
                writer.write(Scope::Installation, 1, move |work| leases::release(work, lease, &holder));
            if let Err(fault) = released {
                tracing::debug!(%fault, lease, "a lease was not given back");
            }
        }
    }
}

/// Builds and shows every set that is begun, until there is none; waits while another process builds.
fn build(database: &Database, writer: &WriterHandle, stop: &AtomicBool) -> StoreResult<()> {
    let connection = database.reading()?;
    if generations::next_building(&Work::new(&connection))?.is_none() {
        return Ok(());
    }
    let turn = Turn::new(&connection, LEASE)?;
    let built = build_in_turn(database, writer, &connection, &turn, stop);
    turn.give_back(writer);
    built
}

fn build_in_turn(
    database: &Database,
    writer: &WriterHandle,
    connection: &Connection,
    turn: &Turn,
    stop: &AtomicBool,
) -> StoreResult<()> {
    while !stop.load(Ordering::Relaxed) {
        let Some(building) = generations::next_building(&Work::new(connection))? else { return Ok(()) };
        if !turn.take(writer)? {
            std::thread::sleep(LEASE_RETRY);
            continue;
        }
        let end = fill(database, writer, building, turn, stop)?;
        if let Some(built_to) = end {
            let built = Building { built_to, ..building };
            if writer.write(Scope::Store(building.store), 1, move |work| generations::show(work, built))? {
                tracing::info!(store = building.store, "decisions made again are shown");
            }
        }
    }
    Ok(())
}

/// Deletes retired sets, little by little, as long as there is nothing to build.
fn sweep(database: &Database, writer: &WriterHandle, stop: &AtomicBool) -> StoreResult<()> {
    let connection = database.reading()?;
    let sql = "SELECT EXISTS (SELECT 1 FROM generations WHERE state = 'retired') \
               AND NOT EXISTS (SELECT 1 FROM generations WHERE state = 'building')";
    while !stop.load(Ordering::Relaxed) && connection.query_row(sql, (), |row| row.get(0))? {
        writer.write(Scope::Installation, 1, generations::sweep)?;
    }
    Ok(())
}

/// The order in which pieces are taken and handed over.
struct Line {
    state: Mutex<State>,
    moved: Condvar,
}

struct State {
    building: Building,
    /// Number of the last conversion that was taken.
    taken_to: i64,
    /// Number of the next piece that is taken, and of the next that is handed over.
    taken: u64,
    handed: u64,
    /// No more pieces: all are taken, or the set is somebody else's, or something failed.
    over: bool,
    /// All are taken.
    complete: bool,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece and its place in the line.
    fn take(&self, work: &Work<'_>) -> StoreResult<Option<(u64, Piece)>> {
        let mut state = self.state();
        if state.over {
            return Ok(None);
        }
        let Some(piece) = generations::piece_after(work, state.building, state.taken_to)? else {
            (state.over, state.complete) = (true, true);
            return Ok(None);
        };
        state.taken_to = piece.to;
        state.taken += 1;
        Ok(Some((state.taken - 1, piece)))
    }

    /// Waits for a place's turn and hands its piece over; `None` when nobody wants it any more.
    fn hand<T>(&self, place: u64, hand: impl FnOnce() -> StoreResult<T>) -> StoreResult<Option<T>> {
        let mut state = self.state();
        while state.handed != place && (state.complete || !state.over) {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.handed != place {
            return Ok(None);
        }
        let handed = hand();
        state.handed += 1;
        self.moved.notify_all();
        handed.map(Some)
    }

    fn give_up(&self) {
        let mut state = self.state();
        (state.over, state.complete) = (true, false);
        self.moved.notify_all();
    }
}

/// Fills one set; answers the number of its last conversion, or `None` when it was given up meanwhile.
fn fill(
    database: &Database,
    writer: &WriterHandle,
    building: Building,
    turn: &Turn,
    stop: &AtomicBool,
) -> StoreResult<Option<i64>> {
    let taken_to = building.built_to;
    let state = State { building, taken_to, taken: 0, handed: 0, over: false, complete: false };
    let line = Line { state: Mutex::new(state), moved: Condvar::new() };
    let ends: Vec<StoreResult<()>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads())
            .map(|_| {
                scope.spawn(|| {
                    let _release = ReleaseOnPanic(&line);
                    let end = decide_pieces(database, writer, turn, &line, stop);
                    if end.is_err() {
                        line.give_up();
                    }
                    end
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(panicked()))).collect()
    });
    ends.into_iter().collect::<StoreResult<()>>()?;
    let state = line.state();
    Ok(state.complete.then_some(state.taken_to))
}

/// Nobody waits for the turn of a thread that panicked.
struct ReleaseOnPanic<'a>(&'a Line);

impl Drop for ReleaseOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}

fn panicked() -> StoreError {
    StoreError::Unavailable("a thread that decides panicked: see the log".to_owned())
}

type Answer = oneshot::Receiver<StoreResult<bool>>;

/// One thread's part.
fn decide_pieces(
    database: &Database,
    writer: &WriterHandle,
    turn: &Turn,
    line: &Line,
    stop: &AtomicBool,
) -> StoreResult<()> {
    let connection = database.scanning()?;
    let mut waiting = VecDeque::new();
    let mut more = true;
    while more {
        let snapshot = connection.snapshot()?;
        more = decide_some(&connection, (writer, turn), line, stop, &mut waiting)?;
        drop(snapshot);
    }
    waiting.into_iter().try_for_each(|answer| written(line, answer))
}

/// Decides pieces from one snapshot; `false` when there are no more.
fn decide_some(
    connection: &Connection,
    (writer, turn): (&WriterHandle, &Turn),
    line: &Line,
    stop: &AtomicBool,
    waiting: &mut VecDeque<Answer>,
) -> StoreResult<bool> {
    let work = Work::new(connection);
    for _ in 0..PIECES_A_SNAPSHOT {
        if stop.load(Ordering::Relaxed) {
            line.give_up();
            return Ok(false);
        }
        let Some((place, piece)) = line.take(&work)? else { return Ok(false) };
        let built = generations::decide(&work, piece)?;
        // Some pieces of each thread wait for the disk while the next are decided; few, so memory stays bounded.
        if waiting.len() >= PIECES_WAITING_MAX
            && let Some(answer) = waiting.pop_front()
        {
            written(line, answer)?;
        }
        let (whose, count) = (Scope::Store(piece.building.store), built.len().max(1));
        let turn = turn.clone();
        let write = move |work: &Work<'_>| Ok(turn.hold(work)? && generations::write(work, piece, &built)?);
        let hand = || writer.submit(whose, count, write);
        let Some(answer) = line.hand(place, hand)? else { return Ok(false) };
        waiting.push_back(answer);
    }
    Ok(true)
}

/// Waits for a piece to be on disk. One that was not wanted ends the line: the set is looked at anew.
fn written(line: &Line, answer: Answer) -> StoreResult<()> {
    if !answer.blocking_recv().unwrap_or(Err(StoreError::Closed))? {
        line.give_up();
    }
    Ok(())
}
