//! Orders posted from several threads through one or more servers, each again until it is acknowledged, with book kept of
//! what was answered.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, Setup, TestServer};

const THREADS: usize = 8;
/// No answer may take longer, whatever the database does: as long as one statement, finding out what became of a commit,
/// and connecting again.
const ANSWER_WITHIN: Duration = Duration::from_secs(45);
/// What a test waits for comes before that, or never.
const PATIENCE: Duration = Duration::from_secs(120);

/// The book.
#[derive(Default)]
struct Book {
    sent: Mutex<BTreeSet<String>>,
    acknowledged: Mutex<BTreeSet<String>>,
    created: AtomicU64,
    refused: AtomicU64,
    /// Answers that are neither 200 nor 503, connections that broke, answers that came too late.
    wrong: Mutex<Vec<String>>,
    over: AtomicBool,
}

/// A running load.
pub struct Load {
    name: &'static str,
    book: Arc<Book>,
    threads: Vec<JoinHandle<()>>,
}

/// An order of a visitor of its own.
pub fn order(setup: &Setup, id: &str) -> Value {
    json!({
        "orderId": id, "storeId": setup.store_id, "organizationId": setup.organization_id,
        "visitorId": format!("visitor-of-{id}"), "sessionId": format!("session-of-{id}"),
        "totalCents": 5_000, "currency": "EUR", "platform": "custom", "status": "completed",
        "orderCreatedAt": "2026-11-01T10:00:00Z",
        "items": [{"productId": "p-1", "quantity": 1, "priceCents": 5_000, "totalCents": 5_000}]
    })
}

impl Load {
    /// Begins; threads are spread over the servers.
    pub fn on(servers: &[&TestServer]) -> Self {
        Self::named("", servers)
    }

    /// One of several in a test: its orders' ids begin with its name.
    pub fn named(name: &'static str, servers: &[&TestServer]) -> Self {
        Self::begin(name, &servers.iter().map(|server| (server.address, &server.setup)).collect::<Vec<_>>())
    }

    /// Through something that stands before the servers.
    pub fn at(address: SocketAddr, setup: &Setup) -> Self {
        Self::begin("", &[(address, setup)])
    }

    fn begin(name: &'static str, doors: &[(SocketAddr, &Setup)]) -> Self {
        let book = Arc::new(Book::default());
        let threads = (0..THREADS)
            .map(|number| {
                let (address, setup) = doors[number % doors.len()];
                let (book, setup) = (Arc::clone(&book), setup.clone());
                thread::spawn(move || book.post(&format!("{name}t{number}"), address, &setup))
            })
            .collect();
        Self { name, book, threads }
    }

    /// How many orders are acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.book.acknowledged.lock().unwrap().len()
    }

    /// How often 503 was answered.
    pub fn refused(&self) -> u64 {
        self.book.refused.load(Ordering::SeqCst)
    }

    /// Waits until so many more orders are acknowledged; how long that took.
    pub fn wait_for(&self, more: usize) -> Duration {
        let wanted = self.acknowledged() + more;
        self.wait_until(&format!("{wanted} acknowledged orders"), |load| load.acknowledged() >= wanted)
    }

    /// Waits until 503 is answered so many more times.
    pub fn wait_for_refusals(&self, more: u64) -> Duration {
        let wanted = self.refused() + more;
        self.wait_until(&format!("{wanted} times 503"), |load| load.refused() >= wanted)
    }

    /// Waits until something holds.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&Self) -> bool) -> Duration {
        let began = Instant::now();
        while !holds(self) {
            let told = || format!("{} acknowledged, {} refused", self.acknowledged(), self.refused());
            assert!(
                began.elapsed() < PATIENCE,
                "no {what}: {}; {:?}",
                told(),
                self.book.wrong.lock().unwrap()
            );
            thread::sleep(Duration::from_millis(5));
        }
        began.elapsed()
    }

    /// Ends the load when each order in flight is acknowledged, and holds the book against what a server has stored.
    pub fn settle(self, server: &TestServer) {
        self.book.over.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().expect("a thread of the load");
        }
        assert_eq!(*self.book.wrong.lock().unwrap(), Vec::<String>::new());
        let (sent, acknowledged) = (self.book.sent.lock().unwrap(), self.book.acknowledged.lock().unwrap());
        let mut stored = stored_orders(server);
        stored.retain(|id| id.starts_with(&format!("{}t", self.name)));
        let once: BTreeSet<String> = stored.iter().cloned().collect();
        assert_eq!(stored.len(), once.len(), "an order is stored twice");
        assert!(acknowledged.is_subset(&once), "lost: {:?}", acknowledged.difference(&once).next());
        assert!(once.is_subset(&sent), "invented: {:?}", once.difference(&sent).next());
        let created = usize::try_from(self.book.created.load(Ordering::SeqCst)).unwrap();
        assert!(created <= once.len(), "{created} were answered `created`, {} are there", once.len());
        check(server);
    }
}

impl Book {
    fn post(&self, name: &str, address: SocketAddr, setup: &Setup) {
        let mut client = Client::to(address, &setup.api_key);
        for number in 0.. {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let id = format!("{name}-n{number}");
            self.sent.lock().unwrap().insert(id.clone());
            if !self.post_until_acknowledged(&mut client, &order(setup, &id)) {
                return;
            }
            self.acknowledged.lock().unwrap().insert(id);
        }
    }

    /// Sends it as a platform does: again for as long as the answer is 503. `false` when something else is answered.
    fn post_until_acknowledged(&self, client: &mut Client, body: &Value) -> bool {
        loop {
            let began = Instant::now();
            let answer = match client.try_post("/api/webhooks/orders", body) {
                Ok(answer) => answer,
                Err(error) => return self.wrong(format!("the connection broke: {error}")),
            };
            if began.elapsed() > ANSWER_WITHIN {
                return self.wrong(format!("{} after {:?}", answer.status, began.elapsed()));
            }
            match answer.status {
                200 => {
                    let created = answer.json["result"] == "created";
                    self.created.fetch_add(u64::from(created), Ordering::SeqCst);
                    return true;
                }
                503 if answer.header("retry-after").is_some() => {
                    self.refused.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(20));
                }
                status => return self.wrong(format!("{status}: {}", answer.text())),
            }
        }
    }

    fn wrong(&self, what: String) -> bool {
        self.wrong.lock().unwrap().push(what);
        false
    }
}

/// Every order that a server tells of.
pub fn stored_orders(server: &TestServer) -> Vec<String> {
    let mut client = Client::connect(server);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/stores/{}/conversions?limit=200{cursor}", server.setup.store_id);
        let page = client.get(&path);
        assert_eq!(page.status, 200, "{}", page.text());
        let rows = page.json["data"].as_array().expect("a list");
        found.extend(rows.iter().map(|row| row["orderId"].as_str().expect("an id").to_owned()));
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// That deciding everything again finds no difference.
pub fn check(server: &TestServer) {
    let output = server.run(&["recompute", "--check"]);
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", told(&output.stdout), told(&output.stderr));
}

/// What a probe is answered, on a connection of its own.
pub fn probe(server: &TestServer, path: &str) -> u16 {
    Client::connect(server).get(path).status
}

/// Waits until a probe is answered so.
pub fn until_probe(server: &TestServer, path: &str, status: u16) -> Duration {
    let began = Instant::now();
    while probe(server, path) != status {
        assert!(began.elapsed() < PATIENCE, "{path} is never answered {status}\n{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
    began.elapsed()
}
