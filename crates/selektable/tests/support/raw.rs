//! A bare socket: for what a well-behaved client never sends, and for when it is cut.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::TestServer;

/// Longer than any limit that a test waits for: a server that does not cut at all fails the test, not its patience.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bare socket to the server.
pub struct Raw {
    pub stream: TcpStream,
    opened: Instant,
}

/// How a connection ended.
#[derive(Debug)]
pub struct Ended {
    /// All that was received.
    pub text: String,
    /// From the connection's begin to its end.
    pub after: Duration,
}

impl Raw {
    pub fn connect(server: &TestServer) -> Self {
        let opened = Instant::now();
        let stream = TcpStream::connect(server.address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket option");
        stream.set_write_timeout(Some(PATIENCE)).expect("a socket option");
        Self { stream, opened }
    }

    /// Sends, whether or not the server still listens.
    pub fn send(&mut self, text: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(text.as_ref())
    }

    /// Sends the pieces with pauses between them, until the server cuts or nothing is left.
    pub fn drip(&mut self, pieces: &[&str], pause: Duration) {
        for piece in pieces {
            if self.send(piece).is_err() {
                return;
            }
            std::thread::sleep(pause);
        }
    }

    /// Reads until an answer's head and `Content-Length` bytes of its body are there.
    pub fn answer(&mut self) -> String {
        let mut received = Vec::new();
        let mut buffer = [0_u8; 4096];
        loop {
            let text = String::from_utf8_lossy(&received).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                    .unwrap_or(0);
                if body.len() >= length {
                    return text;
                }
            }
            match self.stream.read(&mut buffer) {
                Ok(0) | Err(_) => panic!("the connection ended before the answer did: {text:?}"),
                Ok(read) => received.extend_from_slice(&buffer[..read]),
            }
        }
    }

    /// Reads until the server closes or resets the connection.
    pub fn until_the_end(mut self) -> Ended {
        let mut received = Vec::new();
        let mut buffer = [0_u8; 16 * 1024];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => received.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break,
                Err(error) => panic!("the server did not end the connection: {error}"),
            }
        }
        Ended { text: String::from_utf8_lossy(&received).into_owned(), after: self.opened.elapsed() }
    }
}

/// Sends a text on a connection of its own, and reads all until the server ends it.
pub fn exchange(server: &TestServer, text: impl AsRef<[u8]>) -> Ended {
    let mut raw = Raw::connect(server);
    // A server that refuses early may reset while we still send.
    let _ = raw.send(text);
    raw.until_the_end()
}
