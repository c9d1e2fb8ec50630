//! Cursors, points and trouble, at an imitated Shopify shop.

use serde_json::{Value, json};

use super::imitation::{Imitation, Reply, Trouble};
use super::shopify_api::{Shopify, ShopifyOrder, TOKEN};
use super::support::TestServer;
use super::world::{conversions, counts, days_ago, get, pull, send, server};

/// Ids beyond 2^53, a minute apart, the first of them ten days ago.
fn orders(count: u64) -> Vec<ShopifyOrder> {
    let order = |number: u64| ShopifyOrder {
        id: 9_007_199_254_740_993 + number,
        updated: days_ago(10) + 60 * number.cast_signed(),
        financial: "PAID",
        cents: 5_000 + number,
        visitor: number.is_multiple_of(2).then(|| format!("visitor-{number}")),
    };
    (0..count).map(order).collect()
}

fn connect(server: &TestServer, shop: &Imitation<Shopify>, token: &str) -> Value {
    let answer = send(server, "PUT", "platform-access", &json!({"address": shop.url(), "token": token}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

#[test]
fn every_order_comes_in_once_with_its_exact_id() {
    let shop = Imitation::start(Shopify::new(orders(137)));
    let server = server("shopify");
    assert_eq!(connect(&server, &shop, TOKEN)["works"], true);
    assert_eq!(counts(&pull(&server, "bring_in")), [137, 137, 0, 0, 0]);
    let found = conversions(&server);
    assert_eq!(found.len(), 137);
    let first = get(&server, "conversions/9007199254740993");
    assert_eq!(
        (&first["totalCents"], &first["status"], &first["visitorId"], &first["source"]),
        (&json!(5_000), &json!("processing"), &json!("visitor-0"), &json!("shopify"))
    );
    assert_eq!(counts(&pull(&server, "compare")), [137, 0, 0, 137, 0]);
}

#[test]
fn points_come_back_and_questions_that_cost_too_much_become_smaller() {
    let shop = Imitation::start(Shopify { throttles: 2, first_max: 7, ..Shopify::new(orders(30)) });
    let server = server("shopify");
    connect(&server, &shop, TOKEN);
    shop.trouble([Trouble::Reply(
        Reply::json(429, &json!({"errors": "Exceeded"})).with("Retry-After", "1.0"),
    )]);
    let done = pull(&server, "bring_in");
    assert_eq!((done["state"].as_str(), counts(&done)), (Some("done"), [30, 30, 0, 0, 0]), "{done}");
    let asked: Vec<u64> =
        shop.requests().iter().filter_map(|one| one.body["variables"]["first"].as_u64()).collect();
    assert_eq!((asked.first(), asked.last()), (Some(&10), Some(&5)));
}

#[test]
fn orders_that_change_meanwhile_are_read_again_at_the_end() {
    let shop = Imitation::start(Shopify::new(orders(40)));
    let mut page = 0;
    shop.platform().meanwhile = Box::new(move |orders| {
        page += 1;
        for order in
            orders.iter_mut().filter(|order| page < 4 && order.id % 8 == page && order.updated < days_ago(2))
        {
            order.updated = days_ago(1) + page.cast_signed();
            order.financial = "REFUNDED";
        }
    });
    let server = server("shopify");
    connect(&server, &shop, TOKEN);
    assert_eq!(pull(&server, "bring_in")["orders"], 40);
    for order in &shop.platform().orders {
        let expected = if order.financial == "REFUNDED" { "refunded" } else { "processing" };
        assert_eq!(get(&server, &format!("conversions/{}", order.id))["status"], expected, "{}", order.id);
    }
}

#[test]
fn a_cursor_that_shopify_forgot_is_done_without() {
    let shop = Imitation::start(Shopify::new(orders(35)));
    let server = server("shopify");
    connect(&server, &shop, TOKEN);
    shop.trouble([Trouble::None, Trouble::None, Trouble::Reply(Reply::html(200))]);
    let failed = pull(&server, "bring_in");
    assert_eq!((failed["state"].as_str(), failed["orders"].as_u64()), (Some("failed"), Some(20)), "{failed}");
    shop.platform().forgets = true;
    let done = pull(&server, "bring_in");
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(conversions(&server).len(), 35);
}

#[test]
fn a_wrong_token_a_missing_scope_and_another_address_are_told_apart() {
    let shop = Imitation::start(Shopify::new(orders(1)));
    let server = server("shopify");
    let problem = |token: &str| connect(&server, &shop, token)["problem"].clone();
    assert_eq!(problem("shpat_other")["code"], "wrong_key");
    shop.platform().may_read = false;
    let told = problem(TOKEN);
    assert_eq!(told["code"], "no_right");
    assert!(told["detail"].as_str().unwrap().contains("read_orders"), "{told}");
    shop.trouble([Trouble::Reply(Reply::html(404))]);
    assert_eq!(problem(TOKEN)["code"], "not_a_shop");
    let failed = pull(&server, "bring_in");
    assert_eq!(failed["state"], "failed");
    assert!(!get(&server, "pulls").to_string().contains("shpat_1"), "no token is ever given back");
}
