//! The page of time to conversion, by what a merchant reads on it.

use serde_json::json;

use super::browser::Browser;
use super::pages::check;
use super::shop::Shop;
use super::support::TestServer;

#[test]
fn a_longer_window_is_advised_with_exact_counts_and_can_be_tried() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let widget = shop.widget();
    shop.show(&widget, "v-1", "sofa", 4.0);
    shop.plain_order("1", "v-1", "sofa", 1.0);
    shop.show(&widget, "v-2", "sofa", 12.0);
    shop.order("2", "v-2", "sofa", 1.0, json!({ "userId": "ann" }));
    let path = shop.page("/lag");
    let answer = browser.see(&path);
    assert_eq!(answer.status, 200);
    check(&path, &answer);
    let text = answer.text();
    assert!(text.contains("Made under ruleset 1: "), "{text}");
    assert!(text.contains("The only direct conversion in the last 30 days came "), "{text}");
    assert!(text.contains("<strong>3 days</strong>"), "{text}");
    assert!(text.contains("A window of 14 days would credit <strong>1 more</strong> of 2 conversions."));
    assert!(text.contains(&shop.page("/rules?window=336")), "a draft to try: {text}");
    let draft = browser.see(&shop.page("/rules?window=336")).text();
    assert!(
        draft.contains("name=\"window\" value=\"14\"") && draft.contains("with the suggestion"),
        "{draft}"
    );
    assert!(text.contains("1 more credited, 1 more direct") && text.contains(">in force<"), "{text}");
    assert!(text.contains("window-name") && text.contains("window 7 days"), "the window is marked");
    assert!(text.contains("Not hidden: 1 conversion of known customers"), "{text}");
    assert!(text.contains("Your window of 7 days is not longer than 7 days"), "{text}");
    let main = text.split_once("<main").unwrap().1;
    assert!(!main.contains("NaN") && !main.contains('%'), "no bare percentage: {main}");
}

#[test]
fn without_conversions_nothing_is_made_up() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let text = browser.see(&Shop::open(&server).page("/lag")).text();
    assert!(text.contains("<strong>No direct conversion</strong> in the last 30 days"), "{text}");
    assert!(text.contains("Connect your site") && !text.contains("What Safari hides"), "{text}");
}
