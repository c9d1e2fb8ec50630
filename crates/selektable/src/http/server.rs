//! The accept loop: connections with limits, and a stop that finishes what has begun.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use http::{Request, Response, header};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tower::Service;

use super::framing::ConflictingLength;
use super::metrics;
use super::timed_io::{HEAD_BYTES_MAX, TimedIo, Track};
use super::tracked::{AnswerBody, RequestBody};
use crate::config::ConnectionLimits;
use crate::lifecycle::Lifecycle;

const HEADERS_MAX: usize = 100;
/// What hyper reads at once; bodies are counted where they are read.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Pause after a failed accept, which mostly means that there are no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until the lifecycle drains, then finishes what has begun, within `limits.drain`. What has not ended by
/// then is cut; says how many connections that were.
pub async fn serve(
    router: Router,
    listener: TcpListener,
    limits: ConnectionLimits,
    lifecycle: Lifecycle,
) -> usize {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let connections = TaskTracker::new();
    // Connections are told only after the door is closed: whoever sees one go finds no new one.
    let (let_go, cut) = (Lifecycle::default(), Lifecycle::default());
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = lifecycle.drained() => break,
        };
        if let Some((socket, peer, place)) = accepted {
            let router = router.clone();
            let (let_go, cut) = (let_go.clone(), cut.clone());
            connections.spawn(async move {
                tokio::select! {
                    () = converse(router, socket, peer, limits, let_go) => {}
                    () = cut.drained() => {}
                }
                drop(place);
                metrics::connection_closed();
            });
        }
    }
    drop(listener);
    let_go.drain();
    connections.close();
    let left = tokio::time::timeout(limits.drain, connections.wait()).await.map_or(connections.len(), |()| 0);
    cut.drain();
    connections.wait().await;
    left
}

/// The next connection, once there is a place for it; until then clients wait in the system's queue.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((socket, peer)) => {
            metrics::connection_opened();
            Some((socket, peer, place))
        }
        Err(error) => {
            if !concerns_one_client(&error) {
                tracing::error!(%error, "connections can't be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// One connection, from its first byte to its last.
async fn converse(
    router: Router,
    socket: TcpStream,
    peer: SocketAddr,
    limits: ConnectionLimits,
    let_go: Lifecycle,
) {
    // Answers are small: without this each may wait for the client's delayed acknowledgement.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a socket option was refused");
    }
    let track = Track::new();
    let io = TokioIo::new(TimedIo::new(socket, track.clone(), limits));
    let service = service_fn(move |request| answer(router.clone(), request, track.clone(), peer, limits));
    let connection = http1::Builder::new()
        .max_headers(HEADERS_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .header_read_timeout(None)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = let_go.drained() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    track: Track,
    peer: SocketAddr,
    limits: ConnectionLimits,
) -> Result<Response<AnswerBody>, Infallible> {
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let conflicting = track.begin_request(chunked, !request.body().is_end_stream());
    let mut request = request.map(|body| RequestBody::wrap(body, track.clone(), limits.body));
    request.extensions_mut().insert(ConnectInfo(peer));
    if conflicting {
        request.extensions_mut().insert(ConflictingLength);
    }
    let response = router.call(request).await?;
    Ok(response.map(|body| AnswerBody::new(body, track)))
}
