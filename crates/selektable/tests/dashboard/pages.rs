//! Set-up, and every page with and without data.

use serde_json::json;

use super::browser::Browser;
use super::markup;
use super::support::{Answer, Client, TestServer};

pub(crate) fn check(path: &str, answer: &Answer) {
    markup::check(path, &answer.text());
    let policy = answer.header("content-security-policy").expect("a policy");
    for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{path}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
    assert!(answer.header("x-request-id").is_some(), "{path}");
}

const SETUP: [(&str, &str); 7] = [
    ("organization", "Nordhem"),
    ("store", "Nordhem <EU>"),
    ("origins", "shop.example"),
    ("currency", "eur"),
    ("zone", "Europe/Amsterdam"),
    ("email", "ann@example.com"),
    ("password", "correct horse"),
];

#[test]
fn the_first_run_makes_everything_once_logs_in_and_shows_a_key_that_works() {
    let server = TestServer::start_empty();
    let mut browser = Browser::open(&server);
    assert_eq!(browser.see("/").header("location"), Some("/setup"));
    check("/setup", &browser.see("/setup"));

    let mut wrong = SETUP;
    wrong[3].1 = "XXX";
    wrong[6].1 = "short";
    let refused = browser.send("/setup", &wrong);
    assert_eq!(refused.status, 422);
    check("/setup refused", &refused);
    assert!(
        refused.text().contains("value=\"ann@example.com\"") && !refused.text().contains("value=\"short\"")
    );
    assert_eq!(browser.see("/").header("location"), Some("/setup"), "nothing was made");

    let made = browser.send("/setup", &SETUP);
    assert_eq!(made.status, 200, "{}", made.text());
    check("/setup made", &made);
    let text = made.text();
    let cookie = made.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("selektable=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax")
    );
    let key = &text[text.find("data-copy=\"sel_").unwrap() + 11..][..40];
    let store = &text[text.find("store_").unwrap()..][..32];
    let report = Client::with_key(&server, key).get(&format!("/api/v1/stores/{store}/summary"));
    assert_eq!(report.status, 200, "{}", report.text());

    let path = format!("/stores/{store}");
    assert_eq!(browser.see("/").header("location"), Some(path.as_str()), "logged in, with one store");
    assert!(!browser.see(&format!("{path}/install")).text().contains(key), "the key is shown once");
    assert_eq!(browser.send("/setup", &SETUP).header("location"), Some("/"), "only once");
    assert_eq!(browser.see("/setup").header("location"), Some("/"));
    let waiting = browser.see(&format!("{path}/waiting"));
    assert!(
        waiting.json.as_array().unwrap().iter().all(|step| step["done"] == json!(false)),
        "{}",
        waiting.text()
    );
}

/// A visualization and orders of every kind, one of them refused.
fn fill(server: &TestServer) {
    let (setup, mut client) = (&server.setup, Client::connect(server));
    let shown = json!({
        "storeId": setup.store_id, "widgetId": setup.widget_id, "visitorId": "v-1", "sessionId": "s-1",
        "products": [{ "productId": "<sofa>" }],
    });
    assert_eq!(client.post("/api/v1/visualizations", &shown).status, 200);
    for (id, visitor, status, product) in [
        ("o/1 <b>", "v-1", "completed", "<sofa>"),
        ("2", "v-1", "pending", "chair"),
        ("3", "stranger", "refunded", "chair"),
        (".", "v-1", "cancelled", "<sofa>"),
        ("5", "undefined", "completed", "chair"),
    ] {
        let order = json!({
            "orderId": id, "storeId": setup.store_id, "organizationId": setup.organization_id,
            "visitorId": visitor, "sessionId": "s-1", "totalCents": 1000, "currency": "JPY",
            "platform": "custom", "status": status, "orderCreatedAt": now(),
            "items": [{ "productId": product, "quantity": 1, "priceCents": 1000, "totalCents": 1000 }],
        });
        let expected = if visitor == "undefined" { 422 } else { 200 };
        assert_eq!(client.post("/api/webhooks/orders", &order).status, expected, "{id}");
    }
}

