//! A connection that knows what it is waiting for, and for how long it may.
//!
//! hyper has one time-out, for heads, and it also runs while a kept connection is idle. Here every phase has its
//! own: a head 10 s, idling 60 s, a reader that takes nothing 30 s (the body's 30 s are counted in
//! [`super::tracked`]). An answer that hyper writes by itself, to what is no request, becomes one of ours: a problem
//! with a request id.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Duration, Instant, Sleep, sleep_until};

use super::unread;
use crate::config::ConnectionLimits;

/// Largest head of a request: more is answered 431.
pub(super) const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long bytes that nobody will read are taken after an early answer, so that it is not lost in a reset.
const LINGER: Duration = Duration::from_secs(2);

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A head is being read, since this moment.
    Head(Instant),
    /// Nothing is asked, since this moment.
    Idle(Instant),
    /// A request is being answered.
    Busy,
    /// The answer is complete but not yet handed to the system.
    Ending,
}

struct State {
    phase: Phase,
    /// The head's bytes, for what hyper does not tell about it.
    head: Vec<u8>,
    /// Whether bytes may arrive that nobody will read.
    unread: bool,
}

/// What the socket and the requests on it know of each other.
#[derive(Clone)]
pub(super) struct Track(Arc<Mutex<State>>);

impl Track {
    /// A new connection: its first head is due.
    pub(super) fn new() -> Self {
        let phase = Phase::Head(Instant::now());
        Self(Arc::new(Mutex::new(State { phase, head: Vec::new(), unread: false })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request's head was read; tells whether it announced a body's length twice, which hyper passes over in
    /// silence and proxies read differently (request smuggling).
    pub(super) fn begin_request(&self, chunked: bool, has_body: bool) -> bool {
        let mut state = self.state();
        state.phase = Phase::Busy;
        state.unread = has_body;
        let conflicting = chunked && names_content_length(&state.head);
        state.head.clear();
        state.head.shrink_to(1_024);
        conflicting
    }

    /// The request's body was read to its end.
    pub(super) fn end_request_body(&self) {
        self.state().unread = false;
    }

    /// The answer's body was taken to its end.
    pub(super) fn end_answer(&self) {
        self.state().phase = Phase::Ending;
    }
}

fn names_content_length(head: &[u8]) -> bool {
    let end = head.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(head.len());
    head[..end]
        .split(|byte| *byte == b'\n')
        .any(|line| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case(b"content-length:")))
}

/// A socket with time-outs.
pub(super) struct TimedIo<S> {
    inner: S,
    track: Track,
    limits: ConnectionLimits,
    /// Fires at or before the deadline of the phase; moved only when it fired, because requests come faster.
    alarm: Pin<Box<Sleep>>,
    stalled: Option<Pin<Box<Sleep>>>,
    lingering: Option<Pin<Box<Sleep>>>,
    /// Our answer in place of hyper's.
    own: Bytes,
}

impl<S: AsyncRead + AsyncWrite + Unpin> TimedIo<S> {
    pub(super) fn new(inner: S, track: Track, limits: ConnectionLimits) -> Self {
        let alarm = Box::pin(sleep_until(Instant::now() + limits.head));
        Self { inner, track, limits, alarm, stalled: None, lingering: None, own: Bytes::new() }
    }

    fn deadline(&self, phase: Phase) -> Option<Instant> {
        match phase {
            Phase::Head(since) => Some(since + self.limits.head),
            Phase::Idle(since) => Some(since + self.limits.idle),
            Phase::Busy | Phase::Ending => None,
        }
    }

    /// Asks to be woken at the phase's deadline, or says that it is over.
    fn watch(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let phase = self.track.state().phase;
        let Some(deadline) = self.deadline(phase) else { return Poll::Pending };
        loop {
            if deadline <= Instant::now() {
                return Poll::Ready(());
            }
            if self.alarm.is_elapsed() || self.alarm.deadline() > deadline {
                self.alarm.as_mut().reset(deadline);
            }
            if self.alarm.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Time is over: whoever began a request is told so, an idle connection just ends.
    fn give_up(&mut self, context: &mut Context<'_>) -> io::Error {
        let began = !self.track.state().head.is_empty();
        if began {
            self.own = unread::answer(unread::HEAD_TIMEOUT);
            // One try: the system's buffer is empty, unless this client never meant to read.
            let _ = self.write_own(context);
        }
        io::ErrorKind::TimedOut.into()
    }

    fn write_own(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.own.has_remaining() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(context, &self.own));
            let written = ready!(self.unless_stalled(context, Poll::Ready(written)))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.own.advance(written);
        }
        Poll::Ready(Ok(()))
    }

    /// Ends a connection whose reader takes nothing.
    fn unless_stalled<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let limit = Instant::now() + self.limits.write_stall;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(limit)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// If no request is being answered, what hyper writes is its own answer to something that is no request.
    fn replace(&mut self, first: &[u8]) -> bool {
        let mut state = self.track.state();
        if !matches!(state.phase, Phase::Head(_) | Phase::Idle(_)) || first.is_empty() {
            return false;
        }
        state.unread = true;
        drop(state);
        if self.own.is_empty() {
            self.own = unread::answer(unread::status_of(first));
        }
        true
    }

    fn note_read(&self, read: &[u8]) {
        let mut state = self.track.state();
        if let Phase::Idle(_) = state.phase {
            state.phase = Phase::Head(Instant::now());
        }
        if let Phase::Head(_) = state.phase {
            let room = HEAD_BYTES_MAX.saturating_sub(state.head.len());
            state.head.extend_from_slice(&read[..read.len().min(room)]);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TimedIo<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        // The deadline is asked first: bytes that trickle in do not move it.
        if this.watch(context).is_ready() {
            return Poll::Ready(Err(this.give_up(context)));
        }
        ready!(Pin::new(&mut this.inner).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            this.note_read(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimedIo<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.replace(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.unless_stalled(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if pieces.first().is_some_and(|first| this.replace(first)) {
            return Poll::Ready(Ok(pieces.iter().map(|piece| piece.len()).sum()));
        }
        let written = Pin::new(&mut this.inner).poll_write_vectored(context, pieces);
        this.unless_stalled(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.write_own(context))?;
        ready!(Pin::new(&mut this.inner).poll_flush(context))?;
        let ended = this.track.state().phase == Phase::Ending;
        if ended {
            this.track.state().phase = Phase::Idle(Instant::now());
            // hyper may wait for the next request already: it would not ask again before something wakes it.
            let _ = this.watch(context);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.write_own(context))?;
        ready!(Pin::new(&mut this.inner).poll_shutdown(context))?;
        if !this.track.state().unread {
            return Poll::Ready(Ok(()));
        }
        let lingering = this.lingering.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + LINGER)));
        if lingering.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut waste = [0_u8; 8 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut waste);
            let read = ready!(Pin::new(&mut this.inner).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
