//! The one thread that writes. It takes everything that waits into one transaction and answers each request only
//! after the commit, so that sixty-four requests cost one disk flush.
//!
//! A pool of writing connections was measured too: a fifth of the throughput, stalls of seconds, a log a hundred
//! times as large.

use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::database::{Database, Serving};
use super::work::Work;
use super::writing::Writing;
use crate::db::Connection;
use crate::ingest::OrderDelivery;
use crate::postgres::locks::Scope;
use crate::{StoreError, StoreResult};

/// Most requests that may wait; more are told to come back.
const WAITING_MAX: usize = 4_096;

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

/// What waits for the thread.
pub(super) enum Message {
    Write(Box<dyn Write>),
    /// Rules may have changed: look whether something is to be decided again.
    Redecide,
    Close(oneshot::Sender<StoreResult<()>>),
}

/// One request, waiting.
pub(super) trait Write: Send {
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
        let writing = Writing::new(parts, receiver);
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
