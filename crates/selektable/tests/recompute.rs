//! Everything decided again while the server goes on taking orders in.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use support::{Client, TestServer};

fn order(server: &TestServer, id: &str) -> Value {
    json!({
        "orderId": id, "storeId": server.setup.store_id, "organizationId": server.setup.organization_id,
        "visitorId": "visitor", "sessionId": "session",
        "totalCents": 5_000, "currency": "EUR", "platform": "custom", "status": "completed",
        "orderCreatedAt": "2026-11-01T10:00:00Z", "items": []
    })
}

#[test]
fn recompute_beside_a_server_that_takes_orders_in_puts_nothing_right_and_loses_nothing() {
    let server = TestServer::start();
    let orders: Vec<Value> = (0..1_000).map(|number| order(&server, &format!("early-{number}"))).collect();
    let mut client = Client::connect(&server);
    assert_eq!(client.post("/api/webhooks/orders/batch", &json!(orders)).status, 200);
    let over = AtomicBool::new(false);
    let (output, taken) = std::thread::scope(|scope| {
        let posting = scope.spawn(|| {
            let mut client = Client::connect(&server);
            let mut taken = 0;
            while !over.load(Ordering::Relaxed) {
                let answer = client.post("/api/webhooks/orders", &order(&server, &format!("late-{taken}")));
                assert_eq!(answer.status, 200, "{:?}", answer.json);
                taken += 1;
            }
            taken
        });
        let output = server.run(&["recompute"]);
        over.store(true, Ordering::Relaxed);
        (output, posting.join().unwrap())
    });
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(" 0 rows were put right"), "{said}");
    assert!(taken > 0, "orders went on arriving");
    let check = server.run(&["recompute", "--check"]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    let path = format!("/api/v1/stores/{}/summary", server.setup.store_id);
    let summary = client.get(&path).json;
    let counted = summary["conversions"].as_u64().unwrap();
    assert_eq!(counted, 1_000 + taken, "{summary}");
}
