//! One keep-alive connection, written by hand so that a test sees status, headers and body as they came.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::TestServer;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body as JSON, `Null` when it is none.
    pub json: Value,
}

impl Answer {
    /// A header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection with the server's key.
pub struct Client {
    stream: TcpStream,
    host: String,
    key: String,
}

impl Client {
    /// Connects with the key of the server's first organization.
    pub fn connect(server: &TestServer) -> Self {
        Self::with_key(server, &server.setup.api_key)
    }

    /// Connects with any key.
    pub fn with_key(server: &TestServer, key: &str) -> Self {
        Self::to(server.address, key)
    }

    /// Connects to any address with any key.
    pub fn to(address: SocketAddr, key: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket option");
        Self { stream, host: address.to_string(), key: key.to_owned() }
    }

    /// `GET` with the key.
    pub fn get(&mut self, path: &str) -> Answer {
        let key = format!("Bearer {}", self.key);
        self.request("GET", path, &[("Authorization", &key)], b"").expect("an answer")
    }

    /// `POST` of JSON with the key.
    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).expect("an answer")
    }

    /// The same, for servers that may die in between.
    pub fn try_post(&mut self, path: &str, body: &Value) -> std::io::Result<Answer> {
        let key = format!("Bearer {}", self.key);
        let headers = [("Authorization", key.as_str()), ("Content-Type", "application/json")];
        self.request("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Any request. `Host` and `Content-Length` are added.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        if !body.is_empty() || method != "GET" {
            request.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        request.push_str("\r\n");
        self.stream.write_all(&[request.as_bytes(), body].concat())?;
        self.read_answer(method)
    }

    fn read_answer(&mut self, method: &str) -> std::io::Result<Answer> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            self.read_more(&mut bytes)?;
        };
        let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let find =
            |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let bodiless = method == "HEAD" || status == 204 || status == 304;
        let body = if bodiless {
            Vec::new()
        } else if find("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            self.read_chunks(bytes.split_off(head + 4))?
        } else {
            let length = find("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
            while bytes.len() < head + 4 + length {
                self.read_more(&mut bytes)?;
            }
            bytes[head + 4..head + 4 + length].to_vec()
        };
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Answer { status, headers, body, json })
    }

    fn read_chunks(&mut self, mut bytes: Vec<u8>) -> std::io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") else {
                self.read_more(&mut bytes)?;
                continue;
            };
            let length =
                usize::from_str_radix(String::from_utf8_lossy(&bytes[..end]).trim(), 16).unwrap_or(0);
            while bytes.len() < end + 2 + length + 2 {
                self.read_more(&mut bytes)?;
            }
            body.extend_from_slice(&bytes[end + 2..end + 2 + length]);
            bytes.drain(..end + 2 + length + 2);
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn read_more(&mut self, bytes: &mut Vec<u8>) -> std::io::Result<()> {
        let mut buffer = [0_u8; 16 * 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes.extend_from_slice(&buffer[..read]);
                Ok(())
            }
        }
    }
}
