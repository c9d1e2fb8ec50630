//! The one thread that writes. It takes everything that waits into one transaction and answers each request only
//! after the commit, so that sixty-four requests cost one disk flush.
//!
//! A pool of writing connections was measured too: a fifth of the throughput, stalls of seconds, a log a hundred
//! times as large.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::database::{Database, Serving};
use super::error::is_of_storage;
use super::figures::rollups;
use super::work::Work;
use super::{ahead, redecide};
use crate::db::{Begin, Connection};
use crate::ingest::OrderDelivery;
use crate::postgres::Client;
use crate::postgres::locks::{self, Chore, Scope};
use crate::sqlite::open::BUSY_TIMEOUT;
use crate::{StoreError, StoreResult};

/// Most orders (or other writes) in one transaction.
const TRANSACTION_WRITES_MAX: usize = 512;
/// Most requests that may wait; more are told to come back.
const WAITING_MAX: usize = 4_096;
/// Most times that a transaction is begun again because another process was in the way.
const TRIES_MAX: u32 = 8;
/// How long the server is asked what became of a commit.
const OUTCOME_WITHIN: Duration = Duration::from_secs(5);
/// Pause between two such questions.
const OUTCOME_PAUSE: Duration = Duration::from_millis(100);
/// Pause after a failed try to decide again.
const REDECIDE_RETRY: Duration = Duration::from_secs(5);
/// How long what changed of sums waits at most before it is folded into them: long enough to fold a second's changes
/// of the present quarter of an hour at once.
const FOLD_AFTER: Duration = Duration::from_secs(1);
/// How often it is looked for what a process left to do that died.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long a fold may take, and the pauses after one that left something: while others write, and while nobody does.
/// It takes longer to fold a quarter more than was added since the one before, up to a number of rows: under any load
/// less and less waits.
const FOLD_FOR: Duration = Duration::from_millis(10);
const FOLD_ROWS_MAX: usize = 1_024;
const FOLD_PAUSE_BUSY: Duration = Duration::from_millis(30);
const FOLD_PAUSE_IDLE: Duration = Duration::from_millis(5);

