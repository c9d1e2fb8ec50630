//! One conversion's page: what was considered, what would have changed it, and what it was worth when.

use serde_json::json;

use super::browser::Browser;
use super::pages::check;
use super::shop::Shop;
use super::support::TestServer;

#[test]
fn another_product_is_one_button_away_from_being_the_same() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let widget = shop.widget();
    shop.show(&widget, "v-1", "123", 3.0);
    shop.show(&widget, "v-1", "456", 20.0);
    shop.plain_order("1", "v-1", "456", 1.0);
    let path = shop.page("/conversions/1");
    let answer = browser.see(&path);
    check(&path, &answer);
    let text = answer.text();
    assert!(text.contains("Ordered product 456, visualized 123"), "{text}");
    assert!(text.contains("Make 456 a variant of 123"), "{text}");
    assert!(text.contains(&format!("action=\"{}\"", shop.page("/products/join"))), "{text}");
    assert!(text.contains("12 days older than the window of 7 days"), "{text}");
    assert!(text.contains(&shop.page("/rules?window=456")), "19 days in hours: {text}");
    assert!(text.contains("Too old: outside the attribution window"), "also what had no chance: {text}");
    assert!(text.contains(&shop.page("/rules/1")) && text.contains(">ruleset 1<"), "{text}");
}

#[test]
fn what_an_order_was_worth_is_told_row_by_row() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let widget = shop.widget();
    shop.show(&widget, "v-1", "123", 3.0);
    shop.order("1", "v-1", "123", 1.0, json!({ "status": "pending" }));
    shop.order("1", "v-1", "123", 1.0, json!({ "status": "completed" }));
    shop.order("1", "v-1", "123", 1.0, json!({ "status": "completed", "refundedCents": 2_500 }));
    let path = shop.page("/conversions/1");
    let answer = browser.see(&path);
    check(&path, &answer);
    let text = answer.text();
    let ledger = text.split("What it was worth when").nth(1).unwrap().split("</table>").next().unwrap();
    let places = ["Order came in", "Paid", "Partly refunded"].map(|cause| ledger.find(cause));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {ledger}");
    assert!(ledger.contains("money-provisional") && ledger.contains("€75.00"), "{ledger}");
    assert!(ledger.contains("known since"), "{ledger}");
    let seal = text.split("Seal of the stored decision").nth(1).unwrap();
    let digits = seal.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(digits.len(), 64, "{digits}");
    assert!(digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
}
