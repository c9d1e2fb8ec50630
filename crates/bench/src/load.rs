//! A closed-loop load: each connection sends its next request when the last one was answered.
//!
//! Written by hand on a socket because the load shares the machine with the server: a full HTTP client would take
//! half of the processor it is meant to measure.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a run of load showed.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Answered with 200.
    pub(crate) answered: u64,
    /// How long the run took.
    pub(crate) elapsed: Duration,
    /// Microseconds of every request, ascending.
    pub(crate) latencies: Vec<u32>,
}

impl Outcome {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 requests in a bounded run")]
        let answered = self.answered as f64;
        answered / self.elapsed.as_secs_f64()
    }

    /// The latency that `per_mille` of a thousand requests stay within, in milliseconds.
    pub(crate) fn latency_ms(&self, per_mille: usize) -> f64 {
        let place = (self.latencies.len() * per_mille / 1000).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(place).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

/// Which requests to send: the `n`th request's bytes, head and body.
pub(crate) trait Requests: Send + Sync + 'static {
    /// Writes request number `n` into `buffer` (emptied before).
    fn write(&self, n: u64, buffer: &mut Vec<u8>);
}

/// Sends requests over `connections` sockets until `count` requests or `time` are over, whichever comes first.
pub(crate) async fn run<R: Requests>(
    address: std::net::SocketAddr,
    requests: std::sync::Arc<R>,
    connections: u64,
    first: u64,
    count: u64,
    time: Duration,
) -> anyhow::Result<Outcome> {
    ensure!(address.ip().is_loopback(), "load is sent to this machine only, not to {address}");
    let begin = Instant::now();
    let next = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(first));
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            tokio::spawn(connection(address, requests.clone(), next.clone(), first + count, begin + time))
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.append(&mut task.await.context("a connection's task ended early")??);
    }
    latencies.sort_unstable();
    Ok(Outcome { answered: latencies.len() as u64, elapsed: begin.elapsed(), latencies })
}

async fn connection<R: Requests>(
    address: std::net::SocketAddr,
    requests: std::sync::Arc<R>,
    next: std::sync::Arc<std::sync::atomic::AtomicU64>,
    end: u64,
    deadline: Instant,
) -> anyhow::Result<Vec<u32>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut request, mut answer, mut latencies) = (Vec::new(), Vec::with_capacity(4096), Vec::new());
    loop {
        let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let begin = Instant::now();
        if number >= end || begin >= deadline {
            return Ok(latencies);
        }
        request.clear();
        requests.write(number, &mut request);
        stream.write_all(&request).await?;
        read_answer(&mut stream, &mut answer).await?;
        latencies.push(u32::try_from(begin.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
}

/// Reads one answer with a `Content-Length` and makes sure it is a 200.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> anyhow::Result<()> {
    answer.clear();
    loop {
        let read = stream.read_buf(answer).await?;
        ensure!(read > 0, "the server closed a connection in the middle of an answer");
        let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let length = content_length(&answer[..head]).context("an answer without Content-Length")?;
        if answer.len() >= head + 4 + length {
            let line = String::from_utf8_lossy(&answer[..answer.len().min(600)]).into_owned();
            ensure!(answer.starts_with(b"HTTP/1.1 200"), "not a 200: {line}");
            return Ok(());
        }
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))?;
    std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok()
}
