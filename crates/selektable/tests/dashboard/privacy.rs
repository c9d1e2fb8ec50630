//! Erasing a person from the dashboard, and what a platform passed on.

use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::platform::signature;
use serde_json::json;

use super::browser::Browser;
use super::connect::store_on;
use super::pages::check;
use super::shop::Shop;
use super::support::{Client, TestServer};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/platforms");

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

#[test]
fn what_a_platform_passed_on_is_listed_with_its_day_done_and_a_shops_data_deleted_only_by_its_name() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let store = store_on(&mut browser, &server, "shopify");
    let (page, key) = (format!("{store}/privacy"), "a-key-of-shopify");
    assert_eq!(browser.send(&format!("{store}/connect/secrets"), &[("secret", key)]).status, 303);
    let host = [("shop_host", "jsmith.myshopify.com")];
    assert_eq!(browser.send(&format!("{store}/connect/shop"), &host).status, 303);
    assert_eq!(
        browser.send(&format!("{page}/delete"), &[("name_again", "Nordhem")]).status,
        404,
        "nobody asked"
    );
    let deliver = |topic: &str, fixture: &str| {
        let body = std::fs::read(format!("{FIXTURES}/shopify/{fixture}.json")).unwrap();
        let signature = signature::sign(&body, &WebhookSecret::parse(key).unwrap());
        let headers = [
            ("Content-Type", "application/json"),
            ("X-Shopify-Topic", topic),
            ("X-Shopify-Shop-Domain", "jsmith.myshopify.com"),
            ("X-Shopify-Hmac-Sha256", signature.as_str()),
        ];
        let path = format!("/api/webhooks/shopify/{}/orders", store.trim_start_matches("/stores/"));
        let answer = Client::connect(&server).request("POST", &path, &headers, &body).unwrap();
        assert_eq!(answer.status, 200, "{topic}: {}", answer.text());
    };
    deliver("orders/create", "orders_create.paid.guest-no-customer");
    deliver("customers/data_request", "customers_data_request.docs-sample");
    deliver("shop/redact", "shop_redact.docs-sample");

    let listed = browser.see(&page);
    check(&page, &listed);
    let text = listed.text();
    assert!(text.contains("Send a customer their data") && text.contains("/conversions/299938"), "{text}");
    assert!(text.contains("Delete the data of “Nordhem”") && text.contains("; due "), "{text}");
    let overview = browser.see(&store).text();
    assert!(overview.contains("2 requests under privacy law wait for you, due by "), "{overview}");
    assert_eq!(browser.send(&format!("{page}/done"), &[("number", "1")]).status, 303);
    assert_eq!(browser.send(&format!("{page}/done"), &[("number", "1")]).status, 404, "once");

    let slip = browser.send(&format!("{page}/delete"), &[("name_again", "nordhem")]);
    assert_eq!(slip.status, 422);
    check(&page, &slip);
    let found = |browser: &mut Browser| browser.see(&format!("{store}/conversions/1073459966")).status;
    assert_eq!(found(&mut browser), 200, "a slip deletes nothing");
    let gone = browser.send(&format!("{page}/delete"), &[("name_again", "Nordhem")]);
    assert_eq!(gone.status, 200, "{}", gone.text());
    check(&page, &gone);
    assert!(
        gone.text().contains("was deleted") && !gone.text().contains("Delete the data of"),
        "{}",
        gone.text()
    );
    assert_eq!(found(&mut browser), 404);
    assert_eq!(browser.see(&store).status, 200, "the store itself stays");
}
