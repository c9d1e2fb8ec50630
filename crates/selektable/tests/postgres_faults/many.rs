//! Four servers write about the same few people at once. What they end with is what one server would have.

use std::collections::BTreeMap;
use std::sync::Mutex;

use selektable::ambient;
use selektable_domain::time::Timestamp;
use selektable_testbed::database;
use serde_json::{Value, json};

use crate::load::check;
use crate::support::{Client, Setup, TestServer};

const HOUR_MS: i64 = 3_600_000;
const VISITORS: u64 = 5;
const USERS: u64 = 3;
const FACTS: u64 = 250;

/// Numbers that look random and are the same on every run (Knuth's constants, "MMIX").
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Something to post: whose place, widget and organization are the server's.
#[derive(Clone)]
struct Fact {
    route: &'static str,
    body: Value,
}

/// A history whose order of arrival must not matter. A browser's events are timed by when they arrive, so links lie ten
/// minutes beside everything else and a minute beside each other: half a minute sooner or later changes nothing.
fn history(dice: &mut Dice) -> Vec<Fact> {
    let now = ambient::now().as_millis();
    let mut links = 0;
    let mut facts = Vec::new();
    for number in 0..FACTS {
        let hours = i64::try_from(dice.below(30)).unwrap() + 1;
        let visitor = format!("visitor-{}", dice.below(VISITORS));
        let product = format!("product-{}", dice.below(3));
        let at = now - hours * HOUR_MS;
        match dice.below(10) {
            0..5 => facts.push(shown(number, &visitor, &product, at)),
            5 => {
                links += 1;
                let age = (hours % 22) * HOUR_MS + (10 + links % 40) * 60_000;
                facts.push(identified(number, &visitor, &format!("user-{}", dice.below(USERS)), age));
            }
            _ => facts.extend(life(number, &visitor, &product, at, dice)),
        }
    }
    facts
}

fn text(at: i64) -> String {
    Timestamp::from_millis(at).to_rfc3339()
}

fn shown(number: u64, visitor: &str, product: &str, at: i64) -> Fact {
    let body = json!({
        "visualizationId": format!("picture-{number}"), "visitorId": visitor,
        "sessionId": format!("session-of-{visitor}"), "createdAt": text(at), "products": [{ "productId": product }],
    });
    Fact { route: "/api/v1/visualizations", body }
}

fn identified(number: u64, visitor: &str, user: &str, age: i64) -> Fact {
    let sent = 2_000_000_000_000_i64;
    let body = json!({
        "visitorId": visitor, "sessionId": format!("session-of-{visitor}"), "sentAt": sent,
        "events": [{ "id": format!("identify-{number}"), "type": "identify", "at": sent - age, "userId": user }],
    });
    Fact { route: "/api/events", body }
}

/// What is said of an order over its life, in versions that may overtake each other.
fn life(number: u64, visitor: &str, product: &str, at: i64, dice: &mut Dice) -> Vec<Fact> {
    let versions = [("pending", 0), ("completed", 0), ("completed", 700)];
    let told = 1 + usize::try_from(dice.below(3)).unwrap();
    let said = versions.iter().take(told).enumerate();
    said.map(|(version, (status, refunded))| {
        let updated = at + i64::try_from(version).unwrap() * 60_000;
        let body = json!({
            "orderId": format!("order-{number}"), "visitorId": visitor, "sessionId": format!("session-of-{visitor}"),
            "totalCents": 5_000, "refundedCents": refunded, "currency": "EUR", "platform": "custom", "status": status,
            "orderCreatedAt": text(at), "orderUpdatedAt": text(updated),
            "items": [{ "productId": product, "quantity": 1, "priceCents": 5_000, "totalCents": 5_000 }],
        });
        Fact { route: "/api/webhooks/orders", body }
    })
    .collect()
}

fn post(client: &mut Client, setup: &Setup, fact: &Fact) {
    let mut body = fact.body.clone();
    body["storeId"] = json!(setup.store_id);
    match fact.route {
        "/api/webhooks/orders" => body["organizationId"] = json!(setup.organization_id),
        "/api/v1/visualizations" => body["widgetId"] = json!(setup.widget_id),
        _ => {}
    }
    let answer = client.post(fact.route, &body);
    assert_eq!(answer.status, 200, "{} {body}: {}", fact.route, answer.text());
}

