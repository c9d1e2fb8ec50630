//! Every recorded signature, over HTTP: those that are good, and those that must be refused.

use serde_json::{Value, json};

use crate::shop::{Kind, PlatformShop, Sent, fixture_json};
use crate::support::TestServer;

fn kind_of(vector: &Value) -> Kind {
    if vector["platform"] == "shopify" { Kind::Shopify } else { Kind::WooCommerce }
}

/// Sends a body with a signature to a store with this secret, by its id.
fn send(server: &TestServer, nth: usize, vector: &Value, signature: &str) -> (u16, Value, PlatformShop) {
    let kind = kind_of(vector);
    let secret = vector["secret"].as_str().expect("a secret");
    let secret = if secret.is_empty() { "another" } else { secret };
    let (name, host) = (format!("vector {nth}"), format!("vector{nth}.example"));
    let mut shop = PlatformShop::named(server, kind, &name, &host, &["--webhook-secret", secret]);
    secret.clone_into(&mut shop.secret);
    let topic = if kind == Kind::Shopify { "orders/create" } else { "order.created" };
    let body = vector["body"].as_str().expect("a body").as_bytes();
    let path = format!("/api/webhooks/{}/{}/orders", kind.code(), shop.setup.store_id);
    let sent = Sent::new(&shop, topic, body).to(&path).with(kind.headers()[1], signature);
    let answer = shop.send(&sent);
    (answer.status, answer.json, shop)
}

#[test]
fn every_recorded_webhook_signature_is_taken_and_every_bad_one_refused() {
    let server = TestServer::start();
    let vectors = fixture_json("signatures.json");
    let recorded = vectors["recorded"].as_array().expect("a list");
    let webhooks = recorded.iter().filter(|vector| vector.get("encoding").is_none());
    let mut taken = 0;
    for (nth, vector) in webhooks.enumerate() {
        let signature = vector["expect"].as_str().expect("a signature");
        let (status, json, mut shop) = send(&server, nth, vector, signature);
        let id = &vector["id"];
        if vector["accept"] == json!(true) {
            // Signed well, and no order: answered 200, and nothing is made of it.
            assert_eq!((status, &json["result"]), (200, &json!("ignored")), "{id}: {json}");
            taken += 1;
        } else {
            assert_eq!((status, &json["code"]), (401, &json!("invalid_signature")), "{id}: {json}");
            assert_eq!(shop.refused(1)[0]["code"], "signature_of_empty_secret", "{id}");
        }
        assert_eq!(shop.conversions(), 0, "{id}");
    }
    assert_eq!(taken, 4);
    let refused = vectors["must_reject"].as_array().expect("a list");
    for (nth, vector) in refused.iter().enumerate() {
        let signature = vector["header"].as_str().expect("a header");
        let (status, json, mut shop) = send(&server, 100 + nth, vector, signature);
        let id = &vector["id"];
        assert_eq!((status, &json["code"]), (401, &json!("invalid_signature")), "{id}: {json}");
        let code = shop.refused(1)[0]["code"].clone();
        let known = ["signature_malformed", "signature_wrong", "signature_of_other_bytes"];
        assert!(known.iter().any(|known| code == *known), "{id}: {code}");
        assert_eq!(shop.conversions(), 0, "{id}");
    }
    assert_eq!(refused.len(), 7);
}

/// Signatures of a browser's redirect and of a shop's proxy are made otherwise: none of them opens a webhook.
#[test]
fn a_signature_of_another_of_shopifys_schemes_opens_nothing() {
    let server = TestServer::start();
    let vectors = fixture_json("signatures.json");
    let recorded = vectors["recorded"].as_array().expect("a list");
    let others: Vec<&Value> = recorded.iter().filter(|vector| vector.get("encoding").is_some()).collect();
    assert_eq!(others.len(), 3);
    for (nth, vector) in others.into_iter().enumerate() {
        let signature = vector["expect"].as_str().expect("a signature");
        let (status, json, mut shop) = send(&server, nth, vector, signature);
        assert_eq!((status, &json["code"]), (401, &json!("invalid_signature")), "{}: {json}", vector["id"]);
        assert_eq!(shop.refused(1)[0]["code"], "signature_malformed");
    }
}
