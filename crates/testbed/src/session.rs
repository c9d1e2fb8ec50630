//! The smallest client: simple queries on one connection without a password.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::protocol::{Message, Splitter, message, startup};

/// What the server says of a statement that it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// Its five characters (`SQLSTATE`); `08006` where the connection broke.
    pub code: String,
    /// Its sentence.
    pub message: String,
}

impl From<io::Error> for SqlError {
    fn from(error: io::Error) -> Self {
        Self { code: "08006".to_owned(), message: error.to_string() }
    }
}

/// Rows of texts; `None` is NULL.
pub type Rows = Vec<Vec<Option<String>>>;

/// A connection; closed when dropped.
#[derive(Debug)]
pub struct Session {
    stream: TcpStream,
    splitter: Splitter,
}

impl Session {
    /// Connects to a database on this machine as `postgres`.
    pub fn open(port: u16, database: &str) -> Result<Self, SqlError> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut session = Self { stream, splitter: Splitter::default() };
        session.stream.write_all(&startup("postgres", database))?;
        session.until_ready()?;
        Ok(session)
    }

    /// Runs statements and gives the rows of all of them. Texts are not escaped: this is for tests' own words.
    pub fn run(&mut self, sql: &str) -> Result<Rows, SqlError> {
        self.stream.write_all(&message(b'Q', &[sql.as_bytes(), b"\0"].concat()))?;
        self.until_ready()
    }

    /// The first column of the first row.
    pub fn value(&mut self, sql: &str) -> Result<String, SqlError> {
        let first = self.run(sql)?.into_iter().next().and_then(|row| row.into_iter().next().flatten());
        Ok(first.unwrap_or_default())
    }

    fn until_ready(&mut self) -> Result<Rows, SqlError> {
        let mut rows = Vec::new();
        let mut refused = None;
        loop {
            let message = self.next()?;
            match message.kind {
                b'D' => rows.push(row(message.body())),
                b'E' => refused = Some(error(message.body())),
                b'Z' => return refused.map_or(Ok(rows), Err),
                _ => {}
            }
            // Before the session stands, a refusal is the last word.
            if let Some(error) =
                refused.take_if(|error| error.code == "53300" || error.code.starts_with("57P"))
            {
                return Err(error);
            }
        }
    }

    fn next(&mut self) -> Result<Message, SqlError> {
        let mut buffer = [0_u8; 16 * 1024];
        loop {
            if let Some(message) = self.splitter.next() {
                return Ok(message);
            }
            match self.stream.read(&mut buffer)? {
                0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                read => self.splitter.feed(&buffer[..read]),
            }
        }
    }
}

fn row(body: &[u8]) -> Vec<Option<String>> {
    let mut rest = body.get(2..).unwrap_or_default();
    let mut columns = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(i32::from_be_bytes(*length)).ok();
        let (value, after) = after.split_at(length.unwrap_or(0));
        columns.push(length.map(|_| String::from_utf8_lossy(value).into_owned()));
        rest = after;
    }
    columns
}

fn error(body: &[u8]) -> SqlError {
    let field = |kind: u8| {
        let found = body.split(|byte| *byte == 0).find(|field| field.first() == Some(&kind));
        found.map(|field| String::from_utf8_lossy(&field[1..]).into_owned()).unwrap_or_default()
    };
    SqlError { code: field(b'C'), message: field(b'M') }
}
