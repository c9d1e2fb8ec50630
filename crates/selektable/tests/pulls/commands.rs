//! `selektable pull orders`, beside the running server.

use serde_json::Value;

use super::imitation::{Imitation, Reply, Trouble};
use super::support::{TestServer, program_on};
use super::woocommerce_api::{KEY, SECRET, Woo};
use super::world::{connect, conversions, days_ago, get, orders, rfc3339, server, since};

fn run(server: &TestServer, more: &[&str]) -> std::process::Output {
    program_on(server.data())
        .args(["pull", "orders", "--allow-private-platforms"])
        .args(more)
        .output()
        .unwrap()
}

fn told(output: &std::process::Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn orders_are_compared_and_brought_in_with_what_the_store_has() {
    let shop = Imitation::start(Woo::new(orders(30)));
    let server = server("woocommerce");
    let output = run(&server, &["--since", &since()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).1.contains("was not entered yet"), "{:?}", told(&output));
    connect(&server, &shop);
    let compared = run(&server, &["--since", &since(), "--compare"]);
    assert_eq!(compared.status.code(), Some(1), "something is missing");
    let (said, _) = told(&compared);
    assert!(said.contains("1000 (1000): was not here") && said.contains("… and 10 more"), "{said}");
    assert!(
        said.ends_with("30 orders compared: 30 missing here, 0 differing, 0 the same, 0 passed over\n"),
        "{said}"
    );
    assert!(conversions(&server).is_empty());
    let pulled = run(&server, &["--since", &since(), "--json"]);
    assert!(pulled.status.success(), "{:?}", told(&pulled));
    let answer: Value = serde_json::from_slice(&pulled.stdout).unwrap();
    assert_eq!(answer, get(&server, "pulls")["data"][0], "the command tells what the API tells");
    assert_eq!(conversions(&server).len(), 30);
    let day = &rfc3339(days_ago(20))[..10];
    assert!(run(&server, &["--since", day, "--compare"]).status.success(), "nothing is missing any more");
}

#[test]
fn keys_may_stand_in_the_environment_and_are_not_kept() {
    let shop = Imitation::start(Woo::new(orders(3)));
    let server = server("woocommerce");
    let output = program_on(server.data())
        .args(["pull", "orders", "--since", &since()])
        .env("SELEKTABLE_ALLOW_PRIVATE_PLATFORMS", "true")
        .env("SELEKTABLE_PLATFORM_ADDRESS", shop.url())
        .env("SELEKTABLE_PLATFORM_KEY", KEY)
        .env("SELEKTABLE_PLATFORM_SECRET", SECRET)
        .output()
        .unwrap();
    assert!(output.status.success(), "{:?}", told(&output));
    assert_eq!(conversions(&server).len(), 3);
    assert_eq!(run(&server, &["--since", &since()]).status.code(), Some(2), "they were not kept");
    let wrong =
        run(&server, &["--since", &since(), "--address", &shop.url(), "--key", KEY, "--secret", "whsec"]);
    assert_eq!(wrong.status.code(), Some(2));
    let (_, error) = told(&wrong);
    assert!(error.contains("--secret: must be the Consumer secret") && !error.contains("whsec"), "{error}");
}

#[test]
fn a_look_up_that_gives_up_says_why_and_can_be_gone_on_with() {
    let shop = Imitation::start(Woo::new(orders(150)));
    let server = server("woocommerce");
    connect(&server, &shop);
    shop.trouble([Trouble::None, Trouble::Reply(Reply::html(404))]);
    let output = run(&server, &["--since", &since()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).1.contains("no WooCommerce API at this address"), "{:?}", told(&output));
    let output = run(&server, &["--since", &since()]);
    assert!(output.status.success() && told(&output).1.contains("going on where it was interrupted"));
    assert_eq!(conversions(&server).len(), 150);
    let later = run(&server, &["--since", "2099-01-01"]);
    assert_eq!(later.status.code(), Some(2));
}
