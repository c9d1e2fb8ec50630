//! A closed-loop load: each connection sends its next request when the last one was answered.
//!
//! Written by hand on a socket because the load shares the machine with the server: a full HTTP client would take
//! half of the processor it is meant to measure.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More requests than any run can send.
pub(crate) const UNBOUNDED: u64 = 1 << 40;

/// Which requests to send: the `n`th request's bytes, head and body.
pub(crate) trait Requests: Send + Sync + 'static {
    /// Writes request number `n` into `buffer` (emptied before); answers how many bytes of it are payload.
    fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize;
    /// Names of the kinds of requests, which are measured apart.
    fn kinds(&self) -> Vec<&'static str>;
    /// Which of [`Requests::kinds`] request number `n` is.
    fn kind(&self, _n: u64) -> usize {
        0
    }
}

/// How much to send: whichever bound is reached first ends the run.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// Sockets.
    pub(crate) connections: u64,
    /// Number of the first request.
    pub(crate) first: u64,
    /// Most requests.
    pub(crate) count: u64,
    /// Longest time.
    pub(crate) time: Duration,
}

/// What a run of load showed.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How long the run took.
    pub(crate) elapsed: Duration,
    /// Bytes of payload that were sent and answered.
    pub(crate) payload_bytes: u64,
    /// Each kind's name and the microseconds of its requests, in no order.
    pub(crate) kinds: Vec<(&'static str, Vec<u32>)>,
}

impl Outcome {
    /// Requests of all kinds that were answered with 200.
    pub(crate) fn answered(&self) -> u64 {
        self.kinds.iter().map(|(_, micros)| micros.len() as u64).sum()
    }
}

/// Sends requests until a bound is reached. An answer that is not a 200 ends the run.
pub(crate) async fn run<R: Requests>(
    address: SocketAddr,
    requests: Arc<R>,
    bounds: Bounds,
) -> anyhow::Result<Outcome> {
    ensure!(address.ip().is_loopback(), "load is sent to this machine only, not to {address}");
    let begin = Instant::now();
    let next = Arc::new(AtomicU64::new(bounds.first));
    let (end, deadline) = (bounds.first.saturating_add(bounds.count), begin + bounds.time);
    let tasks: Vec<_> = (0..bounds.connections)
        .map(|_| {
            let sender = Sender { requests: requests.clone(), next: next.clone(), end, deadline };
            tokio::spawn(sender.send(address))
        })
        .collect();
    let mut outcome = Outcome {
        kinds: requests.kinds().into_iter().map(|name| (name, Vec::new())).collect(),
        ..Outcome::default()
    };
    for task in tasks {
        let sent = task.await.context("a connection's task ended early")??;
        outcome.payload_bytes += sent.payload_bytes;
        for ((_, all), one) in outcome.kinds.iter_mut().zip(sent.micros) {
            all.extend(one);
        }
    }
    outcome.elapsed = begin.elapsed();
    Ok(outcome)
}

struct Sender<R> {
    requests: Arc<R>,
    next: Arc<AtomicU64>,
    end: u64,
    deadline: Instant,
}

/// What one connection sent.
struct Sent {
    payload_bytes: u64,
    micros: Vec<Vec<u32>>,
}

impl<R: Requests> Sender<R> {
    async fn send(self, address: SocketAddr) -> anyhow::Result<Sent> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (mut request, mut answer) = (Vec::new(), Vec::with_capacity(4096));
        let mut sent =
            Sent { payload_bytes: 0, micros: self.requests.kinds().iter().map(|_| Vec::new()).collect() };
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let begin = Instant::now();
            if number >= self.end || begin >= self.deadline {
                return Ok(sent);
            }
            request.clear();
            let payload = self.requests.write(number, &mut request);
            stream.write_all(&request).await?;
            read_answer(&mut stream, &mut answer).await?;
            sent.payload_bytes += payload as u64;
            if let Some(micros) = sent.micros.get_mut(self.requests.kind(number)) {
                micros.push(u32::try_from(begin.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
        }
    }
}

/// Sends one request of its own connection and gives its whole answer, whatever its status.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> anyhow::Result<String> {
    ensure!(address.ip().is_loopback(), "requests go to this machine only, not to {address}");
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    read_whole(&mut stream, &mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Reads one answer and makes sure it is a 200.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> anyhow::Result<()> {
    read_whole(stream, answer).await?;
    let line = || String::from_utf8_lossy(&answer[..answer.len().min(600)]).into_owned();
    ensure!(answer.starts_with(b"HTTP/1.1 200"), "not a 200: {}", line());
    Ok(())
}

/// Reads one answer with a `Content-Length`.
async fn read_whole(stream: &mut TcpStream, answer: &mut Vec<u8>) -> anyhow::Result<()> {
    answer.clear();
    let mut whole = None;
    loop {
        let read = stream.read_buf(answer).await?;
        ensure!(read > 0, "the server closed a connection in the middle of an answer");
        if whole.is_none()
            && let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let length = content_length(&answer[..head]).context("an answer without Content-Length")?;
            whole = Some(head + 4 + length);
        }
        if whole.is_some_and(|whole| answer.len() >= whole) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    struct Counted;

    impl Requests for Counted {
        fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize {
            buffer.extend_from_slice(format!("{n} ").as_bytes());
            10
        }

        fn kinds(&self) -> Vec<&'static str> {
            vec!["even", "odd"]
        }

        fn kind(&self, n: u64) -> usize {
            usize::from(n % 2 == 1)
        }
    }

    /// Answers everything it reads in the same way.
    async fn server(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut buffer = [0; 64];
                    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                        if stream.write_all(answer).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        address
    }

    fn bounds(count: u64, millis: u64) -> Bounds {
        Bounds { connections: 3, first: 0, count, time: Duration::from_millis(millis) }
    }

    #[tokio::test]
    async fn a_run_ends_at_its_count_and_keeps_kinds_apart() {
        let address = server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        let outcome = run(address, Arc::new(Counted), bounds(21, 60_000)).await.unwrap();
        let counts: Vec<_> = outcome.kinds.iter().map(|(name, micros)| (*name, micros.len())).collect();
        assert_eq!(counts, [("even", 11), ("odd", 10)]);
        assert_eq!((outcome.answered(), outcome.payload_bytes), (21, 210));
    }

    #[tokio::test]
    async fn a_run_ends_at_its_time() {
        let address = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let outcome = run(address, Arc::new(Counted), bounds(UNBOUNDED, 100)).await.unwrap();
        assert!(outcome.answered() > 0);
        assert!(outcome.elapsed < Duration::from_secs(30), "{:?}", outcome.elapsed);
    }

    #[tokio::test]
    async fn an_answer_that_is_not_a_200_ends_the_run_and_is_told() {
        let address = server(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
        let fault = run(address, Arc::new(Counted), bounds(5, 60_000)).await.unwrap_err();
        assert!(fault.to_string().contains("not a 200: HTTP/1.1 503"), "{fault}");
    }

    #[tokio::test]
    async fn load_goes_to_this_machine_only() {
        let far = "192.0.2.1:80".parse().unwrap();
        let fault = run(far, Arc::new(Counted), bounds(1, 1_000)).await.unwrap_err();
        assert!(fault.to_string().contains("this machine only"), "{fault}");
    }
}
