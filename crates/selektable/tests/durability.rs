//! What was acknowledged is there: under parallel repetition, in any order of arrival, after `kill -9`.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

use serde_json::{Value, json};
use support::{Client, TestServer};

fn order(server: &TestServer, id: &str) -> Value {
    json!({
        "orderId": id, "storeId": server.setup.store_id, "organizationId": server.setup.organization_id,
        "visitorId": format!("visitor-of-{id}"), "sessionId": format!("session-of-{id}"),
        "totalCents": 5_000, "currency": "EUR", "platform": "custom", "status": "completed",
        "orderCreatedAt": "2026-11-01T10:00:00Z",
        "items": [{"productId": "p-1", "quantity": 1, "priceCents": 5_000, "totalCents": 5_000}]
    })
}

#[test]
fn sixty_four_parallel_posts_of_one_order_create_it_once() {
    let server = TestServer::start();
    let body = order(&server, "the-one");
    let barrier = Barrier::new(64);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let mut client = Client::connect(&server);
                barrier.wait();
                let answer = client.post("/api/webhooks/orders", &body);
                results
                    .lock()
                    .unwrap()
                    .push((answer.status, answer.json["result"].as_str().map(str::to_owned)));
            });
        }
    });
    let results = results.into_inner().unwrap();
    assert!(results.iter().all(|(status, _)| *status == 200), "{results:?}");
    let of = |wanted: &str| results.iter().filter(|(_, result)| result.as_deref() == Some(wanted)).count();
    assert_eq!((of("created"), of("unchanged")), (1, 63), "{results:?}");
}

#[test]
fn every_order_of_arrival_of_an_orders_life_ends_in_one_state() {
    let server = TestServer::start();
    let life: [(&str, i64, &str); 4] = [
        ("pending", 0, "2026-11-01T10:00:00Z"),
        ("processing", 0, "2026-11-01T11:00:00Z"),
        ("completed", 1_500, "2026-11-02T10:00:00Z"),
        ("refunded", 5_000, "2026-11-05T10:00:00Z"),
    ];
    let mut client = Client::connect(&server);
    for timed in [true, false] {
        let mut ends = BTreeSet::new();
        for (number, arrival) in permutations(life.len()).into_iter().enumerate() {
            let id = format!("life-{timed}-{number}");
            for place in arrival {
                let (status, refunded, at) = life[place];
                let mut body = order(&server, &id);
                body["status"] = status.into();
                body["refundedCents"] = refunded.into();
                if timed {
                    body["orderUpdatedAt"] = at.into();
                }
                assert_eq!(client.post("/api/webhooks/orders", &body).status, 200);
            }
            let path = format!("/api/v1/stores/{}/conversions/{id}", server.setup.store_id);
            let found = client.get(&path).json;
            ends.insert(
                ["status", "totalCents", "refundedCents", "netCents"].map(|name| found[name].to_string()),
            );
        }
        let one = BTreeSet::from([["\"refunded\"", "5000", "5000", "0"].map(str::to_owned)]);
        assert_eq!(ends, one, "with orderUpdatedAt: {timed}");
    }
}

fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    let insert = |all: &Vec<usize>, place: usize| [&all[..place], &[count - 1], &all[place..]].concat();
    shorter.iter().flat_map(|all| (0..count).map(|place| insert(all, place)).collect::<Vec<_>>()).collect()
}

/// Rounds of load that end in `kill -9`, each on what the last one left.
const KILLS: usize = 12;
/// Acknowledged orders after which a round's server is killed; another number each round.
const ACKNOWLEDGED: usize = 150;

#[test]
fn after_kill_9_every_acknowledged_order_is_there_and_none_is_invented() {
    let mut server = TestServer::start();
    let sent = Mutex::new(BTreeSet::new());
    let acknowledged = Mutex::new(BTreeSet::new());
    for round in 0..KILLS {
        load_until_killed(&mut server, round, &sent, &acknowledged);
        server.restart();
    }
    let stored = all_orders(&server);
    let (sent, acknowledged) = (sent.into_inner().unwrap(), acknowledged.into_inner().unwrap());
    assert!(acknowledged.len() >= KILLS * ACKNOWLEDGED, "the load was too small: {}", acknowledged.len());
    assert!(acknowledged.is_subset(&stored), "lost: {:?}", acknowledged.difference(&stored).next());
    assert!(stored.is_subset(&sent), "invented: {:?}", stored.difference(&sent).next());
    server.stop();
    for command in [["recompute", "--check"].as_slice(), &["verify"]] {
        let output = server.run(command);
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn load_until_killed(
    server: &mut TestServer,
    round: usize,
    sent: &Mutex<BTreeSet<String>>,
    acknowledged: &Mutex<BTreeSet<String>>,
) {
    let (count, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let enough = ACKNOWLEDGED + 17 * round;
    let running = &*server;
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (count, stop) = (&count, &stop);
            scope.spawn(move || {
                let mut client = Client::connect(running);
                for number in 0.. {
                    let id = format!("r{round}-t{thread}-n{number}");
                    sent.lock().unwrap().insert(id.clone());
                    let Ok(answer) = client.try_post("/api/webhooks/orders", &order(running, &id)) else {
                        return;
                    };
                    assert_eq!(answer.status, 200, "{}", answer.json);
                    acknowledged.lock().unwrap().insert(id);
                    count.fetch_add(1, Ordering::SeqCst);
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
        }
        while count.load(Ordering::SeqCst) < enough {
            std::thread::yield_now();
        }
        running.kill();
        stop.store(true, Ordering::SeqCst);
    });
}

fn all_orders(server: &TestServer) -> BTreeSet<String> {
    let mut client = Client::connect(server);
    let (mut found, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("/api/v1/stores/{}/conversions?limit=200{cursor}", server.setup.store_id);
        let page = client.get(&path).json;
        let rows = page["data"].as_array().expect("a list");
        found.extend(rows.iter().map(|row| row["orderId"].as_str().expect("an id").to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}
