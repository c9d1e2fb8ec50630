//! Wrong keys, missing rights, addresses that are no shop or private: what the merchant is told.

use serde_json::{Value, json};

use super::imitation::{Imitation, Reply, Trouble};
use super::support::{Client, TestServer};
use super::woocommerce_api::{KEY, SECRET, Woo};
use super::world::{connect, get, orders, pull, send, server};

fn set(server: &TestServer, body: &Value) -> Value {
    let answer = send(server, "PUT", "platform-access", body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

#[test]
fn wrong_keys_and_missing_rights_are_told_apart_and_no_key_is_ever_given_back() {
    let shop = Imitation::start(Woo::new(orders(3)));
    let server = server("woocommerce");
    let wrong = set(&server, &json!({"address": shop.url(), "key": KEY, "secret": "cs_wrong"}));
    assert_eq!(
        (wrong["works"].as_bool(), wrong["problem"]["code"].as_str()),
        (Some(false), Some("wrong_key"))
    );
    assert!(!wrong.to_string().contains("cs_wrong"));
    let failed = pull(&server, "bring_in");
    assert_eq!(failed["state"], "failed");
    assert!(failed["problem"].as_str().unwrap().contains("Consumer key"), "{failed}");
    shop.platform().may_read = false;
    let blind = connect(&server, &shop);
    assert_eq!(blind["problem"]["code"], "no_right");
    assert!(blind["problem"]["detail"].as_str().unwrap().contains("permission"), "{blind}");
    for route in ["pulls", "summary"] {
        let text = get(&server, route).to_string();
        assert!(!text.contains(SECRET) && !text.contains("cs_wrong") && !text.contains(KEY));
    }
    assert!(!server.log().contains(SECRET) && !server.log().contains("cs_wrong"), "nor in the log");
}

#[test]
fn an_address_that_is_no_shop_is_told_as_what_it_is() {
    let shop = Imitation::start(Woo::new(Vec::new()));
    let server = server("woocommerce");
    let code = |address: &str| {
        set(&server, &json!({"address": address, "key": KEY, "secret": SECRET}))["problem"]["code"].clone()
    };
    shop.trouble([Trouble::Reply(Reply::html(200))]);
    assert_eq!(code(&shop.url()), "not_a_shop");
    assert_eq!(code(&format!("{}blog/", shop.url())), "not_a_shop");
    let moved =
        Reply::html(301).with("Location", "https://www.shop.example/wp-json/wc/v3/orders?consumer_key=x");
    shop.trouble([Trouble::Reply(moved)]);
    let told = set(&server, &json!({"address": shop.url(), "key": KEY, "secret": SECRET}));
    assert_eq!(told["problem"]["code"], "elsewhere");
    assert!(told["problem"]["detail"].as_str().unwrap().contains("https://www.shop.example/:"), "{told}");
    assert_eq!(code("http://127.0.0.1:9/"), "unreachable");
}

#[test]
fn a_shop_on_the_own_network_is_not_asked_unless_the_operator_says_so() {
    let shop = Imitation::start(Woo::new(orders(3)));
    let server = TestServer::start_shop(&["--platform", "woocommerce"], &[]);
    let access = |address: &str| json!({"address": address, "key": KEY, "secret": SECRET});
    let open = send(&server, "PUT", "platform-access", &access(&shop.url()));
    assert_eq!((open.status, open.json["errors"][0]["code"].as_str()), (422, Some("invalid_address")));
    let private = set(&server, &access(&format!("https://{}/", shop.address)));
    assert_eq!(private["problem"]["code"], "private_address");
    assert!(shop.requests().is_empty(), "no connection was opened");
}

#[test]
fn what_is_entered_is_judged_before_it_is_kept() {
    let server = server("woocommerce");
    let answer = send(
        &server,
        "PUT",
        "platform-access",
        &json!({"address": "shop.example", "key": SECRET, "secret": 7}),
    );
    assert_eq!((answer.status, answer.json["errors"][0]["pointer"].as_str()), (422, Some("/secret")));
    let answer = send(
        &server,
        "PUT",
        "platform-access",
        &json!({"address": "shop.example", "key": SECRET, "secret": "x"}),
    );
    let places: Vec<&str> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["/key", "/secret"]);
    let custom = TestServer::start();
    let answer = send(&custom, "PUT", "platform-access", &json!({"address": "shop.example"}));
    assert_eq!((answer.status, answer.json["errors"][0]["code"].as_str()), (422, Some("no_platform")));
}

#[test]
fn only_a_key_of_the_store_that_writes_may_ask() {
    let server = server("woocommerce");
    let other = server.another_organization("Other");
    let path = super::world::store_path(&server, "pulls");
    let mut client = Client::with_key(&server, &other.api_key);
    assert_eq!(client.get(&path).status, 403);
    assert_eq!(client.post(&path, &json!({"since": "2026-11-01T00:00:00Z"})).status, 403);
    assert_eq!(Client::connect(&server).request("POST", &path, &[], b"{}").unwrap().status, 401);
}