/// The other end of the writing thread.
pub(super) struct Writer {
    sender: SyncSender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread needs.
pub(super) struct WriterParts {
    /// Its connection.
    pub connection: Connection,
    /// Where to connect again.
    pub database: Database,
    /// Held as long as the thread lives, by a process that serves.
    pub serving: Option<Serving>,
    /// Called after a commit that changed keys, stores or widgets, before it is answered.
    pub on_settings_changed: Box<dyn Fn() + Send>,
}

enum Message {
    Write(Box<dyn Write>),
    /// Rules may have changed: look whether something is to be decided again.
    Redecide,
    Close(oneshot::Sender<StoreResult<()>>),
}

/// One request, waiting.
trait Write: Send {
    /// Does it; may be called again after a rollback.
    fn run(&mut self, work: &Work<'_>) -> StoreResult<()>;
    /// Answers it: with what it did, or with why nothing of it is stored.
    fn answer(self: Box<Self>, end: StoreResult<()>);
    /// How many single writes it stands for.
    fn writes(&self) -> usize;
    /// What it writes.
    fn scope(&self) -> Scope;
    /// The orders it takes in.
    fn orders(&self) -> &[OrderDelivery];
}

struct Pending<T, F> {
    run: F,
    orders: Arc<[OrderDelivery]>,
    scope: Scope,
    writes: usize,
    done: Option<T>,
    reply: oneshot::Sender<StoreResult<T>>,
}

impl<T: Send, F: FnMut(&Work<'_>) -> StoreResult<T> + Send> Write for Pending<T, F> {
    fn run(&mut self, work: &Work<'_>) -> StoreResult<()> {
        self.done = Some((self.run)(work)?);
        Ok(())
    }

    fn answer(self: Box<Self>, end: StoreResult<()>) {
        let Self { done, reply, .. } = *self;
        let answer = end.and_then(|()| done.ok_or(StoreError::Closed));
        // Nobody waits any more when the request was given up; the write stands all the same.
        let _ = reply.send(answer);
    }

    fn writes(&self) -> usize {
        self.writes
    }

    fn scope(&self) -> Scope {
        self.scope
    }

    fn orders(&self) -> &[OrderDelivery] {
        &self.orders
    }
}

/// A way to the writing thread for other threads of the engine. It ends with the [`Writer`].
#[derive(Clone)]
pub(super) struct WriterHandle(SyncSender<Message>);

impl WriterHandle {
    /// Hands a write over, after those handed over before; waits while too many do. What it answers comes after the
    /// commit.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        scope: Scope,
        writes: usize,
        run: impl FnMut(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<oneshot::Receiver<StoreResult<T>>> {
        let (reply, answer) = oneshot::channel();
        let pending = Pending { run, orders: Arc::default(), scope, writes, done: None, reply };
        self.0.send(Message::Write(Box::new(pending))).map_err(|_| StoreError::Closed)?;
        Ok(answer)
    }

    /// Writes and waits for the commit.
    pub(super) fn write<T: Send + 'static>(
        &self,
        scope: Scope,
        writes: usize,
        run: impl FnMut(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.submit(scope, writes, run)?.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl Writer {
    /// A way to it for other threads of the engine.
    pub(super) fn handle(&self) -> WriterHandle {
        WriterHandle(self.sender.clone())
    }

    /// Starts the thread.
    pub(super) fn start(parts: WriterParts) -> StoreResult<Self> {
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let redecide_at = parts.serving.as_ref().map(|_| Instant::now());
        let fold_at = redecide_at;
        let writing =
            Writing { parts, receiver, held: None, redecide_at, fold_at, fold_rows: 0, log_to_empty: false };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writing.serve())
            .map_err(|fault| StoreError::Unavailable(fault.to_string()))?;
        Ok(Self { sender, thread: Mutex::new(Some(thread)) })
    }

    /// Writes; answered after the commit. `writes` says how much of a transaction it is.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        scope: Scope,
        writes: usize,
        run: impl FnMut(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Pending { run, orders: Arc::default(), scope, writes, done: None, reply })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Writes what takes orders in.
    pub(super) async fn write_orders<T: Send + 'static>(
        &self,
        scope: Scope,
        orders: Arc<[OrderDelivery]>,
        run: impl FnMut(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (reply, answer) = oneshot::channel();
        let writes = orders.len();
        self.send(Pending { run, orders, scope, writes, done: None, reply })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    fn send(&self, write: impl Write + 'static) -> StoreResult<()> {
        self.sender.try_send(Message::Write(Box::new(write))).map_err(|fault| match fault {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }

    /// Lets the thread look for conversions to decide again.
    pub(super) fn look_for_changed_rules(&self) {
        // A full queue means that the thread is awake, and it looks by itself when it wrote the change itself.
        let _ = self.sender.try_send(Message::Redecide);
    }

    /// Finishes what is queued, then ends the thread.
    pub(super) async fn close(&self) -> StoreResult<()> {
        let (reply, answer) = oneshot::channel();
        let mut message = Message::Close(reply);
        loop {
            match self.sender.try_send(message) {
                Ok(()) => break,
                Err(TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
                Err(TrySendError::Full(back)) => {
                    message = back;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
        let closed = answer.await.unwrap_or(Err(StoreError::Closed));
        self.join();
        closed
    }

    fn join(&self) {
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        // A thread that panicked has nothing left to say.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let (reply, _) = oneshot::channel();
        // Disconnected means that it ended already.
        let _ = self.sender.send(Message::Close(reply));
        self.join();
    }
}

/// The thread's side.
struct Writing {
    parts: WriterParts,
    receiver: Receiver<Message>,
    /// Taken from the queue, and too much for the transaction it would have come into.
    held: Option<Message>,
    /// When to decide some more conversions again; `None` when there are none left.
    redecide_at: Option<Instant>,
    /// When to fold changes of sums; `None` when there are none. See [`rollups`].
    fold_at: Option<Instant>,
    /// Rows to be folded that were added since the last fold.
    fold_rows: usize,
    /// Something was erased, and the write-ahead log still holds it.
    log_to_empty: bool,
}

/// What there is to do in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chores {
    /// Nothing.
    None,
    /// Something was done, and there may be more.
    More,
    /// Another process is at it.
    Elsewhere,
}

enum Next {
    Message(Message),
    Redecide,
    Fold,
    End,
}

impl Writing {
    fn serve(mut self) {
        loop {
            match self.next() {
                Next::End => return,
                Next::Redecide => self.redecide_some(),
                Next::Fold => self.fold_some(FOLD_PAUSE_IDLE),
                Next::Message(Message::Redecide) => self.redecide_soon(),
                Next::Message(Message::Close(reply)) => {
                    self.close(reply);
                    return;
                }
                Next::Message(Message::Write(write)) => {
                    let batch = self.gather(write);
                    self.commit(batch);
                    // Also under load the rest goes on, a little after every batch.
                    if self.redecide_at.is_some_and(|at| at <= Instant::now()) {
                        self.redecide_some();
                    }
                    if self.fold_at.is_some_and(|at| at <= Instant::now()) {
                        self.fold_some(FOLD_PAUSE_BUSY);
                    }
                }
            }
        }
    }

    fn next(&mut self) -> Next {
        if let Some(held) = self.held.take() {
            return Next::Message(held);
        }
        let (redecide, fold) = (self.redecide_at, self.fold_at);
        let Some(at) = redecide.into_iter().chain(fold).min() else {
            return self.receiver.recv().map_or(Next::End, Next::Message);
        };
        match self.receiver.recv_timeout(at.saturating_duration_since(Instant::now())) {
            Ok(message) => Next::Message(message),
            Err(RecvTimeoutError::Timeout) if redecide == Some(at) => Next::Redecide,
            Err(RecvTimeoutError::Timeout) => Next::Fold,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    /// Everything that waits, up to the size of a transaction.
    fn gather(&mut self, first: Box<dyn Write>) -> Vec<Box<dyn Write>> {
        let mut size = first.writes();
        let mut batch = vec![first];
        while size < TRANSACTION_WRITES_MAX {
            match self.receiver.try_recv() {
                Ok(Message::Write(write)) if write.writes() <= TRANSACTION_WRITES_MAX - size => {
                    size += write.writes();
                    batch.push(write);
                }
                Ok(Message::Redecide) => self.redecide_soon(),
                Ok(other) => {
                    self.held = Some(other);
                    break;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        batch
    }

    /// Commits a batch and answers it. A fault of the storage ends all of it; a fault of one request only that one:
    /// the others are then done one by one.
    fn commit(&mut self, mut batch: Vec<Box<dyn Write>>) {
        match self.attempt(&mut batch) {
            Err(fault) if batch.len() > 1 && !is_of_storage(&fault) => {
                for write in batch {
                    self.commit(vec![write]);
                }
            }
            end => {
                if let Err(fault) = &end {
                    tracing::warn!(%fault, writes = batch.len(), "nothing of these writes was stored");
                }
                for write in batch {
                    write.answer(end.clone());
                }
                if let Err(fault) = end {
                    self.refuse_waiting(&fault);
                }
            }
        }
    }

    /// Answers all that came while a database that is away was waited for: each would wait as long again.
    fn refuse_waiting(&mut self, fault: &StoreError) {
        while self.parts.connection.is_broken() && self.held.is_none() {
            match self.receiver.try_recv() {
                Ok(Message::Write(write)) => write.answer(Err(fault.clone())),
                Ok(Message::Redecide) => self.redecide_soon(),
                Ok(Message::Close(reply)) => self.held = Some(Message::Close(reply)),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }

    fn attempt(&mut self, batch: &mut [Box<dyn Write>]) -> StoreResult<()> {
        let scopes: Vec<Scope> = batch.iter().map(|write| write.scope()).collect();
        let mut tries = 0;
        let (settings_changed, log_to_empty) = loop {
            let end = self.transaction(&scopes, |work| {
                ahead::for_orders(work, batch.iter().flat_map(|write| write.orders()))?;
                batch.iter_mut().try_for_each(|write| write.run(work))?;
                Ok((work.settings_changed(), work.log_to_empty()))
            });
            match end {
                // Another process was in the way, and the database chose this one to give way.
                Err(StoreError::Busy) if tries < TRIES_MAX && self.parts.connection.postgres().is_some() => {
                    tries += 1;
                }
                end => break end?,
            }
        };
        if log_to_empty || self.log_to_empty {
            self.empty_log();
        }
        if settings_changed {
            (self.parts.on_settings_changed)();
            self.redecide_soon();
        }
        Ok(())
    }

    /// One transaction; rolled back when anything in it fails. A panic in it must not end the only writer.
    fn transaction<T>(
        &mut self,
        scopes: &[Scope],
        run: impl FnOnce(&Work<'_>) -> StoreResult<T>,
    ) -> StoreResult<T> {
        if self.parts.connection.is_broken() {
            self.parts.connection = self.parts.database.writing_again()?;
        }
        self.begin()?;
        let connection = &self.parts.connection;
        let ran = catch_unwind(AssertUnwindSafe(|| {
            locks::take(connection, scopes.iter().copied())?;
            let work = Work::writing(connection);
            let done = run(&work)?;
            Ok((done, rollups::flush(&work)?))
        }));
        let end = match ran {
            Ok(Ok(done)) => self.end(done),
            Ok(Err(fault)) => Err(fault),
            Err(_) => Err(StoreError::Inconsistent {
                table: "facts",
                row: "?".to_owned(),
                detail: "a write panicked: see the log".to_owned(),
            }),
        };
        if end.is_err() {
            self.parts.connection.roll_back();
        }
        let (done, rows) = end?;
        self.fold_rows += rows;
        if rows > 0 && self.parts.serving.is_some() {
            let soon = Instant::now() + FOLD_AFTER;
            self.fold_at = Some(self.fold_at.map_or(soon, |at| at.min(soon)));
        }
        Ok(done)
    }

    /// Begins a transaction. A connection that broke while nobody used it is only found out here, and nothing is lost yet.
    fn begin(&mut self) -> StoreResult<()> {
        match self.parts.connection.begin(Begin::Write) {
            Err(_) if self.parts.connection.is_broken() => {
                self.parts.connection = self.parts.database.writing_again()?;
                Ok(self.parts.connection.begin(Begin::Write)?)
            }
            begun => Ok(begun?),
        }
    }

    /// Commits. When the connection broke before the answer came, the server is asked what became of it.
    fn end<T>(&mut self, done: T) -> StoreResult<T> {
        let number = self.parts.connection.postgres().and_then(Client::transaction);
        let fault = match self.parts.connection.commit() {
            Ok(()) => return Ok(done),
            Err(fault) => StoreError::from(fault),
        };
        let Some(number) = number.filter(|_| self.parts.connection.is_broken()) else { return Err(fault) };
        let deadline = Instant::now() + OUTCOME_WITHIN;
        while Instant::now() < deadline {
            match self.outcome(number) {
                Ok(Some(true)) => {
                    tracing::info!("the connection broke during a commit, which the server made");
                    return Ok(done);
                }
                Ok(Some(false)) => return Err(fault),
                // The session that commits may not be over yet, or the server not yet back.
                Ok(None) | Err(_) => std::thread::sleep(OUTCOME_PAUSE),
            }
        }
        Err(fault)
    }

    fn outcome(&mut self, number: i64) -> StoreResult<Option<bool>> {
        if self.parts.connection.is_broken() {
            self.parts.connection = self.parts.database.writing_again()?;
        }
        match self.parts.connection.postgres() {
            Some(client) => Ok(client.outcome(number)?),
            None => Ok(None),
        }
    }

    /// Writes the log back and cuts it off, because it holds what was erased. A reader can hold that up; nobody waits
    /// for it: it is tried again after later writes, after a pause, and at the end.
    fn empty_log(&mut self) {
        let Some(connection) = self.parts.connection.sqlite() else { return };
        let truncate = || {
            connection.busy_timeout(Duration::ZERO)?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok(row.get::<_, i64>(0)? != 0))
        };
        let was_held_up = std::mem::replace(&mut self.log_to_empty, truncate().unwrap_or(true));
        if let Err(fault) = connection.busy_timeout(BUSY_TIMEOUT) {
            tracing::warn!(%fault, "the writer does not wait for locks any more");
        }
        if self.log_to_empty {
            if !was_held_up {
                tracing::info!(
                    "what was erased is still in the write-ahead log, which is being read; trying again"
                );
            }
            if self.parts.serving.is_some() {
                self.redecide_at.get_or_insert_with(|| Instant::now() + REDECIDE_RETRY);
            }
        }
    }

    /// Only the serving process decides again; what an administrative one changes waits for it.
    fn redecide_soon(&mut self) {
        if self.parts.serving.is_some() {
            self.redecide_at = Some(Instant::now());
            // What changed may also be that sums are to be made anew.
            self.fold_at = self.redecide_at;
        }
    }

    /// Folds some changes into sums; `pause` is the time for others before the next.
    fn fold_some(&mut self, pause: Duration) {
        self.fold_at = None;
        let end = Instant::now() + FOLD_FOR;
        let added = std::mem::take(&mut self.fold_rows);
        let least = (added + added / 4).min(FOLD_ROWS_MAX);
        let goes_on = |rows| rows < least || Instant::now() < end;
        let mut rows = 0;
        let done = loop {
            match self.fold_stores(&mut rows, goes_on) {
                // Of a server each store has a transaction of its own.
                Ok(Chores::More) if goes_on(rows) => {}
                done => break done,
            }
        };
        self.fold_at = match done {
            Ok(Chores::None) => self.next_look(),
            Ok(Chores::More) => Some(Instant::now() + pause),
            Ok(Chores::Elsewhere) => {
                self.fold_rows += added;
                Some(Instant::now() + pause)
            }
            Err(fault) => {
                tracing::warn!(%fault, "sums for reports could not be brought up to date; trying later");
                self.refuse_waiting(&fault);
                Some(Instant::now() + REDECIDE_RETRY)
            }
        }
    }

    /// Folds in one transaction: of a server one store's, under that store's lock, of a file whatever waits. Adds to
    /// `rows` how many it folded.
    fn fold_stores(&mut self, rows: &mut usize, goes_on: impl Fn(usize) -> bool) -> StoreResult<Chores> {
        let before = *rows;
        let (chores, done) = self.transaction(&[], |work| {
            let mut done = 0;
            if !locks::take_chore(work.connection, Chore::Fold)? {
                return Ok((Chores::Elsewhere, done));
            }
            while let Some(store) = rollups::waiting(work)? {
                if !locks::take_soon(work.connection, store)? {
                    return Ok((Chores::Elsewhere, done));
                }
                done += rollups::fold_some(work, store, |more| goes_on(before + done + more))?;
                if work.connection.postgres().is_some() || !goes_on(before + done) {
                    return Ok((Chores::More, done));
                }
            }
            Ok((Chores::None, done))
        })?;
        *rows += done;
        Ok(chores)
    }

    /// Another process may die and leave something; of a file there is none.
    fn next_look(&self) -> Option<Instant> {
        self.parts.connection.postgres().map(|_| Instant::now() + LOOK_EVERY)
    }

    fn redecide_some(&mut self) {
        self.redecide_at = None;
        if self.log_to_empty {
            self.empty_log();
        }
        let done = self.redecide_chunk();
        match done {
            Ok((chores, settings_changed)) => {
                self.redecide_at = match chores {
                    Chores::None => self.next_look(),
                    Chores::More => Some(Instant::now()),
                    Chores::Elsewhere => Some(Instant::now() + FOLD_AFTER),
                };
                if settings_changed {
                    (self.parts.on_settings_changed)();
                }
            }
            Err(fault) => {
                tracing::warn!(%fault, "conversions could not be decided again; trying later");
                self.refuse_waiting(&fault);
                self.redecide_at = Some(Instant::now() + REDECIDE_RETRY);
            }
        }
    }

    /// Decides some conversions of one store again; says whether there were any, and whether settings changed.
    fn redecide_chunk(&mut self) -> StoreResult<(Chores, bool)> {
        self.transaction(&[], |work| {
            if !locks::take_chore(work.connection, Chore::Redecide)? {
                return Ok((Chores::Elsewhere, false));
            }
            let Some(store) = redecide::pending(work)? else { return Ok((Chores::None, false)) };
            locks::take(work.connection, [Scope::Store(store)])?;
            redecide::next_chunk(work, store)?;
            Ok((Chores::More, work.settings_changed()))
        })
    }

    fn close(self, reply: oneshot::Sender<StoreResult<()>>) {
        let WriterParts { connection, serving, .. } = self.parts;
        let closed = match connection {
            Connection::Postgres(_) => Ok(()),
            Connection::Sqlite(connection) => {
                // A checkpoint that readers of another process hold up is no loss: the log stays beside the file.
                let written_back = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
                written_back.and_then(|()| connection.close().map_err(|(_, fault)| fault))
            }
        };
        drop(serving);
        let _ = reply.send(closed.map_err(StoreError::from));
    }
}
