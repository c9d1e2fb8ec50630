//! `WooCommerce`'s test of an address, and how it talks HTTP.

use serde_json::json;

use crate::orders::woocommerce;
use crate::shop::{Kind, PlatformShop, Sent, fixture, sign};
use crate::support::{Client, TestServer, exchange};

#[test]
fn the_unsigned_ping_is_answered_200_for_any_store_and_stores_nothing() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let ping = fixture("woocommerce/ping.body.txt");
    let own = format!("/api/webhooks/woocommerce/{}/orders", shop.setup.store_id);
    let routes = [
        "/api/webhooks/woocommerce/orders",
        own.as_str(),
        "/api/webhooks/woocommerce/store_01kaqx2v3e7m8r9s0t1v2w3x4y/orders",
        "/api/webhooks/woocommerce/nonsense/orders",
    ];
    for path in routes {
        for media in ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8"]
        {
            let answer = Client::connect(&server)
                .request("POST", path, &[("Content-Type", media)], &ping)
                .expect("an answer");
            assert_eq!((answer.status, &answer.json["result"]), (200, &json!("ping")), "{path} {media}");
        }
    }
    assert_eq!(shop.conversions(), 0);
    assert!(shop.deliveries("").is_empty());
}

#[test]
fn nothing_but_the_bare_ping_may_come_as_a_form() {
    let server = TestServer::start();
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let route = "/api/webhooks/woocommerce/orders";
    let send = |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        Client::connect(&server).request("POST", path, headers, body).expect("an answer").status
    };
    assert_eq!(send(route, &[form], b"webhook_id=17&more=1"), 415);
    assert_eq!(send(route, &[form], b"payload={}"), 415);
    assert_eq!(send(route, &[form], b""), 415);
    assert_eq!(send(route, &[form, ("X-WC-Webhook-Signature", "abc=")], b"webhook_id=17"), 415);
    assert_eq!(send("/api/webhooks/shopify/orders", &[form], b"webhook_id=17"), 415);
    assert_eq!(send(route, &[("Content-Type", "application/json")], b"webhook_id=17"), 401);
}

#[test]
fn a_delivery_in_http_1_0_without_a_host_is_taken() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let body = woocommerce(727, "processing", "2026-11-20T09:00:30").to_string();
    for host in ["", "Host: shop.example\r\n"] {
        let request = format!(
            "POST /api/webhooks/woocommerce/orders HTTP/1.0\r\n{host}User-Agent: WooCommerce/9.9 Hookshot (WordPress/6.9)\r\n\
             content-type: application/json\r\nX-WC-Webhook-Source: https://example.com/\r\n\
             X-WC-Webhook-Topic: order.created\r\nX-WC-Webhook-Signature: {}\r\nContent-Length: {}\r\n\r\n{body}",
            sign(body.as_bytes(), &shop.secret),
            body.len(),
        );
        let answer = exchange(&server, request).text;
        assert!(answer.starts_with("HTTP/1.0 200 ") || answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("\"success\":true"), "{answer}");
    }
    let ping = "POST /api/webhooks/woocommerce/orders HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 13\r\n\r\nwebhook_id=17";
    assert!(exchange(&server, ping).text.contains(" 200 "));
    assert_eq!(shop.conversions(), 1);
}

#[test]
fn a_delivery_in_chunks_is_taken() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let body = woocommerce(727, "processing", "2026-11-20T09:00:30").to_string();
    let (one, two) = body.split_at(100);
    let request = format!(
        "POST /api/webhooks/woocommerce/{}/orders HTTP/1.1\r\nHost: selektable.example\r\nConnection: close\r\n\
         Content-Type: application/json\r\nX-WC-Webhook-Topic: order.created\r\nX-WC-Webhook-Signature: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        shop.setup.store_id,
        sign(body.as_bytes(), &shop.secret),
        one.len(),
        two.len(),
    );
    let answer = exchange(&server, request).text;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(shop.conversion("727")["totalCents"], 10_000);
}

#[test]
fn a_source_is_found_however_its_address_is_written() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let sources = [
        "https://example.com/",
        "http://EXAMPLE.com",
        "https://example.com:8443/shop/",
        "https://example.com.",
        "https://www.example.com/",
    ];
    for (nth, source) in sources.into_iter().enumerate() {
        let body = woocommerce(700 + nth as u64, "processing", "2026-11-20T09:00:30").to_string();
        let sent = Sent::new(&shop, "order.created", body.as_bytes()).with("X-WC-Webhook-Source", source);
        let answer = shop.send(&sent);
        assert_eq!((answer.status, &answer.json["result"]), (200, &json!("created")), "{source}");
    }
    assert_eq!(shop.conversions(), sources.len());
}
