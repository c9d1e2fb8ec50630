//! Connecting a store of a platform, without a script in the browser: pages, secrets, the plugin's download.

use super::browser::Browser;
use super::pages::check;
use super::support::TestServer;

/// Adds a store of a platform; its address.
pub(crate) fn store_on(browser: &mut Browser, server: &TestServer, platform: &str) -> String {
    let new = format!("/organizations/{}/stores/new", server.setup.organization_id);
    let form = [
        ("store", "Nordhem"),
        ("platform", platform),
        ("origins", "https://nordhem.example"),
        ("currency", "EUR"),
        ("zone", "Europe/Amsterdam"),
    ];
    let made = browser.send(&new, &form);
    let next = made.header("location").unwrap_or_else(|| panic!("{}", made.text())).to_owned();
    next.strip_suffix("/connect").expect("a store of a platform is connected first").to_owned()
}

/// The secret of our own making that a connect page shows.
pub(crate) fn made_secret(page: &str) -> &str {
    let mark = "class=\"secret\"><code data-copy=\"";
    let start = page.find(mark).expect("a secret") + mark.len();
    &page[start..start + 40]
}

#[test]
fn a_store_of_each_platform_has_a_page_with_its_own_values_and_the_screens_names() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    for (platform, said) in [
        (
            "shopify",
            [
                "layout/theme.liquid",
                "Settings → Notifications → Webhooks → Create webhook",
                "Order update",
                "Refund create",
                "Your webhooks will be signed with",
                "Settings → Customer events → Add custom pixel",
            ],
        ),
        (
            "woocommerce",
            [
                "Plugins → Add New Plugin → Upload Plugin",
                "WooCommerce → Selektable",
                "WooCommerce → Settings → Advanced → Webhooks → Add webhook",
                "Order restored",
                "WP REST API Integration v3",
                "none of them says which visitor placed it",
            ],
        ),
    ] {
        let store = store_on(&mut browser, &server, platform);
        let id = store.trim_start_matches("/stores/");
        let answer = browser.see(&format!("{store}/connect"));
        check(&store, &answer);
        let text = answer.text();
        let url = format!("/api/webhooks/{platform}/{id}/orders");
        assert!(text.contains(&server.url(&url)), "{text}");
        for words in said {
            assert!(text.contains(words), "{platform}: {words}");
        }
        assert!(!text.contains("__HOST__") && !text.contains("__STORE__"));
        assert!(
            text.contains("data-state=\"waiting\"") && text.contains("Waiting for the first order"),
            "{text}"
        );
        assert!(text.contains("data-finding=\"private_address\""), "127.0.0.1 is reached by nobody: {text}");
        assert!(browser.see(&store).text().contains(&format!("{store}/connect")), "the overview leads there");
        check(&store, &browser.see(&format!("{store}/install")));
    }
    let own = format!("/stores/{}", server.setup.store_id);
    let place = browser.see(&format!("{own}/connect"));
    assert_eq!(place.header("location"), Some(format!("{own}/install").as_str()), "a site of its own");
    let secret = browser.send(&format!("{own}/connect/secrets/make"), &[]);
    assert_eq!((secret.status, browser.see(&format!("{own}/connect/selektable.zip")).status), (404, 404));
}

