//! Which deliveries are trusted: both routes, several secrets, and what is the same for everybody who is not.

use serde_json::{Value, json};

use crate::orders::{shopify, woocommerce};
use crate::shop::{Kind, PlatformShop, Sent, sign};
use crate::support::{Client, TestServer};

const PLACED: &str = "2026-11-20T10:00:00Z";

#[test]
fn both_routes_lead_to_the_store_and_both_families_of_headers_are_read() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let body = shopify(1, PLACED).to_string();
    let own = format!("/api/webhooks/shopify/{}/orders", shop.setup.store_id);
    let by_host = Sent::new(&shop, "orders/create", body.as_bytes());
    assert_eq!(shop.send(&by_host).json["result"], "created");
    let by_id = by_host.clone().to(&own).without("X-Shopify-Shop-Domain");
    assert_eq!(shop.send(&by_id).json["result"], "unchanged");
    let newer = Sent {
        headers: vec![
            ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()),
            ("SHOPIFY-TOPIC".to_owned(), "orders/create".to_owned()),
            ("shopify-hmac-sha256".to_owned(), sign(body.as_bytes(), &shop.secret)),
            ("Shopify-Shop-Domain".to_owned(), "JSmith.MyShopify.com".to_owned()),
        ],
        ..by_host
    };
    assert_eq!(shop.send(&newer).json["result"], "unchanged");
    assert_eq!(shop.conversions(), 1);
}

#[test]
fn everything_that_is_not_trusted_gets_the_same_answer() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let body = shopify(1, PLACED).to_string();
    let good = Sent::new(&shop, "orders/create", body.as_bytes());
    let (signature, host) = ("X-Shopify-Hmac-Sha256", "X-Shopify-Shop-Domain");
    let own = format!("/api/webhooks/shopify/{}/orders", shop.setup.store_id);
    let custom = format!("/api/webhooks/shopify/{}/orders", server.setup.store_id);
    let nowhere = "/api/webhooks/shopify/store_01kaqx2v3e7m8r9s0t1v2w3x4y/orders";
    let wrong = sign(body.as_bytes(), "another secret");
    let untrusted = [
        good.clone().without(signature),
        good.clone().with(signature, &wrong),
        good.clone().with(signature, "nonsense"),
        good.clone().with(signature, ""),
        good.clone().without(host),
        good.clone().with(host, "unknown.myshopify.com"),
        good.clone().with(host, "://"),
        good.clone().to(nowhere),
        good.clone().to(nowhere).without(signature),
        good.clone().to("/api/webhooks/shopify/nonsense/orders"),
        good.clone().to("/api/webhooks/shopify/%ff/orders"),
        good.clone().to(&custom),
        good.clone().to(&own).with(signature, &wrong),
        good.clone().to(&own).without(signature),
        good.and(signature, &wrong),
    ];
    let answers: Vec<(u16, Option<String>, String)> = untrusted
        .iter()
        .map(|sent| {
            let mut answer = shop.send(sent);
            answer.json["requestId"] = Value::Null;
            (answer.status, answer.header("www-authenticate").map(str::to_owned), answer.json.to_string())
        })
        .collect();
    assert_eq!(answers[0].0, 401);
    assert_eq!(answers[0].1.as_deref(), Some("HMAC-SHA256"));
    for (place, answer) in answers.iter().enumerate() {
        assert_eq!(answer, &answers[0], "case {place}");
    }
    assert_eq!(shop.conversions(), 0);
}

#[test]
fn a_refusal_is_kept_for_its_owner_with_what_to_mend_and_a_flood_is_not() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let body = woocommerce(1, "processing", "2026-11-20T09:00:30").to_string();
    let good = Sent::new(&shop, "order.created", body.as_bytes());
    let signature = "X-WC-Webhook-Signature";
    for nth in 0..40 {
        let forged = sign(body.as_bytes(), &format!("guess {nth}"));
        assert_eq!(shop.send(&good.clone().with(signature, &forged)).status, 401);
    }
    let kept = shop.refused(5);
    assert_eq!(kept.len(), 5, "a handful is enough");
    assert_eq!((&kept[0]["code"], &kept[0]["status"]), (&json!("signature_wrong"), &json!(401)));
    assert_eq!((&kept[0]["source"], &kept[0]["topic"]), (&json!("woocommerce"), &json!("order.created")));
    assert!(kept[0]["errors"][0]["detail"].is_string() && kept[0]["orderId"].is_null());
    // What was lost on the way is seen beside it: here the slashes, which PHP escapes.
    let mut other = PlatformShop::named(&server, Kind::WooCommerce, "Other", "other.example", &[]);
    let signed = body.replace('/', "\\/");
    let rewritten = Sent::new(&other, "order.created", body.as_bytes())
        .with(signature, &sign(signed.as_bytes(), &other.secret))
        .with("X-WC-Webhook-Source", "https://other.example");
    assert_eq!(other.send(&rewritten).status, 401);
    assert_eq!(other.refused(1)[0]["code"], "signature_of_other_bytes");
    assert_eq!(shop.send(&good).json["result"], "created", "the right one is taken meanwhile");
    let log = server.log();
    assert!(!log.contains(&shop.secret) && !log.contains(&sign(body.as_bytes(), &shop.secret)), "{log}");
}

