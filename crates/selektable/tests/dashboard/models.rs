//! The page of models, by what a merchant reads on it.

use super::browser::Browser;
use super::pages::check;
use super::shop::Shop;
use super::support::TestServer;

#[test]
fn the_page_says_what_differs_most_and_the_totals_are_equal() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let early = shop.add_widget(&mut browser, "Early <one>");
    let late = shop.widget();
    shop.show(&early, "v-1", "sofa", 4.0);
    shop.show(&late, "v-1", "sofa", 2.0);
    shop.plain_order("1", "v-1", "sofa", 1.0);
    shop.plain_order("2", "stranger", "sofa", 1.0);
    let path = shop.page("/models");
    let answer = browser.see(&path);
    assert_eq!(answer.status, 200);
    check(&path, &answer);
    let text = answer.text();
    assert!(text.contains("Made under ruleset 1: "), "{text}");
    let said = "Under first touch, Early &#60;one&#62; would get <strong>€100.00 more</strong> direct revenue than under last touch, the model in force";
    assert!(text.contains(said), "{text}");
    for name in ["Last touch", "First touch", "Linear", "Position based", "Time decay"] {
        assert!(text.contains(&format!("data-label=\"{name}")), "{name}: {text}");
    }
    assert!(text.contains("data-label=\"Last touch, in force\""), "{text}");
    assert!(text.contains("0.5 conversions"), "half under linear: {text}");
    assert!(text.contains("so the totals are equal under all five"), "{text}");
    let total = text.split("class=\"sum\"").nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap();
    assert_eq!(total.matches("€100.00").count(), 5, "the same total five times: {total}");
    assert!(text.contains("1 of 2 conversions"), "the unattributed are shown: {text}");
    assert!(text.contains(&shop.page("/conversions?type=none&#38;reason=visitor_never_seen")), "{text}");
}

#[test]
fn models_that_agree_and_days_without_orders_are_said_plainly() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let path = shop.page("/models");
    let text = browser.see(&path).text();
    assert!(text.contains("<strong>No conversion</strong> in the last 30 days"), "{text}");
    let widget = shop.widget();
    shop.show(&widget, "v-1", "sofa", 2.0);
    shop.plain_order("1", "v-1", "sofa", 1.0);
    let text = browser.see(&path).text();
    assert!(text.contains("<strong>All five models say the same</strong> about the 1 of 1 conversion"));
    assert!(!text.contains("NaN"));
}
