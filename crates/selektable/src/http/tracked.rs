//! Bodies that tell their connection when they end, and requests' bodies that end in time.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Duration, Sleep, sleep};

use super::timed_io::Track;

/// A request's body did not arrive in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive within {} s", .0.as_secs_f64())]
pub struct BodyTimeout(pub Duration);

impl BodyTimeout {
    /// Finds it behind another error.
    #[must_use]
    pub fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        error.downcast_ref().or_else(|| error.source().and_then(Self::behind))
    }
}

/// A request's body: whole within a time, or an error.
pub(super) struct RequestBody {
    inner: Incoming,
    track: Track,
    time: Duration,
    end: Pin<Box<Sleep>>,
}

impl RequestBody {
    pub(super) fn wrap(inner: Incoming, track: Track, time: Duration) -> Body {
        if inner.is_end_stream() {
            return Body::empty();
        }
        Body::new(Self { inner, track, time, end: Box::pin(sleep(time)) })
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_frame(context);
        if this.inner.is_end_stream() || matches!(polled, Poll::Ready(None)) {
            this.track.end_request_body();
        }
        if polled.is_pending() && this.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(Box::new(BodyTimeout(this.time)))));
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body: the connection is idle again after it.
pub(super) struct AnswerBody {
    inner: Body,
    track: Track,
}

impl AnswerBody {
    pub(super) fn new(inner: Body, track: Track) -> Self {
        Self { inner, track }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.track.end_answer();
    }
}
