//! Pages, sorting, trouble and changes in between, at an imitated `WooCommerce` shop.

use std::time::Duration;

use serde_json::json;

use super::imitation::{Imitation, Reply, Trouble};
use super::woocommerce_api::{Woo, WooOrder};
use super::world::{
    connect, conversions, counts, days_ago, ended, get, orders, pull, rfc3339, send, server,
    server_that_asks, start,
};

#[test]
fn a_thousand_orders_over_many_pages_are_a_thousand_conversions() {
    let shop = Imitation::start(Woo::new(orders(1_000)));
    let server = server("woocommerce");
    assert_eq!(connect(&server, &shop)["works"], true);
    let first = pull(&server, "bring_in");
    assert_eq!((first["state"].as_str(), counts(&first)), (Some("done"), [1_000, 1_000, 0, 0, 0]), "{first}");
    assert_eq!(first["lines"].as_array().unwrap().len(), 500, "the list is bounded");
    let found = conversions(&server);
    assert_eq!(found.len(), 1_000);
    assert!(found.iter().all(|one| one["source"] == "woocommerce" && one["visitorId"].is_string()));
    let ids: std::collections::BTreeSet<&str> =
        found.iter().map(|one| one["orderId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1_000);
    let again = pull(&server, "bring_in");
    assert_eq!(counts(&again), [1_000, 0, 0, 1_000, 0]);
    assert_eq!(conversions(&server).len(), 1_000);
    let deliveries = get(&server, "deliveries?orderId=1000")["data"].as_array().unwrap().len();
    assert_eq!(deliveries, 1, "an order that is known as it is makes no second delivery");
}

#[test]
fn a_comparison_tells_what_differs_and_writes_nothing() {
    let shop = Imitation::start(Woo::new(orders(5)));
    let server = server("woocommerce");
    connect(&server, &shop);
    let missing = pull(&server, "compare");
    assert_eq!(counts(&missing), [5, 5, 0, 0, 0]);
    assert!(conversions(&server).is_empty());
    assert_eq!(get(&server, "deliveries")["data"], json!([]));
    pull(&server, "bring_in");
    {
        let mut woo = shop.platform();
        woo.orders[1] = WooOrder { status: "refunded", modified: days_ago(1), ..woo.orders[1].clone() };
        woo.orders[2] = WooOrder { refunds: vec![(9, 100)], ..woo.orders[2].clone() };
        woo.orders[3].status = "checkout-draft";
    }
    let dump = || server.run(&["dump", "--canonical"]).stdout;
    let before = dump();
    let differing = pull(&server, "compare");
    assert!(!before.is_empty() && dump() == before, "not a byte of facts or decisions is another one");
    assert_eq!(counts(&differing), [5, 0, 2, 2, 1], "{differing}");
    let line = |order: &str| {
        let lines = differing["lines"].as_array().unwrap();
        lines.iter().find(|line| line["orderId"] == order).unwrap_or_else(|| panic!("{differing}")).clone()
    };
    assert_eq!(
        line("1001")["differences"][0],
        json!({"field": "status", "ours": "processing", "theirs": "refunded"})
    );
    assert_eq!(
        line("1002")["differences"][0],
        json!({"field": "refundedCents", "ours": "0", "theirs": "100"})
    );
    assert_eq!((&line("1003")["found"], &line("1003")["code"]), (&json!("passed_over"), &json!("draft")));
    assert_eq!(get(&server, "conversions/1001")["status"], "processing", "nothing was written");
    pull(&server, "bring_in");
    assert_eq!(get(&server, "conversions/1001")["status"], "refunded");
    assert_eq!(
        get(&server, "conversions/1002")["refundedCents"],
        100,
        "a refund may leave the shop's time alone"
    );
}

#[test]
fn a_shop_that_is_slow_busy_or_down_for_a_moment_loses_nothing() {
    let shop = Imitation::start(Woo::new(orders(250)));
    let server = server("woocommerce");
    connect(&server, &shop);
    shop.trouble([
        Trouble::Reply(Reply::json(429, &json!({"code": "too_many"})).with("Retry-After", "1")),
        Trouble::Reply(Reply::html(503)),
        Trouble::Cut,
        Trouble::None,
        Trouble::Late(Duration::from_millis(300)),
        Trouble::Reply(Reply::json(500, &json!({}))),
    ]);
    let done = pull(&server, "bring_in");
    assert_eq!((done["state"].as_str(), counts(&done)), (Some("done"), [250, 250, 0, 0, 0]), "{done}");
    assert_eq!(conversions(&server).len(), 250);
}

#[test]
fn orders_that_change_between_pages_are_neither_skipped_nor_left_as_they_were() {
    let shop = Imitation::start(Woo::new(orders(450)));
    let mut page = 0;
    shop.platform().meanwhile = Box::new(move |orders| {
        // After each of the first pages, orders that were read move to the end, and those behind them move up.
        page += 1;
        if page <= 4 {
            for order in
                orders.iter_mut().filter(|order| order.id % 9 == page && order.modified < days_ago(2))
            {
                order.modified = days_ago(1) + i64::try_from(page * 1_000 + order.id % 900).unwrap();
                order.status = "completed";
            }
        }
    });
    let server = server("woocommerce");
    connect(&server, &shop);
    let done = pull(&server, "bring_in");
    assert_eq!((done["state"].as_str(), done["orders"].as_u64()), (Some("done"), Some(450)), "{done}");
    let found = conversions(&server);
    assert_eq!(found.len(), 450);
    for order in &shop.platform().orders {
        let id = order.id.to_string();
        let ours = found.iter().find(|one| one["orderId"] == id).unwrap();
        assert_eq!(ours["status"], order.status, "{}", order.id);
    }
}

#[test]
fn more_orders_than_a_page_holds_may_change_in_one_second() {
    let mut all = orders(360);
    for order in &mut all[50..330] {
        order.modified = days_ago(5);
    }
    let shop = Imitation::start(Woo::new(all));
    let mut page = 0;
    shop.platform().meanwhile = Box::new(move |orders| {
        page += 1;
        // Some leave that second while it is read.
        for order in orders.iter_mut().filter(|order| order.id % 60 == page) {
            order.modified = days_ago(1) + page.cast_signed();
        }
    });
    let server = server("woocommerce");
    connect(&server, &shop);
    assert_eq!(counts(&pull(&server, "bring_in")), [360, 360, 0, 0, 0]);
    assert_eq!(conversions(&server).len(), 360);
}

#[test]
fn shops_that_can_not_sort_or_sort_otherwise_are_read_by_id() {
    for (knows_modified, sorts) in [(false, true), (true, false)] {
        let shop = Imitation::start(Woo { knows_modified, sorts, ..Woo::new(orders(350)) });
        let server = server("woocommerce");
        connect(&server, &shop);
        assert_eq!(counts(&pull(&server, "bring_in")), [350, 350, 0, 0, 0], "{knows_modified} {sorts}");
        assert_eq!(conversions(&server).len(), 350);
    }
}

#[test]
fn an_order_that_went_to_the_trash_unheard_is_cancelled() {
    let shop = Imitation::start(Woo::new(orders(3)));
    let server = server("woocommerce");
    connect(&server, &shop);
    pull(&server, "bring_in");
    {
        let mut woo = shop.platform();
        woo.orders[1] = WooOrder { status: "trash", modified: days_ago(1), ..woo.orders[1].clone() };
    }
    assert_eq!(counts(&pull(&server, "bring_in")), [3, 0, 1, 2, 0]);
    assert_eq!(get(&server, "conversions/1001")["status"], "cancelled");
}

#[test]
fn an_outage_mends_itself_without_anybody() {
    let recent = orders(4).into_iter().map(|order| WooOrder { modified: days_ago(0) - 3_600, ..order });
    let shop = Imitation::start(Woo::new(recent.collect()));
    let server = server_that_asks("woocommerce", "1");
    connect(&server, &shop);
    let began = std::time::Instant::now();
    while conversions(&server).len() < 4 {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", get(&server, "pulls"));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ended(&server)["mode"], "bring_in");
    shop.platform().orders[0].status = "completed";
    shop.platform().orders[0].modified += 60;
    while get(&server, "conversions/1000")["status"] != "completed" {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", get(&server, "pulls"));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(
        get(&server, "deliveries?orderId=1001")["data"].as_array().unwrap().len(),
        1,
        "the overlap is silent"
    );
}

#[test]
fn one_pull_at_a_time_and_none_without_access() {
    let shop = Imitation::start(Woo::new(orders(10)));
    let server = server("woocommerce");
    let refused = start(&server, "bring_in");
    assert_eq!((refused.status, refused.json["code"].as_str()), (422, Some("no_platform_access")));
    connect(&server, &shop);
    shop.trouble([Trouble::Late(Duration::from_secs(2))]);
    let begun = start(&server, "compare");
    assert_eq!((begun.status, begun.json["state"].as_str()), (202, Some("running")));
    let second = start(&server, "bring_in");
    assert_eq!((second.status, second.json["code"].as_str()), (409, Some("pull_running")));
    ended(&server);
    assert_eq!(pull(&server, "bring_in")["state"], "done");
    assert_eq!(send(&server, "DELETE", "platform-access", &json!({})).status, 204);
    assert_eq!(start(&server, "bring_in").status, 422);
    assert_eq!(get(&server, "pulls")["data"].as_array().unwrap().len(), 2, "what was found stays");
    let later = send(&server, "POST", "pulls", &json!({"since": rfc3339(days_ago(-1))}));
    assert_eq!((later.status, later.json["errors"][0]["pointer"].as_str()), (422, Some("/since")));
}
