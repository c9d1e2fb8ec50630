//! A relay between a server and its database that fails as networks fail.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use crate::cluster::address;
use crate::protocol::{Message, Splitter};

/// How often a quiet connection looks whether it was cut.
const LOOK: Duration = Duration::from_millis(5);

/// What the relay does with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Hands on.
    Pass,
    /// Resets every connection, old and new.
    Refuse,
    /// Hands nothing on and closes nothing, not even what the other side has closed.
    Silent,
    /// Hands requests on and keeps the replies.
    HoldReplies,
    /// Hands everything on later.
    Delay(Duration),
}

/// A relay; all its connections are reset when it is dropped.
///
/// Whole messages are handed on, one by one and in order. What was kept while it was silent is handed on when it passes
/// again, as TCP does when a cable is put back.
pub struct Relay {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    target: u16,
    mode: Mutex<Mode>,
    /// Connections made before the last cut are of an older age and end.
    age: AtomicU64,
    open: AtomicU64,
    /// How many commits' replies are still to be cut off.
    commits_to_cut: AtomicU64,
    cut_after_commit: AtomicU64,
    ended: AtomicBool,
}

/// One direction's part of a connection.
struct Link {
    shared: Arc<Shared>,
    age: u64,
    ended: AtomicBool,
    /// The client has asked whether to encrypt: the next reply is one bare byte.
    bare_reply: AtomicBool,
    client: TcpStream,
    server: TcpStream,
}

impl Relay {
    /// A relay before a port of this machine.
    pub fn before(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            target,
            mode: Mutex::new(Mode::Pass),
            age: AtomicU64::new(0),
            open: AtomicU64::new(0),
            commits_to_cut: AtomicU64::new(0),
            cut_after_commit: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        listener.set_nonblocking(true).expect("a socket option");
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener));
        Self { port, shared }
    }

    /// The port on 127.0.0.1 that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database by this relay.
    pub fn address(&self, database: &str) -> String {
        address(self.port, database)
    }

    /// Hands everything on again.
    pub fn pass(&self) {
        self.shared.set(Mode::Pass);
    }

    /// Resets all connections; new ones are served.
    pub fn cut(&self) {
        self.shared.age.fetch_add(1, Ordering::SeqCst);
    }

    /// Resets all connections, and each new one, until it passes again.
    pub fn refuse(&self) {
        self.shared.set(Mode::Refuse);
        self.cut();
    }

    /// Hands nothing on in either direction and closes nothing: a network that is parted without a reset.
    pub fn part(&self) {
        self.shared.set(Mode::Silent);
    }

    /// Hands requests on and keeps replies until it passes again.
    pub fn hold_replies(&self) {
        self.shared.set(Mode::HoldReplies);
    }

    /// Hands everything on so much later.
    pub fn delay(&self, by: Duration) {
        self.shared.set(Mode::Delay(by));
    }

    /// Resets a connection instead of handing on that its transaction was committed, so many times.
    pub fn cut_after_commits(&self, times: u64) {
        self.shared.commits_to_cut.store(times, Ordering::SeqCst);
    }

    /// How many connections were cut off after a commit.
    pub fn commits_cut(&self) -> u64 {
        self.shared.cut_after_commit.load(Ordering::SeqCst)
    }

    /// How many connections stand.
    pub fn connections(&self) -> u64 {
        self.shared.open.load(Ordering::SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.cut();
    }
}

impl Shared {
    fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    fn mode(&self) -> Mode {
        *self.mode.lock().unwrap()
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        while !self.ended.load(Ordering::SeqCst) {
            match listener.accept() {
                Ok((client, _)) => self.begin(client),
                Err(_) => thread::sleep(LOOK),
            }
        }
    }

