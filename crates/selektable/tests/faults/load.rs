//! Orders from many connections, and the books on them.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{Client, TestServer};

/// Connections that post at the same time.
const CONNECTIONS: usize = 16;

/// What was sent and what was answered with 200, over all rounds.
#[derive(Default)]
pub struct Books {
    sent: Mutex<BTreeSet<String>>,
    acknowledged: Mutex<BTreeSet<String>>,
    refused: AtomicUsize,
    number: AtomicUsize,
}

impl Books {
    /// How many orders were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Which they are.
    pub fn all_acknowledged(&self) -> BTreeSet<String> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// How many were answered with 503.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// Sends one more order; whether it was acknowledged, or `None` when the connection broke.
    pub fn post(&self, server: &TestServer, client: &mut Client) -> Option<bool> {
        let id = format!("order-{}", self.number.fetch_add(1, Ordering::SeqCst));
        self.sent.lock().unwrap().insert(id.clone());
        let answer = client.try_post("/api/webhooks/orders", &order(server, &id)).ok()?;
        match answer.status {
            200 => {
                self.acknowledged.lock().unwrap().insert(id);
            }
            503 => {
                assert!(answer.header("retry-after").is_some(), "{}", answer.text());
                self.refused.fetch_add(1, Ordering::SeqCst);
            }
            other => panic!("{other}: {}", answer.text()),
        }
        Some(answer.status == 200)
    }

    /// Posts on many connections while `meanwhile` runs; those that break end.
    pub fn under_load(&self, server: &TestServer, meanwhile: impl FnOnce()) {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut client = Client::connect(server);
                    loop {
                        if over.load(Ordering::SeqCst) || self.post(server, &mut client).is_none() {
                            return;
                        }
                    }
                });
            }
            // Also when it fails: otherwise the load never ends.
            let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(meanwhile));
            over.store(true, Ordering::SeqCst);
            end.unwrap_or_else(|fault| std::panic::resume_unwind(fault));
        });
    }

    /// Takes back what was acknowledged since: those answers came from a machine without power, as no real one gives
    /// them. The kernel may let the one flush that runs at that moment succeed and still drop what it wrote.
    pub fn acknowledged_only(&self, before: BTreeSet<String>) {
        *self.acknowledged.lock().unwrap() = before;
    }

    /// Everything acknowledged is stored, everything stored was sent, nothing is there twice.
    pub fn must_agree_with(&self, server: &TestServer) {
        let listed = all_orders(server);
        let stored: BTreeSet<String> = listed.iter().cloned().collect();
        assert_eq!(stored.len(), listed.len(), "something is stored twice");
        let (sent, acknowledged) = (self.sent.lock().unwrap(), self.acknowledged.lock().unwrap());
        assert_eq!(acknowledged.difference(&stored).next(), None, "lost");
        assert_eq!(stored.difference(&sent).next(), None, "invented");
    }
}

/// Stops the server and lets the program itself look at everything.
pub fn must_be_whole(server: &TestServer) {
    server.stop();
    for command in [["verify"].as_slice(), &["recompute", "--check"]] {
        let output = server.run(command);
        let told = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&told));
    }
}

fn order(server: &TestServer, id: &str) -> Value {
    let setup = &server.setup;
    json!({
        "orderId": id, "storeId": setup.store_id, "organizationId": setup.organization_id,
        "visitorId": format!("visitor-of-{id}"), "sessionId": format!("session-of-{id}"),
        "totalCents": 5_000, "currency": "EUR", "platform": "custom", "status": "completed",
        "orderCreatedAt": "2026-11-01T10:00:00Z",
        "items": [{"productId": "p-1", "quantity": 1, "priceCents": 5_000, "totalCents": 5_000}]
    })
}

/// Every order that the server tells of.
pub fn all_orders(server: &TestServer) -> Vec<String> {
    let mut client = Client::connect(server);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/stores/{}/conversions?limit=200{cursor}", server.setup.store_id);
        let page = client.get(&path).json;
        let rows = page["data"].as_array().unwrap_or_else(|| panic!("no list: {page}"));
        found.extend(rows.iter().map(|row| row["orderId"].as_str().expect("an id").to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Waits for something that the server or the machine does by itself.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed().as_secs() < 60, "waited a minute: {what}");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}
