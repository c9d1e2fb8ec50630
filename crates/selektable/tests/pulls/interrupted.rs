//! Pulls that end in the middle: by `kill -9`, and by a shop that is down for long.

use std::time::{Duration, Instant};

use super::imitation::{Imitation, Reply, Trouble};
use super::woocommerce_api::{Woo, WooOrder};
use super::world::{connect, conversions, counts, get, orders, pull, server, server_that_asks, start};

#[test]
fn a_pull_that_was_killed_goes_on_where_it_was_and_ends_alike() {
    let shop = Imitation::start(Woo::new(orders(600)));
    let mut server = server("woocommerce");
    connect(&server, &shop);
    let before = shop.requests().len();
    shop.trouble([Trouble::None, Trouble::None, Trouble::None, Trouble::Late(Duration::from_secs(30))]);
    assert_eq!(start(&server, "bring_in").status, 202);
    let began = Instant::now();
    while shop.requests().len() < before + 4 {
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(10));
    }
    server.restart();
    let done = pull(&server, "bring_in");
    assert_eq!(done["state"], "done", "{done}");
    assert!(
        (600..610).contains(&done["orders"].as_u64().unwrap()),
        "the page it was at is read again: {done}"
    );
    assert_eq!(conversions(&server).len(), 600);
    let requests = shop.requests();
    let after: Vec<&str> =
        requests[before..].iter().filter_map(|one| one.parameter("modified_after")).collect();
    assert_eq!(after[4], after[3], "it went on at its cursor");
    assert!(after[4] > after[0]);
    let again = pull(&server, "bring_in");
    assert_eq!(counts(&again), [600, 0, 0, 600, 0]);
}

#[test]
fn the_hourly_pull_that_was_killed_goes_on_by_itself() {
    let recent = orders(300)
        .into_iter()
        .map(|order| WooOrder { modified: order.modified + 10 * 86_400 - 36_000, ..order });
    let shop = Imitation::start(Woo::new(recent.collect()));
    let mut server = server_that_asks("woocommerce", "1");
    // The check of the keys, then the pages.
    shop.trouble([Trouble::None, Trouble::None, Trouble::None, Trouble::Late(Duration::from_secs(30))]);
    connect(&server, &shop);
    let began = Instant::now();
    while shop.requests().len() < 4 {
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(10));
    }
    let killed = get(&server, "pulls")["data"][0]["startedAt"].clone();
    server.restart();
    while conversions(&server).len() < 300 {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", get(&server, "pulls"));
        std::thread::sleep(Duration::from_millis(20));
    }
    let oldest = |pulls: &serde_json::Value| pulls["data"].as_array().unwrap().last().unwrap().clone();
    while oldest(&get(&server, "pulls"))["state"] == "running" {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    let first = oldest(&get(&server, "pulls"));
    assert_eq!((&first["startedAt"], &first["state"]), (&killed, &serde_json::json!("done")));
}

#[test]
fn a_server_that_is_stopped_does_not_wait_for_a_slow_shop() {
    let shop = Imitation::start(Woo::new(orders(150)));
    let mut server = server("woocommerce");
    connect(&server, &shop);
    shop.trouble([Trouble::None, Trouble::Late(Duration::from_secs(30))]);
    assert_eq!(start(&server, "bring_in").status, 202);
    let began = Instant::now();
    while shop.requests().len() < 3 {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    let stopping = Instant::now();
    assert_eq!(server.stop(), Some(0));
    assert!(stopping.elapsed() < Duration::from_secs(10), "{:?}", stopping.elapsed());
    server.restart();
    assert_eq!(pull(&server, "bring_in")["state"], "done");
    assert_eq!(conversions(&server).len(), 150);
}

#[test]
fn a_pull_that_gave_up_says_why_and_the_next_one_goes_on_with_it() {
    let shop = Imitation::start(Woo::new(orders(300)));
    let server = server("woocommerce");
    connect(&server, &shop);
    shop.trouble([Trouble::None, Trouble::None, Trouble::Reply(Reply::html(200))]);
    let failed = pull(&server, "bring_in");
    assert_eq!(
        (failed["state"].as_str(), failed["orders"].as_u64()),
        (Some("failed"), Some(199)),
        "{failed}"
    );
    assert!(failed["problem"].as_str().unwrap().contains("Permalinks"), "{failed}");
    let before = shop.requests().len();
    let done = pull(&server, "bring_in");
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["startedAt"], failed["startedAt"], "it is the same one");
    assert!(shop.requests().len() - before < 5, "only what was left was read");
    assert_eq!(conversions(&server).len(), 300);
}