    fn begin(self: &Arc<Self>, client: TcpStream) {
        reset_when_dropped(&client);
        if self.mode() == Mode::Refuse {
            return;
        }
        // A client of a stopped database is reset by us as it would be by the machine.
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.target)) else { return };
        reset_when_dropped(&server);
        for stream in [&client, &server] {
            let _ = (
                stream.set_nonblocking(false),
                stream.set_nodelay(true),
                stream.set_read_timeout(Some(LOOK)),
            );
        }
        self.open.fetch_add(1, Ordering::SeqCst);
        let link = Arc::new(Link {
            shared: Arc::clone(self),
            age: self.age.load(Ordering::SeqCst),
            ended: AtomicBool::new(false),
            bare_reply: AtomicBool::new(false),
            client,
            server,
        });
        let other = Arc::clone(&link);
        thread::spawn(move || link.pump_requests());
        thread::spawn(move || other.pump_replies());
    }

    /// Whether this commit's reply is one to cut off.
    fn cuts_commit(&self) -> bool {
        let counted =
            self.commits_to_cut.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if counted.is_ok() {
            self.cut_after_commit.fetch_add(1, Ordering::SeqCst);
        }
        counted.is_ok()
    }
}

impl Link {
    fn pump_requests(&self) {
        let mut splitter = Splitter::default();
        let mut begun = false;
        self.pump(&self.client, |bytes| {
            splitter.feed(bytes);
            loop {
                let next = if begun { splitter.next() } else { splitter.next_of_startup() };
                let Some(message) = next else { return true };
                if message.asks_to_encrypt() {
                    self.bare_reply.store(true, Ordering::SeqCst);
                } else {
                    begun = true;
                }
                if !self.hand_on(&message, &self.server, false) {
                    return false;
                }
            }
        });
    }

    fn pump_replies(&self) {
        let mut splitter = Splitter::default();
        self.pump(&self.server, |bytes| {
            splitter.feed(bytes);
            loop {
                let bare = self.bare_reply.load(Ordering::SeqCst);
                let next = if bare { splitter.next_bare() } else { splitter.next() };
                let Some(message) = next else { return true };
                self.bare_reply.store(false, Ordering::SeqCst);
                if message.says_committed() && self.shared.cuts_commit() {
                    return false;
                }
                if !self.hand_on(&message, &self.client, true) {
                    return false;
                }
            }
        });
        self.shared.open.fetch_sub(1, Ordering::SeqCst);
    }

    /// Reads until one side ends or the connection is cut; whoever sees it first tells the other direction.
    fn pump(&self, mut from: &TcpStream, mut take: impl FnMut(&[u8]) -> bool) {
        let mut buffer = vec![0_u8; 64 * 1024];
        while self.stands() {
            match from.read(&mut buffer) {
                Ok(0) => {
                    self.wait_out_silence();
                    break;
                }
                Ok(read) if take(&buffer[..read]) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Ok(_) | Err(_) => break,
            }
        }
        self.ended.store(true, Ordering::SeqCst);
    }

    /// Hands a message on when the mode lets it; `false` when the connection has ended.
    fn hand_on(&self, message: &Message, mut to: &TcpStream, is_reply: bool) -> bool {
        while self.stands() {
            match self.shared.mode() {
                Mode::Silent => thread::sleep(LOOK),
                Mode::HoldReplies if is_reply => thread::sleep(LOOK),
                Mode::Delay(by) => {
                    thread::sleep(by);
                    return to.write_all(message.bytes()).is_ok();
                }
                Mode::Pass | Mode::HoldReplies | Mode::Refuse => {
                    return to.write_all(message.bytes()).is_ok();
                }
            }
        }
        false
    }

    /// The end of a connection does not cross a parted network either.
    fn wait_out_silence(&self) {
        while self.stands() && self.shared.mode() == Mode::Silent {
            thread::sleep(LOOK);
        }
    }

    fn stands(&self) -> bool {
        !self.ended.load(Ordering::SeqCst) && self.age == self.shared.age.load(Ordering::SeqCst)
    }
}

/// Makes closing a reset. A graceful end looks the same to both sides here, who have nothing more to say.
fn reset_when_dropped(stream: &TcpStream) {
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