/// Posts every fact twice, through all servers at once.
fn post_at_once(servers: &[&TestServer], facts: &[Fact], dice: &mut Dice) {
    let mut queue = [facts, facts].concat();
    for place in (1..queue.len()).rev() {
        queue.swap(place, usize::try_from(dice.below(place as u64 + 1)).unwrap());
    }
    let queue = Mutex::new(queue);
    std::thread::scope(|scope| {
        for server in servers.iter().chain(servers) {
            scope.spawn(|| {
                let mut client = Client::connect(server);
                loop {
                    let Some(fact) = queue.lock().unwrap().pop() else { return };
                    post(&mut client, &server.setup, &fact);
                }
            });
        }
    });
}

/// The canonical dump without what two set-ups may differ in: their own ids, and when facts came. Lines with how often
/// they stand there.
fn state(server: &TestServer) -> BTreeMap<String, usize> {
    let output = server.run(&["dump", "--canonical"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let (kind, line) = line.as_object().and_then(|line| line.iter().next()).expect("a kind");
        // A version that another overtook is kept as a fact, one that is told again is not: that depends on who came first.
        if kind == "fact" && line["kind"] == "order" {
            continue;
        }
        let kept: &[&str] = match kind.as_str() {
            "fact" => &["kind", "key"],
            "visitor" => &["visitorId"],
            "identityLink" => &["visitorId", "userId"],
            "visualization" => &["visualizationId", "visitorId", "sessionId", "personId", "at", "products"],
            "conversion" => &CONVERSION,
            "carriedAlias" | "productSeen" => &["productId", "variantId", "shown", "orders"],
            _ => continue,
        };
        let mut kept: BTreeMap<&str, Value> = kept.iter().map(|name| (*name, line[*name].clone())).collect();
        for credit in kept.get_mut("credits").and_then(Value::as_array_mut).into_iter().flatten() {
            credit.as_object_mut().expect("an object").remove("widgetId");
        }
        *lines.entry(format!("{kind} {}", json!(kept))).or_insert(0) += 1;
    }
    lines
}

const CONVERSION: [&str; 22] = [
    "orderId",
    "source",
    "visitorId",
    "sessionId",
    "userId",
    "personId",
    "currency",
    "total",
    "refunded",
    "status",
    "createdAt",
    "updatedAt",
    "items",
    "occurredAt",
    "type",
    "reason",
    "orderMinor",
    "matchedMinor",
    "attributedMinor",
    "timeToConversionMs",
    "lagDirectMs",
    "credits",
];

#[test]
fn four_servers_that_write_the_same_people_at_once_end_as_one_server_does() {
    let mut dice = Dice(7);
    let facts = history(&mut dice);
    let database = database();
    let first = TestServer::start_at(&database.address(), &[]);
    let others: Vec<TestServer> =
        (0..3).map(|_| TestServer::join(&database.address(), &first.setup, &[])).collect();
    let servers: Vec<&TestServer> = std::iter::once(&first).chain(&others).collect();
    post_at_once(&servers, &facts, &mut dice);
    check(&first);

    let folder = tempfile::tempdir().unwrap();
    let alone = TestServer::start_at(&format!("sqlite:{}", folder.path().join("alone.db").display()), &[]);
    let mut client = Client::connect(&alone);
    for fact in &facts {
        post(&mut client, &alone.setup, fact);
    }
    let (together, alone) = (state(&first), state(&alone));
    let missing: Vec<_> = alone.iter().filter(|(line, count)| together.get(*line) != Some(count)).collect();
    let more: Vec<_> = together.iter().filter(|(line, count)| alone.get(*line) != Some(count)).collect();
    assert!(missing.is_empty() && more.is_empty(), "one server has {missing:#?}\nfour have {more:#?}");
}

#[test]
fn one_order_posted_through_four_servers_at_the_same_moment_is_created_once() {
    let database = database();
    let first = TestServer::start_at(&database.address(), &[]);
    let others: Vec<TestServer> =
        (0..3).map(|_| TestServer::join(&database.address(), &first.setup, &[])).collect();
    let servers: Vec<&TestServer> = std::iter::once(&first).chain(&others).collect();
    for round in 0..20 {
        let body = crate::load::order(&first.setup, &format!("the-one-{round}"));
        let barrier = std::sync::Barrier::new(16);
        let results: Vec<Value> = std::thread::scope(|scope| {
            let posting: Vec<_> = (0..16)
                .map(|number| {
                    let (body, barrier, server) = (&body, &barrier, servers[number % servers.len()]);
                    scope.spawn(move || {
                        let mut client = Client::connect(server);
                        barrier.wait();
                        let answer = client.post("/api/webhooks/orders", body);
                        assert_eq!(answer.status, 200, "{}", answer.text());
                        answer.json["result"].clone()
                    })
                })
                .collect();
            posting.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(results.iter().filter(|result| **result == "created").count(), 1, "{results:?}");
    }
    check(&first);
}