#[test]
fn secrets_are_made_pasted_refused_in_words_and_removed() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let store = store_on(&mut browser, &server, "woocommerce");
    let page = format!("{store}/connect");
    let (paste, generate, remove) =
        (format!("{page}/secrets"), format!("{page}/secrets/make"), format!("{page}/secrets/remove"));
    let first = browser.see(&page).text();
    let made = made_secret(&first).to_owned();
    assert!(made.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{made}");
    for (pasted, why) in [
        ("", "anybody can sign"),
        ("ck_0123456789", "signs nothing: copy the Secret field"),
        ("cs_0123456789", "signs nothing: copy the Secret field"),
        ("shpat_0123456789", "signs nothing: copy the key"),
    ] {
        let refused = browser.send(&paste, &[("secret", pasted)]);
        assert_eq!(refused.status, 422, "{pasted}");
        check(&paste, &refused);
        let text = refused.text();
        assert!(text.contains(why) && (pasted.is_empty() || !text.contains(pasted)), "{pasted}: {text}");
    }
    assert_eq!(browser.send(&paste, &[("secret", " pasted-secret\n")]).status, 303);
    let text = browser.see(&page).text();
    assert!(
        text.contains("…cret") && !text.contains("pasted-secret"),
        "what was pasted is not shown: {text}"
    );
    assert!(text.contains(&made), "one of our own making may be seen again");
    for _ in 0..3 {
        assert_eq!(browser.send(&generate, &[]).status, 303);
    }
    let full = browser.send(&generate, &[]);
    assert_eq!(full.status, 422);
    assert!(full.text().contains("at most 5 secrets"), "{}", full.text());
    assert!(browser.see(&page).text().contains("refused from then on"), "the consequence is told");
    assert_eq!(browser.send(&remove, &[("number", "1")]).status, 303);
    assert_eq!(browser.send(&remove, &[("number", "1")]).status, 404);
    assert!(!browser.see(&page).text().contains(&made));
}

#[test]
fn the_plugin_is_downloaded_with_the_stores_secret_and_kept_by_no_cache() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let store = store_on(&mut browser, &server, "woocommerce");
    let zip = format!("{store}/connect/selektable.zip");
    let answer = browser.see(&zip);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"selektable.zip\""));
    assert!(answer.body.starts_with(b"PK\x03\x04"));
    let remove = format!("{store}/connect/secrets/remove");
    assert_eq!(browser.send(&remove, &[("number", "1")]).status, 303);
    let without = browser.see(&zip);
    assert_eq!(without.header("location"), Some(format!("{store}/connect#secrets").as_str()));
    let shopify = store_on(&mut browser, &server, "shopify");
    assert_eq!(browser.see(&format!("{shopify}/connect/selektable.zip")).status, 404);
    assert_eq!(Browser::open(&server).see(&zip).status, 303, "a stranger is sent to the login");
}

#[test]
fn a_shops_own_name_is_saved_from_what_was_pasted_on_both_pages() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let store = store_on(&mut browser, &server, "shopify");
    let save = format!("{store}/connect/shop");
    let refused = browser.send(&save, &[("shop_host", "nordhem.example")]);
    assert_eq!(refused.status, 422);
    check(&save, &refused);
    assert!(refused.text().contains("value=\"nordhem.example\""), "what was typed stays");
    let form = [("shop_host", "https://admin.shopify.com/store/Nordhem/settings")];
    assert_eq!(browser.send(&save, &form).status, 303);
    assert!(browser.see(&format!("{store}/connect")).text().contains("value=\"nordhem.myshopify.com\""));

    let settings = format!("{store}/settings");
    let form = |host| {
        [("store", "Nordhem"), ("origins", ""), ("currency", "EUR"), ("zone", "UTC"), ("shop_host", host)]
    };
    assert!(browser.see(&settings).text().contains("value=\"nordhem.myshopify.com\""));
    assert_eq!(browser.send(&settings, &form("elsewhere.example")).status, 422);
    assert_eq!(browser.send(&settings, &form("other.myshopify.com")).status, 303);
    assert!(browser.see(&settings).text().contains("value=\"other.myshopify.com\""));
}

#[test]
fn a_platform_nobody_has_is_refused() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let new = format!("/organizations/{}/stores/new", server.setup.organization_id);
    let form =
        [("store", "X"), ("platform", "magento"), ("origins", ""), ("currency", "EUR"), ("zone", "UTC")];
    let refused = browser.send(&new, &form);
    assert_eq!(refused.status, 422);
    check(&new, &refused);
    assert!(refused.text().contains("Choose where the store sells."));
}
