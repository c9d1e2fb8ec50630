//! Erasing a person from the dashboard.

use serde_json::json;

use super::browser::Browser;
use super::pages::check;
use super::shop::Shop;
use super::support::TestServer;

#[test]
fn a_person_goes_and_counts_and_money_stay() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let mut shop = Shop::open(&server);
    let widget = shop.widget();
    shop.show(&widget, "browser-of-ann", "sofa", 3.0);
    shop.order("1", "browser-of-ann", "sofa", 1.0, json!({ "userId": "ann@example.com" }));
    let (path, order) = (shop.page("/privacy"), shop.page("/conversions/1"));
    assert!(browser.see(&shop.page("/settings")).text().contains(&path), "settings lead to it");
    let form = browser.see(&path);
    check(&path, &form);
    assert!(form.text().contains("What goes") && form.text().contains("What stays"));

    let unsure = browser.send(&path, &[("who", "user"), ("id", "ann@example.com")]);
    assert_eq!(unsure.status, 422);
    check(&path, &unsure);
    assert!(browser.see(&order).text().contains("ann@example.com"), "nothing was changed");

    let wanted = [("who", "user"), ("id", "ann@example.com"), ("sure", "on")];
    let erased = browser.send(&path, &wanted);
    assert_eq!(erased.status, 200, "{}", erased.text());
    check(&path, &erased);
    let text = erased.text();
    assert!(text.contains("1 conversion and 1 visualization"), "{text}");
    assert!(!text.contains("ann@example.com"), "the result does not name the person again");
    for page in [order, shop.page("/visualizations"), shop.page("/conversions")] {
        let text = browser.see(&page).text();
        assert!(!text.contains("ann@example.com") && !text.contains("browser-of-ann"), "{page}: {text}");
    }
    let overview = browser.see(&shop.page("")).text();
    assert!(overview.contains("1 of 1") && overview.contains("€100.00"), "{overview}");
    let again = browser.send(&path, &wanted).text();
    assert!(again.contains("Nothing in this store carries this id"), "{again}");
}
