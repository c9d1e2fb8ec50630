//! How a platform's deliveries go, as the API tells it.

use serde_json::{Value, json};

use crate::orders::{note_attributes, shopify, with};
use crate::shop::{Kind, PlatformShop, Sent};
use crate::support::TestServer;

#[test]
fn the_share_of_orders_with_a_visitor_stands_with_both_its_numbers() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let placed = "2026-11-20T10:00:00Z";
    let named = with(shopify(1, placed), json!({ "note_attributes": note_attributes("ann") }));
    shop.accept("orders/create", &named, "created");
    shop.accept("orders/create", &shopify(2, placed), "created");
    shop.accept("orders/create", &shopify(3, placed), "created");
    shop.accept("orders/updated", &shopify(3, "2026-11-20T11:00:00Z"), "updated");
    shop.accept("orders/create", &with(shopify(4, placed), json!({ "test": true })), "created");
    shop.accept("products/update", &json!({ "id": 1 }), "ignored");
    let body = shopify(5, placed).to_string();
    let forged = Sent::new(&shop, "orders/create", body.as_bytes())
        .with("X-Shopify-Hmac-Sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assert_eq!(shop.send(&forged).status, 401);
    shop.refused(1);

    let health = shop.get("platform").json;
    assert_eq!(health["platform"], "shopify");
    assert_eq!(health["orders"], 3, "{health:#}");
    let carriers = json!([
        { "carrier": "cart_attribute", "orders": 1, "of": 3 },
        { "carrier": null, "orders": 2, "of": 3 },
    ]);
    assert_eq!(health["carriers"], carriers);
    assert_eq!(health["leftOut"], json!([{ "reason": "test", "orders": 1 }]));
    let code = |list: &Value| (list[0]["code"].clone(), list[0]["deliveries"].clone());
    assert_eq!(code(&health["refused"]), (json!("signature_wrong"), json!(1)));
    assert_eq!(code(&health["ignored"]), (json!("topic_not_used"), json!(1)));
    let topics: Vec<(&str, u64)> = health["topics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|topic| (topic["topic"].as_str().unwrap(), topic["deliveries"].as_u64().unwrap()))
        .collect();
    assert!(topics.contains(&("orders/create", 4)) && topics.contains(&("orders/updated", 1)), "{topics:?}");
    assert!(health["lastDeliveryAt"].is_string());
    let secret = &health["link"]["secrets"][0];
    assert!(secret["lastUsedAt"].is_string() && secret["createdAt"].is_string(), "{health:#}");
    assert!(!health.to_string().contains(&shop.secret), "no secret is told");

    let empty = shop.get("platform?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z").json;
    assert_eq!((&empty["orders"], &empty["refused"]), (&json!(0), &json!([])));
    assert_eq!(shop.get("platform?from=yesterday").status, 422);
}

#[test]
fn another_organizations_store_tells_nothing() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    for rest in ["platform", "privacy-requests"] {
        let path = format!("/api/v1/stores/{}/{rest}", server.setup.store_id);
        assert_eq!(shop.client.get(&path).status, 403);
    }
}

#[test]
fn a_store_of_a_platform_starts_with_a_secret_of_ours_and_a_bad_one_is_refused() {
    let server = TestServer::start();
    let shop = PlatformShop::open(&server, Kind::WooCommerce);
    assert_eq!(shop.secret.len(), 40);
    assert!(shop.secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(server.setup.webhook_secret, None, "a store of its own making needs none");
    for (secret, words) in
        [("", "is empty"), ("cs_0123456789", "WooCommerce API key"), ("shpat_1", "access token")]
    {
        let output = server.run(&[
            "setup",
            "--org",
            "Refused",
            "--store",
            "S",
            "--email",
            "r@example.com",
            "--platform",
            "woocommerce",
            "--webhook-secret",
            secret,
        ]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(words), "{secret}: {told}");
        assert!(secret.is_empty() || !told.contains(secret), "a secret is not repeated: {told}");
    }
}

#[test]
fn deliveries_are_counted_by_what_became_of_them() {
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = TestServer::start_with(&["--metrics-listen", &metrics]);
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let placed = "2026-11-20T10:00:00Z";
    shop.accept("orders/create", &shopify(1, placed), "created");
    shop.accept("orders/create", &shopify(1, placed), "unchanged");
    shop.accept("products/update", &json!({ "id": 1 }), "ignored");
    let unsigned = Sent::new(&shop, "orders/create", b"{}").without("X-Shopify-Hmac-Sha256");
    assert_eq!(shop.send(&unsigned).status, 401);
    let told = crate::support::Client::to(metrics.parse().unwrap(), "")
        .request("GET", "/metrics", &[], b"")
        .expect("an answer")
        .text();
    for result in ["created", "unchanged", "ignored", "refused"] {
        let line =
            format!("selektable_platform_deliveries_total{{platform=\"shopify\",result=\"{result}\"}} 1");
        assert!(told.contains(&line), "{line} is missing in\n{told}");
    }
    assert!(told.contains("selektable_orders_total{result=\"created\"} 1"), "{told}");
}
