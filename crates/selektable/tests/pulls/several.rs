//! Several servers on one database: each store's orders are looked up by one of them, and by another when it dies.

use std::time::{Duration, Instant};

use selektable_testbed::{Database, database};

use super::imitation::{Imitation, Trouble};
use super::support::{Client, TestServer};
use super::woocommerce_api::{Woo, WooOrder};
use super::world::{connect, conversions, ended, get, orders, start, store_path};

const HOLDERS: &str = "SELECT count(*) FROM leases WHERE name = 'pulls'";
const SETUP: [&str; 4] = ["--platform", "woocommerce", "--currency", "EUR"];

/// The first one has the hourly pulls, where there are any.
fn two(every_s: &str) -> (Database, TestServer, TestServer) {
    let database = database();
    let arguments = ["--allow-private-platforms", "--pull-interval-s", every_s];
    let one = TestServer::start_shop_at(&database.address(), &SETUP, &arguments);
    if every_s != "0" {
        wait("its lease", || database.session().value(HOLDERS).unwrap() == "1");
    }
    let other = TestServer::join(&database.address(), &one.setup, &arguments);
    (database, one, other)
}

fn wait(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(90), "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_pull_that_one_server_is_at_is_refused_by_the_other_and_told_by_both() {
    let (_database, one, other) = two("0");
    let shop = Imitation::start(Woo::new(orders(150)));
    connect(&one, &shop);
    shop.trouble([Trouble::None, Trouble::Late(Duration::from_secs(3))]);
    assert_eq!(start(&one, "bring_in").status, 202);
    wait("the second page", || shop.requests().len() >= 3);
    let refused = start(&other, "bring_in");
    assert_eq!((refused.status, &refused.json["code"]), (409, &serde_json::json!("pull_running")));
    for server in [&one, &other] {
        assert_eq!(get(server, "pulls")["data"][0]["state"], "running");
    }
    assert_eq!(ended(&other)["state"], "done");
    assert_eq!(start(&other, "compare").status, 202, "the turn is given back with the end");
    let compared = ended(&one);
    assert_eq!((&compared["state"], &compared["same"]), (&"done".into(), &150.into()), "{compared}");
}

#[test]
fn the_hourly_pull_is_one_servers_and_another_goes_on_with_it_when_that_is_killed() {
    let (database, one, other) = two("1");
    let recent = orders(300)
        .into_iter()
        .map(|order| WooOrder { modified: order.modified + 10 * 86_400 - 36_000, ..order });
    let shop = Imitation::start(Woo::new(recent.collect()));
    // The check of the keys, then the pages.
    shop.trouble([Trouble::None, Trouble::None, Trouble::Late(Duration::from_secs(60))]);
    connect(&one, &shop);
    wait("the second page", || shop.requests().len() >= 3);
    let holder = || {
        let sql = "SELECT string_agg(holder, ',') FROM leases WHERE name = 'pulls'";
        database.session().value(sql).unwrap()
    };
    let first = holder();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!((shop.requests().len(), holder()), (3, first.clone()), "the other server leaves it alone");
    one.kill();
    wait("the rest", || conversions(&other).len() == 300);
    wait("its end", || {
        let answer = Client::connect(&other).get(&store_path(&other, "pulls"));
        answer.json["data"].as_array().unwrap().iter().any(|run| run["state"] == "done")
    });
    assert_ne!(holder(), first);
}
