//! A small proxy that sends requests to servers that say they are ready.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Between two probes of one server.
pub const PROBES_EVERY: Duration = Duration::from_millis(100);

/// The proxy; ends with the test.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    servers: Mutex<Vec<(SocketAddr, bool)>>,
    ended: AtomicBool,
}

impl Proxy {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let (serving, probing) = (Arc::clone(&shared), Arc::clone(&shared));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let serving = Arc::clone(&serving);
                thread::spawn(move || serving.converse(&client));
            }
        });
        thread::spawn(move || {
            while !probing.ended.load(Ordering::SeqCst) {
                probing.probe();
                thread::sleep(PROBES_EVERY);
            }
        });
        Self { address, shared }
    }

    /// One more server, sent to once it is ready.
    pub fn add(&self, server: SocketAddr) {
        self.shared.servers.lock().unwrap().push((server, false));
    }

    /// Forgets one that is gone.
    pub fn remove(&self, server: SocketAddr) {
        self.shared.servers.lock().unwrap().retain(|(known, _)| *known != server);
    }

    /// How many servers are ready.
    pub fn ready(&self) -> usize {
        self.shared.servers.lock().unwrap().iter().filter(|(_, ready)| *ready).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    fn probe(&self) {
        let servers: Vec<SocketAddr> =
            self.servers.lock().unwrap().iter().map(|(server, _)| *server).collect();
        for server in servers {
            let asked = b"GET /readyz HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n";
            let is_ready = exchange(server, asked).is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200"));
            for (known, ready) in self.servers.lock().unwrap().iter_mut() {
                if *known == server {
                    *ready = is_ready;
                }
            }
        }
    }

    /// Each request of a client goes to the next ready server, on a connection of its own.
    fn converse(&self, client: &TcpStream) {
        let mut reader = BufReader::new(client);
        while let Some(request) = read_request(&mut reader) {
            let answer = self.next_ready().and_then(|server| exchange(server, &request).ok());
            // What a proxy says when it can't: to the client, a failed request.
            let answer = answer
                .filter(|answer| !answer.is_empty())
                .unwrap_or_else(|| b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".to_vec());
            let mut client = client;
            if client.write_all(&answer).is_err() {
                return;
            }
        }
    }

    fn next_ready(&self) -> Option<SocketAddr> {
        let mut servers = self.servers.lock().unwrap();
        let place = servers.iter().position(|(_, ready)| *ready)?;
        let chosen = servers.remove(place);
        servers.push(chosen);
        Some(chosen.0)
    }
}

/// A request with its body, made the last one of its connection.
fn read_request(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut request = format!("{head}Connection: close\r\n\r\n").into_bytes();
    let start = request.len();
    request.resize(start + length, 0);
    reader.read_exact(&mut request[start..]).ok()?;
    Some(request)
}

/// Sends bytes and reads to the end.
fn exchange(server: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
