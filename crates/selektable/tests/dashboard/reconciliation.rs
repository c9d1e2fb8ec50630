//! The reconciliation page, without a script in the browser.

use super::browser::Browser;
use super::connect::store_on;
use super::pages::check;
use super::support::TestServer;

#[test]
fn a_platforms_orders_are_looked_up_only_after_keys_that_work_were_entered() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    for (platform, fields) in [
        ("woocommerce", vec![("key", "The consumer key"), ("secret", "The consumer secret")]),
        ("shopify", vec![("token", "The access token")]),
    ] {
        let page = format!("{}/reconciliation", store_on(&mut browser, &server, platform));
        let empty = browser.see(&page);
        check(&page, &empty);
        let text = empty.text();
        assert!(text.contains("Nothing has been looked up at"), "{text}");
        assert!(
            text.contains("No delivery yet") && text.contains("First enter how orders are looked up"),
            "{text}"
        );

        let without = browser.send(&page, &[("since", "2026-01-31"), ("mode", "compare")]);
        assert_eq!(without.status, 422);
        check(&page, &without);
        assert!(without.text().contains("value=\"2026-01-31\""), "what was typed stays");
        let never = browser.send(&page, &[("since", "9000-01-01"), ("mode", "bring_in")]);
        assert_eq!(never.status, 422);
        assert!(never.text().contains("today or earlier"));
        assert_eq!(browser.send(&page, &[("since", "2026-01-31"), ("mode", "all")]).status, 400);

        let access = format!("{page}/access");
        let missing = browser.send(&access, &[("address", "https://nordhem.example/")]);
        assert_eq!(missing.status, 422);
        check(&access, &missing);
        assert!(fields.iter().any(|(_, label)| missing.text().contains(label)), "{}", missing.text());
        let secret = "cs_0123456789abcdef0123456789abcdef01234567";
        let mut form = vec![("address", "https://127.0.0.1:1/")];
        form.extend(fields.iter().map(|(name, _)| (*name, secret)));
        let refused = browser.send(&access, &form);
        assert_eq!(refused.status, 422);
        check(&access, &refused);
        assert!(!refused.text().contains(secret), "a key is never shown again");
        assert!(browser.see(&page).text().contains("First enter how"), "what does not work is not kept");
    }
    let own = format!("/stores/{}/reconciliation", server.setup.store_id);
    assert_eq!(browser.see(&own).status, 404, "a site of its own has no platform");
}