/// Orders must not precede the visualization, so they are dated when they are sent.
fn now() -> String {
    selektable::ambient::now().to_rfc3339()
}

fn pages(server: &TestServer) -> Vec<String> {
    let setup = &server.setup;
    let (organization, store) =
        (format!("/organizations/{}", setup.organization_id), format!("/stores/{}", setup.store_id));
    let widget = format!("{store}/widgets/{}", setup.widget_id);
    let mut pages = vec![
        "/organizations".to_owned(),
        "/account".to_owned(),
        organization.clone(),
        format!("{organization}/keys"),
        format!("{organization}/stores/new"),
        widget.clone(),
        format!("{widget}/settings"),
        format!("{widget}?from=2025-01-01&to=2026-12-31"),
        format!("{widget}?dates=refund&as_of=2026-01-31"),
    ];
    for page in [
        "",
        "/conversions",
        "/visualizations",
        "/deliveries",
        "/install",
        "/settings",
        "/models",
        "/models?days=7",
        "/lag",
        "/lag?from=2026-01-01&to=2026-12-31",
        "/privacy",
        "?dates=refund&as_of=2026-01-31",
        "?dates=x&as_of=x",
        "/widgets/new",
        "/rules",
        "/rules/1",
        "/products",
        "/products?days=7",
        "/products/aliases",
        "/products/aliases?id=x&after=y",
        "?days=7",
        "?from=nonsense&to=2026-01-01",
        "/conversions?type=none&reason=never_visualized&status=pending&after=x",
        "/deliveries?outcome=refused&order=2",
    ] {
        pages.push(format!("{store}{page}"));
    }
    pages
}

#[test]
fn every_page_is_well_formed_and_strict_with_and_without_data() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    for filled in [false, true] {
        if filled {
            fill(&server);
        }
        for path in pages(&server) {
            let answer = browser.see(&path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            check(&path, &answer);
        }
    }
    for path in ["/login", "/stores/nonsense"] {
        check(path, &browser.see(path));
    }
    let lost = browser.ask("GET", "/nowhere", &[("Accept", "text/html,*/*;q=0.8")], "");
    assert_eq!(lost.status, 404);
    check("/nowhere", &lost);
    for asset in ["/assets/dashboard.js", "/assets/dashboard.css"] {
        assert_eq!(browser.see(asset).status, 200, "{asset}");
    }
}

#[test]
fn the_figures_lead_to_their_rows_and_a_row_to_its_reasons() {
    let server = TestServer::start();
    fill(&server);
    let mut browser = Browser::logged_in(&server);
    let store = format!("/stores/{}", server.setup.store_id);
    let overview = browser.see(&store).text();
    assert!(overview.contains("2 of 3"), "cancelled orders are no conversions: {overview}");
    assert!(overview.contains("¥1,000") && !overview.contains("NaN"));
    assert!(overview.contains(&format!("{store}/conversions?type=none")), "aggregates lead to their rows");
    assert!(overview.contains("were refused"), "a refusal is not kept quiet");

    let direct = browser.see(&format!("{store}/conversions?type=direct")).text();
    assert!(direct.contains("o/1 &#60;b&#62;") && !direct.contains(">stranger<"));
    for order in ["o%2F1%20%3Cb%3E", "by-id?order=."] {
        let one = browser.see(&format!("{store}/conversions/{order}"));
        assert_eq!(one.status, 200, "{order}");
        check(order, &one);
        let text = one.text();
        assert!(text.contains("the same person visualized product &#60;sofa&#62;, and bought it."), "{text}");
        assert!(text.contains("Has the credit") && text.contains("ruleset 1"), "{text}");
    }
    assert_eq!(browser.see(&format!("{store}/conversions/unknown")).status, 404);

    let refused = browser.see(&format!("{store}/deliveries?outcome=refused")).text();
    assert!(refused.contains("Refused with 422") && refused.contains("/visitorId"), "{refused}");
    assert!(refused.contains("it was lost on the way from the form"), "what to mend is said: {refused}");

    let widget = browser.see(&format!("{store}/widgets/{}", server.setup.widget_id)).text();
    assert!(widget.contains("Recent conversions") && widget.contains("Time to conversion"));
    let waiting = browser.see(&format!("{store}/waiting"));
    assert!(
        waiting.json.as_array().unwrap().iter().all(|step| step["done"] == json!(true)),
        "{}",
        waiting.text()
    );
}