/// An app's client secret is shared by all its shops, and no header is signed.
#[test]
fn a_body_of_one_shop_under_the_name_of_another_is_refused() {
    let server = TestServer::start();
    let shared = ["--webhook-secret", "client-secret-of-an-app"];
    let mut one = PlatformShop::named(&server, Kind::Shopify, "One", "jsmith.myshopify.com", &shared);
    let mut two = PlatformShop::named(&server, Kind::Shopify, "Two", "two.myshopify.com", &shared);
    for shop in [&mut one, &mut two] {
        "client-secret-of-an-app".clone_into(&mut shop.secret);
    }
    let body = shopify(1, PLACED).to_string();
    let replayed = Sent::new(&one, "orders/create", body.as_bytes());
    let own = format!("/api/webhooks/shopify/{}/orders", two.setup.store_id);
    for sent in [
        replayed.clone().with("X-Shopify-Shop-Domain", "two.myshopify.com"),
        replayed.clone().to(&own),
        replayed.clone().to(&own).with("X-Shopify-Shop-Domain", "two.myshopify.com"),
    ] {
        let answer = two.send(&sent);
        assert_eq!((answer.status, &answer.json["code"]), (401, &json!("invalid_signature")));
    }
    assert_eq!(two.conversions(), 0);
    assert_eq!(two.refused(3)[0]["code"], "other_shop");
    assert_eq!(one.send(&replayed).json["result"], "created");
}

#[test]
fn a_strangers_claim_on_a_shops_host_stops_nothing() {
    let server = TestServer::start();
    let mut shop = PlatformShop::named(&server, Kind::Shopify, "Victim", "victim.myshopify.com", &[]);
    let _stranger = PlatformShop::named(&server, Kind::Shopify, "Stranger", "jsmith.myshopify.com", &[]);
    // The order speaks of a host that the stranger entered as its own, and this shop never did.
    let body = shopify(1, PLACED).to_string();
    let own = format!("/api/webhooks/shopify/{}/orders", shop.setup.store_id);
    let sent = Sent::new(&shop, "orders/create", body.as_bytes()).to(&own);
    assert_eq!(shop.send(&sent).json["result"], "created");
}

/// A merchant enters the domain that shoppers see; the platform's own name for the shop is another one.
#[test]
fn a_store_whose_own_name_nobody_entered_is_found_by_its_signature_and_one_that_has_a_name_is_not() {
    let server = TestServer::start();
    let mut shop = PlatformShop::named(&server, Kind::Shopify, "Seen", "shop.example", &[]);
    let mut named = PlatformShop::named(&server, Kind::Shopify, "Named", "named.myshopify.com", &[]);
    let body = shopify(1, PLACED).to_string();
    let from = |shop: &PlatformShop| {
        Sent::new(shop, "orders/create", body.as_bytes())
            .with("X-Shopify-Shop-Domain", "unheard-of.myshopify.com")
    };
    let (seen, other) = (from(&shop), from(&named));
    assert_eq!(shop.send(&seen).json["result"], "created");
    assert_eq!(named.send(&other).status, 401);
    assert_eq!((shop.conversions(), named.conversions()), (1, 0));
}

#[test]
fn two_stores_of_one_host_are_told_apart_by_their_secrets() {
    let server = TestServer::start();
    let mut one = PlatformShop::open(&server, Kind::WooCommerce);
    let mut two = PlatformShop::named(&server, Kind::WooCommerce, "Second", "example.com", &[]);
    let body = woocommerce(1, "processing", "2026-11-20T09:00:30").to_string();
    assert_eq!(two.deliver("order.created", body.as_bytes()).json["result"], "created");
    assert_eq!((one.conversions(), two.conversions()), (0, 1));
    assert_eq!(one.deliver("order.created", body.as_bytes()).json["result"], "created");
    assert_eq!((one.conversions(), two.conversions()), (1, 1));
}

#[test]
fn other_platforms_and_methods_are_refused_as_anywhere() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let json_type = [("Content-Type", "application/json")];
    for path in [
        "/api/webhooks/magento/orders",
        "/api/webhooks/magento/store_01kaqx2v3e7m8r9s0t1v2w3x4y/orders",
        "/api/webhooks/shopify/orders/more",
        "/api/webhooks/shopify",
    ] {
        let answer = client.request("POST", path, &json_type, b"{}").expect("an answer");
        assert_eq!((answer.status, &answer.json["code"]), (404, &json!("not_found")), "{path}");
    }
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        for path in ["/api/webhooks/shopify/orders", "/api/webhooks/woocommerce/nonsense/orders"] {
            let answer = client.request(method, path, &[], b"").expect("an answer");
            assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method} {path}");
        }
    }
}
