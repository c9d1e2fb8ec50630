//! Webhooks and pulls of one shop: whichever comes first, the end is the same.

use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::platform::signature;
use serde_json::Value;

use super::imitation::Imitation;
use super::support::{Client, TestServer};
use super::woocommerce_api::{Woo, WooOrder, body};
use super::world::{connect, conversions, days_ago, get, orders, pull, server_with_secret};

const SECRET: &str = "3xJ9aQm2TzR7";

fn deliver(server: &TestServer, order: &Value) {
    let text = order.to_string();
    let signature = signature::sign(text.as_bytes(), &WebhookSecret::parse(SECRET).unwrap());
    let headers = [
        ("Content-Type", "application/json"),
        ("X-WC-Webhook-Topic", "order.updated"),
        ("X-WC-Webhook-Source", "https://shop.example/"),
        ("X-WC-Webhook-Signature", signature.as_str()),
    ];
    let path = format!("/api/webhooks/woocommerce/{}/orders", server.setup.store_id);
    let answer = Client::connect(server).request("POST", &path, &headers, text.as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// What counts of an order, without ids and times of our own.
fn state(server: &TestServer) -> Vec<Value> {
    let mut found = conversions(server);
    found.sort_by_key(|one| one["orderId"].to_string());
    for one in &mut found {
        let fields = one.as_object_mut().unwrap();
        fields.remove("conversionId");
        fields.remove("receivedAt");
    }
    found
}

/// The life of some orders: as they were, and as they are now.
fn lives() -> (Vec<WooOrder>, Vec<WooOrder>) {
    let early = orders(6);
    let mut late = early.clone();
    for (order, status) in
        late.iter_mut().zip(["completed", "refunded", "cancelled", "processing", "processing"])
    {
        order.status = status;
        order.modified = days_ago(3) + i64::try_from(order.id).unwrap();
    }
    late[3].refunds = vec![(70, 150)];
    late[4].visitor = None;
    (early, late)
}

#[test]
fn a_webhook_before_the_pull_and_the_pull_before_the_webhook_end_alike() {
    let (early, late) = lives();
    let mut ends = Vec::new();
    for way in 0..4 {
        let server = server_with_secret("woocommerce", SECRET);
        let shop = Imitation::start(Woo::new(if way == 3 { early.clone() } else { late.clone() }));
        connect(&server, &shop);
        let webhooks = |orders: &[WooOrder]| orders.iter().for_each(|order| deliver(&server, &body(order)));
        match way {
            // Everything arrived; the pull finds nothing.
            0 => {
                webhooks(&early);
                webhooks(&late);
                assert_eq!(pull(&server, "bring_in")["same"], 6);
            }
            // The later webhooks were lost.
            1 => {
                webhooks(&early);
                assert_eq!(pull(&server, "bring_in")["differing"], 4);
            }
            // All of them are late.
            2 => {
                pull(&server, "bring_in");
                webhooks(&late);
                webhooks(&early);
            }
            // The pull saw the orders as they were.
            _ => {
                pull(&server, "bring_in");
                webhooks(&late);
            }
        }
        ends.push((way, state(&server)));
    }
    for (way, end) in &ends[1..] {
        assert_eq!(end, &ends[0].1, "way {way}");
    }
}

#[test]
fn what_is_pulled_is_no_sign_that_webhooks_arrive() {
    let server = server_with_secret("woocommerce", SECRET);
    let shop = Imitation::start(Woo::new(orders(2)));
    connect(&server, &shop);
    pull(&server, "bring_in");
    let deliveries = get(&server, "deliveries")["data"].as_array().unwrap().clone();
    assert!(deliveries.iter().all(|one| one["requestId"].as_str().unwrap().starts_with("pull-")));
    assert!(deliveries.iter().all(|one| one["topic"].is_null()), "{deliveries:?}");
}