#[test]
fn settings_are_saved_and_leave_the_rules_alone() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let path = format!("/stores/{}/settings", server.setup.store_id);
    let form = |zone| {
        [
            ("store", "Renamed"),
            ("origins", "https://a.example\nb.example"),
            ("currency", "USD"),
            ("zone", zone),
        ]
    };
    let saved = browser.send(&path, &form("Asia/Tokyo"));
    assert_eq!(saved.header("location"), Some(format!("{path}?saved=1").as_str()));
    let page = browser.see(&path).text();
    assert!(page.contains("Asia/Tokyo") && page.contains("https://b.example") && page.contains("Ruleset 1"));
    assert!(
        page.contains(&format!("/stores/{}/rules\"", server.setup.store_id)),
        "the rules have a page of their own: {page}"
    );
    let refused = browser.send(&path, &form("Mars"));
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"Mars\""));
}

#[test]
fn for_how_long_browser_events_are_kept_is_chosen_in_the_settings() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let path = format!("/stores/{}/settings", server.setup.store_id);
    let form = |days| {
        [("store", "Shop"), ("origins", ""), ("currency", "EUR"), ("zone", "UTC"), ("keep_events_days", days)]
    };
    for refused in ["29", "3651", "soon"] {
        let answer = browser.send(&path, &form(refused));
        assert_eq!(answer.status, 422);
        let text = answer.text();
        assert!(text.contains("is no whole number of days from 30 to 3650"), "{text}");
        assert!(text.contains(&format!("value=\"{refused}\"")), "what was typed stays: {text}");
    }
    assert_eq!(browser.send(&path, &form("365")).status, 303);
    let page = browser.see(&path);
    check(&path, &page);
    assert!(page.text().contains("value=\"365\"") && page.text().contains("every figure stay"));
    assert_eq!(browser.send(&path, &form("")).status, 303);
    assert!(!browser.see(&path).text().contains("value=\"365\""));
}

#[test]
fn stores_and_widgets_are_added_and_changed() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let new = format!("/organizations/{}/stores/new", server.setup.organization_id);
    assert_eq!(browser.send(&new, &[("store", "")]).status, 422);
    let form = [("store", "Second"), ("origins", ""), ("currency", "EUR"), ("zone", "UTC")];
    let install = browser.send(&new, &form).header("location").unwrap().to_owned();
    assert!(install.ends_with("/install"));
    check(&install, &browser.see(&install));
    assert_eq!(browser.see("/").header("location"), Some("/organizations"), "two stores: a choice");

    let store = install.trim_end_matches("/install");
    let form = [("name", "Try on"), ("type", "virtual-try-on"), ("accent", "#AABBCC"), ("retention", "48")];
    let widget = browser.send(&format!("{store}/widgets/new"), &form).header("location").unwrap().to_owned();
    assert_eq!(browser.see(&widget).status, 200);
    let settings = format!("{widget}/settings");
    assert_eq!(browser.send(&settings, &[("name", "x"), ("accent", "red"), ("retention", "0")]).status, 422);
    assert_eq!(
        browser.send(&settings, &[("name", "Renamed"), ("accent", ""), ("retention", "720")]).status,
        303
    );
    assert!(browser.see(&settings).text().contains("value=\"720\""));
    let other = format!("/stores/{}{}", server.setup.store_id, widget.trim_start_matches(store));
    assert_eq!(browser.see(&other).status, 404, "a widget is reached through its own store only");
}
