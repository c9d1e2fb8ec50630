//! A small HTTP server that plays a platform: answers come from a closure, trouble from a list that is used up first.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The query's pairs, without escapes.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    pub fn html(status: u16) -> Self {
        let body = "<!doctype html><title>Briefly unavailable for scheduled maintenance</title>".to_owned();
        Self { status, headers: vec![("Content-Type", "text/html".to_owned())], body }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// What happens instead of, or before, an answer.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// This answer.
    Reply(Reply),
    /// None: the connection is closed.
    Cut,
    /// The answer comes late.
    Late(Duration),
    /// Nothing: the answer that would come anyway.
    None,
}

/// What customers do to the orders between two pages.
pub type Meanwhile<O> = Box<dyn FnMut(&mut Vec<O>) + Send>;

/// A platform.
pub trait Platform: Send + 'static {
    fn answer(&mut self, request: &Request) -> Reply;
}

/// The running imitation.
pub struct Imitation<P> {
    pub address: SocketAddr,
    platform: Arc<Mutex<P>>,
    troubles: Arc<Mutex<VecDeque<Trouble>>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl<P: Platform> Imitation<P> {
    pub fn start(platform: P) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let imitation = Self {
            address: listener.local_addr().unwrap(),
            platform: Arc::new(Mutex::new(platform)),
            troubles: Arc::default(),
            requests: Arc::default(),
        };
        let (platform, troubles, requests) = (
            Arc::clone(&imitation.platform),
            Arc::clone(&imitation.troubles),
            Arc::clone(&imitation.requests),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (platform, troubles, requests) =
                    (Arc::clone(&platform), Arc::clone(&troubles), Arc::clone(&requests));
                std::thread::spawn(move || serve(stream, &platform, &troubles, &requests));
            }
        });
        imitation
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The platform's own state.
    pub fn platform(&self) -> MutexGuard<'_, P> {
        self.platform.lock().unwrap()
    }

    /// What happens to the next requests.
    pub fn trouble(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.troubles.lock().unwrap().extend(troubles);
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve<P: Platform>(
    mut stream: TcpStream,
    platform: &Mutex<P>,
    troubles: &Mutex<VecDeque<Trouble>>,
    requests: &Mutex<Vec<Request>>,
) {
    let Some(request) = read(&mut stream) else { return };
    requests.lock().unwrap().push(request.clone());
    let trouble = troubles.lock().unwrap().pop_front().unwrap_or(Trouble::None);
    let reply = match trouble {
        Trouble::Cut => return,
        Trouble::Reply(reply) => reply,
        Trouble::Late(pause) => {
            std::thread::sleep(pause);
            platform.lock().unwrap().answer(&request)
        }
        Trouble::None => platform.lock().unwrap().answer(&request),
    };
    let mut head = format!(
        "HTTP/1.1 {} Status\r\nConnection: close\r\nContent-Length: {}\r\n",
        reply.status,
        reply.body.len()
    );
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = stream.write_all(format!("{head}\r\n{}", reply.body).as_bytes());
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes)?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < end + 4 + length {
        more(stream, &mut bytes)?;
    }
    let url = url::Url::parse(&format!("http://imitation{target}")).ok()?;
    Some(Request {
        method,
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body: serde_json::from_slice(&bytes[end + 4..]).unwrap_or_default(),
    })
}

fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0_u8; 16 * 1024];
    let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
    bytes.extend_from_slice(&buffer[..read]);
    Some(())
}
