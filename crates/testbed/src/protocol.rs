//! The framing of PostgreSQL's protocol: a byte of kind, four of length, a body. Only the first message of a client has
//! no kind.

/// Asks whether the server speaks TLS; answered by one bare byte.
const SSL_REQUEST: u32 = 80_877_103;
/// The same for GSSAPI.
const GSS_REQUEST: u32 = 80_877_104;
/// Version 3.0.
const VERSION: u32 = 196_608;

/// One message as it came.
#[derive(Debug)]
pub(crate) struct Message {
    /// Its kind; 0 where it has none.
    pub(crate) kind: u8,
    bytes: Vec<u8>,
}

impl Message {
    /// All of it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What follows kind and length.
    pub(crate) fn body(&self) -> &[u8] {
        &self.bytes[(if self.kind == 0 { 4 } else { 5 }).min(self.bytes.len())..]
    }

    /// A client's question whether to encrypt: the answer is a bare byte.
    pub(crate) fn asks_to_encrypt(&self) -> bool {
        let code = self.body().first_chunk().map(|code| u32::from_be_bytes(*code));
        self.kind == 0 && self.bytes.len() == 8 && matches!(code, Some(SSL_REQUEST | GSS_REQUEST))
    }

    /// A server's word that a transaction was committed.
    pub(crate) fn says_committed(&self) -> bool {
        self.kind == b'C' && self.body() == b"COMMIT\0"
    }
}

/// Cuts a stream of bytes into messages.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    waiting: Vec<u8>,
}

impl Splitter {
    /// Takes bytes in.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// The next whole message that has a kind.
    pub(crate) fn next(&mut self) -> Option<Message> {
        let length = u32::from_be_bytes(*self.waiting.get(1..)?.first_chunk()?);
        self.take(length as usize + 1, self.waiting[0])
    }

    /// The next whole message without a kind: a client's first ones.
    pub(crate) fn next_of_startup(&mut self) -> Option<Message> {
        let length = u32::from_be_bytes(*self.waiting.first_chunk()?);
        self.take(length as usize, 0)
    }

    /// A bare byte.
    pub(crate) fn next_bare(&mut self) -> Option<Message> {
        self.take(1, 0)
    }

    fn take(&mut self, length: usize, kind: u8) -> Option<Message> {
        let whole = self.waiting.len() >= length;
        whole.then(|| Message { kind, bytes: self.waiting.drain(..length).collect() })
    }
}

/// A message of a kind.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend(length_of(body));
    bytes.extend(body);
    bytes
}

/// A client's first message.
pub(crate) fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = VERSION.to_be_bytes().to_vec();
    for text in ["user", user, "database", database] {
        body.extend(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    [length_of(&body).as_slice(), &body].concat()
}

fn length_of(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4).expect("a short message").to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_cut_anywhere_gives_the_same_messages() {
        let stream = [message(b'C', b"COMMIT\0"), message(b'Z', b"I")].concat();
        for cut in 0..=stream.len() {
            let mut splitter = Splitter::default();
            let mut found = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                splitter.feed(part);
                while let Some(message) = splitter.next() {
                    found.push((message.kind, message.says_committed()));
                }
            }
            assert_eq!(found, [(b'C', true), (b'Z', false)], "cut at {cut}");
        }
    }

    #[test]
    fn a_question_for_encryption_is_told_from_a_startup() {
        let mut splitter = Splitter::default();
        splitter.feed(&[8_u32.to_be_bytes(), SSL_REQUEST.to_be_bytes()].concat());
        splitter.feed(&startup("postgres", "postgres"));
        assert!(splitter.next_of_startup().unwrap().asks_to_encrypt());
        assert!(!splitter.next_of_startup().unwrap().asks_to_encrypt());
        assert!(splitter.next_of_startup().is_none());
    }
}
