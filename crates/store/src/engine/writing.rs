//! The writing thread's side: one transaction after the other, and between them what is left to do later.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::is_of_storage;
use super::figures::rollups;
use super::work::Work;
use super::writer::{Message, Write, WriterParts};
use super::{ahead, redecide};
use crate::db::{Begin, Connection};
use crate::postgres::Client;
use crate::postgres::locks::{self, Chore, Scope};
use crate::sqlite::open::BUSY_TIMEOUT;
use crate::{StoreError, StoreResult};

/// Most orders (or other writes) in one transaction.
const TRANSACTION_WRITES_MAX: usize = 512;
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

/// The thread's side.
pub(super) struct Writing {
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
    /// Of a thread that is about to start; what a process before left to do is looked for at once.
    pub(super) fn new(parts: WriterParts, receiver: Receiver<Message>) -> Self {
        let begun = parts.serving.as_ref().map(|_| Instant::now());
        Self {
            parts,
            receiver,
            held: None,
            redecide_at: begun,
            fold_at: begun,
            fold_rows: 0,
            log_to_empty: false,
        }
    }

    /// Works until the other end is closed.
    pub(super) fn serve(mut self) {
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
