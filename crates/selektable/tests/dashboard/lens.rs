//! Figures by refund date and as known on an earlier day, by what a merchant reads.

use selektable_domain::time::{Timestamp, Zone};
use serde_json::json;

use super::browser::Browser;
use super::pages::check;
use super::shop::Shop;
use super::support::TestServer;

/// The day some days ago, as an address has it.
fn day(days_ago: i64) -> String {
    let now = selektable::ambient::now();
    let then = Timestamp::from_millis(now.as_millis() - days_ago * 86_400_000);
    Zone::parse("UTC").unwrap().local(then).unwrap().date().to_string()
}

#[test]
fn a_refund_lowers_its_own_day_when_asked_and_net_may_be_negative() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let widget = shop.widget();
    shop.show(&widget, "v-1", "sofa", 62.0);
    shop.plain_order("1", "v-1", "sofa", 60.0);
    shop.order("1", "v-1", "sofa", 60.0, json!({ "refundedCents": 3_000 }));

    let usual = browser.see(&shop.page("")).text();
    assert!(!usual.contains("\u{2212}€30.00"), "by order date the refund is 60 days ago: {usual}");
    for page in [shop.page("?dates=refund"), shop.page(&format!("/widgets/{widget}?dates=refund"))] {
        let answer = browser.see(&page);
        check(&page, &answer);
        let text = answer.text();
        assert!(text.contains("By refund date: a refund lowers the day it was made"), "{text}");
        assert!(text.contains("\u{2212}€30.00"), "negative money is shown as negative: {text}");
        assert!(text.contains("By refund date, as known now"), "{text}");
    }
}

#[test]
fn figures_as_known_on_a_day_say_so_and_leave_out_what_came_later() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let widget = shop.widget();
    shop.show(&widget, "v-1", "sofa", 12.0);
    shop.plain_order("1", "v-1", "sofa", 10.0);

    let now = browser.see(&shop.page("")).text();
    assert!(now.contains("1 of 1"), "{now}");
    assert!(now.contains("Made under ruleset 1: "), "{now}");
    let path = shop.page(&format!("?as_of={}", day(2)));
    let answer = browser.see(&path);
    check(&path, &answer);
    let text = answer.text();
    assert!(text.contains("As known on ") && text.contains("are left out."), "{text}");
    assert!(text.contains("<strong>No conversion</strong>"), "it was not known by then: {text}");
    assert!(text.contains(&format!("as_of={}", day(2))), "links of the page keep the day: {text}");
    assert!(text.contains("Show by order date, as known now"), "{text}");

    let today = browser.see(&shop.page(&format!("?as_of={}", day(0)))).text();
    assert!(!today.contains("As known on ") && today.contains("1 of 1"), "today is now: {today}");
    let nonsense = browser.see(&shop.page("?as_of=yesterday")).text();
    assert!(nonsense.contains("A day is written like") && nonsense.contains("1 of 1"), "{nonsense}");
}
