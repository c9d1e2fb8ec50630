//! Keys from the dashboard, judged by what the API then lets through.

use super::browser::Browser;
use super::support::{Client, TestServer};

fn works(server: &TestServer, key: &str) -> bool {
    let path = format!("/api/v1/stores/{}/summary", server.setup.store_id);
    Client::with_key(server, key).get(&path).status == 200
}

fn shown_key(page: &str) -> String {
    page[page.find("data-copy=\"sel_").expect("a key is shown") + 11..][..40].to_owned()
}

/// The handle of the newest key on the page that can be changed.
fn newest(page: &str) -> String {
    page[page.find("value=\"key_").expect("a key can be changed") + 7..][..30].to_owned()
}

#[test]
fn a_key_is_shown_once_rotated_with_overlap_and_revoked_at_once() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let path = format!("/organizations/{}/keys", server.setup.organization_id);
    assert_eq!(browser.send(&path, &[("name", "nothing")]).status, 422, "a key that may do nothing is none");
    let made = browser.send(&path, &[("name", "shop server"), ("scope_read", "on")]);
    assert_eq!(made.status, 201);
    let first = shown_key(&made.text());
    assert!(works(&server, &first));
    let list = browser.see(&path).text();
    assert!(list.contains("shop server") && !list.contains(&first));

    let id = newest(&list);
    let rotated = browser.send(&format!("{path}/rotate"), &[("key", &id), ("overlap", "24")]).text();
    let second = shown_key(&rotated);
    assert!(rotated.contains("Replaced, still works"));
    assert!(works(&server, &first) && works(&server, &second), "both work for the overlap");

    let id = newest(&browser.see(&path).text());
    let third = shown_key(&browser.send(&format!("{path}/rotate"), &[("key", &id), ("overlap", "0")]).text());
    assert!(!works(&server, &second) && works(&server, &third), "no overlap asked for, none given");

    let id = newest(&browser.see(&path).text());
    assert_eq!(browser.send(&format!("{path}/revoke"), &[("key", &id)]).status, 303);
    assert!(!works(&server, &third));
    assert_eq!(browser.send(&format!("{path}/revoke"), &[("key", &id)]).status, 404, "it is revoked already");
}

#[test]
fn a_key_that_a_browser_sent_is_flagged() {
    let server = TestServer::start();
    let key = format!("Bearer {}", server.setup.api_key);
    let headers = [("Authorization", key.as_str()), ("Origin", "https://shop.example")];
    let path = format!("/api/v1/stores/{}/summary", server.setup.store_id);
    let refused = Client::connect(&server).request("GET", &path, &headers, b"").unwrap();
    assert_eq!(refused.status, 403);
    let mut browser = Browser::logged_in(&server);
    let path = format!("/organizations/{}/keys", server.setup.organization_id);
    // Uses of keys are written in the background, in batches.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !browser.see(&path).text().contains("Seen in a browser on") {
        assert!(std::time::Instant::now() < until, "the key is never flagged");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
