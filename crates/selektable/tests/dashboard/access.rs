//! Who gets in, and how far.

use super::browser::Browser;
use super::support::TestServer;

#[test]
fn a_form_from_another_site_changes_nothing() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let organization = format!("/organizations/{}", server.setup.organization_id);
    let store = format!("/stores/{}", server.setup.store_id);
    let host = server.address.to_string();
    for path in [
        "/setup".to_owned(),
        "/login".to_owned(),
        "/logout".to_owned(),
        "/account/password".to_owned(),
        format!("{organization}/stores/new"),
        format!("{organization}/keys"),
        format!("{organization}/keys/rotate"),
        format!("{organization}/keys/revoke"),
        format!("{store}/settings"),
        format!("{store}/rules"),
        format!("{store}/rules/roll-back"),
        format!("{store}/rules/1/publish"),
        format!("{store}/connect/shop"),
        format!("{store}/connect/secrets"),
        format!("{store}/connect/secrets/make"),
        format!("{store}/connect/secrets/remove"),
        format!("{store}/reconciliation"),
        format!("{store}/reconciliation/access"),
        format!("{store}/reconciliation/access/forget"),
        format!("{store}/privacy/done"),
        format!("{store}/privacy/delete"),
        format!("{store}/products/join"),
        format!("{store}/products/aliases"),
        format!("{store}/products/aliases/import"),
        format!("{store}/widgets/new"),
        format!("{store}/widgets/{}/settings", server.setup.widget_id),
    ] {
        for headers in [
            vec![],
            vec![("Sec-Fetch-Site", "cross-site")],
            vec![("Sec-Fetch-Site", "same-site")],
            vec![("Sec-Fetch-Site", "none")],
            vec![("Origin", "https://evil.example")],
            vec![("Origin", "null")],
        ] {
            let answer = browser.send_from(&path, &[("name", "x"), ("scope_read", "on")], &headers);
            assert_eq!(answer.status, 403, "{path} with {headers:?}");
            assert!(answer.text().contains("not sent from here"), "{path}");
        }
    }
    let own = format!("http://{host}");
    let form = [("name", "x"), ("scope_read", "on")];
    let answer = browser.send_from(&format!("{organization}/keys"), &form, &[("Origin", &own)]);
    assert_eq!(answer.status, 201, "an older browser sends Origin alone");
}

#[test]
fn another_tenants_pages_answer_as_if_they_were_not_there() {
    let server = TestServer::start();
    let other = server.another_organization("other");
    let mut browser = Browser::logged_in(&server);
    let nobody = browser.see("/stores/store_00000000000000000000000000");
    assert_eq!(nobody.status, 404);
    for path in [
        format!("/stores/{}", other.store_id),
        format!("/stores/{}/conversions", other.store_id),
        format!("/stores/{}/conversions/1", other.store_id),
        format!("/stores/{}/waiting", other.store_id),
        format!("/stores/{}/rules", other.store_id),
        format!("/stores/{}/rules/1?try=all", other.store_id),
        format!("/stores/{}/connect", other.store_id),
        format!("/stores/{}/connect/selektable.zip", other.store_id),
        format!("/stores/{}/reconciliation", other.store_id),
        format!("/stores/{}/privacy", other.store_id),
        format!("/stores/{}/products", other.store_id),
        format!("/stores/{}/products/aliases", other.store_id),
        format!("/stores/{}/products/aliases.csv", other.store_id),
        format!("/stores/{}/widgets/{}", other.store_id, other.widget_id),
        format!("/stores/{}/widgets/{}", server.setup.store_id, other.widget_id),
        format!("/organizations/{}", other.organization_id),
        format!("/organizations/{}/keys", other.organization_id),
        "/organizations/org_00000000000000000000000000".to_owned(),
        "/stores/nonsense".to_owned(),
    ] {
        let answer = browser.see(&path);
        assert_eq!((answer.status, &answer.body), (404, &nobody.body), "{path}");
    }
    for path in [
        format!("/stores/{}/settings", other.store_id),
        format!("/stores/{}/rules", other.store_id),
        format!("/stores/{}/rules/roll-back", other.store_id),
        format!("/stores/{}/rules/1/publish", other.store_id),
        format!("/stores/{}/connect/shop", other.store_id),
        format!("/stores/{}/connect/secrets", other.store_id),
        format!("/stores/{}/connect/secrets/make", other.store_id),
        format!("/stores/{}/connect/secrets/remove", other.store_id),
        format!("/stores/{}/reconciliation", other.store_id),
        format!("/stores/{}/reconciliation/access", other.store_id),
        format!("/stores/{}/privacy/delete", other.store_id),
        format!("/stores/{}/products/join", other.store_id),
        format!("/stores/{}/products/aliases/import", other.store_id),
        format!("/organizations/{}/keys", other.organization_id),
        format!("/organizations/{}/keys/revoke", other.organization_id),
    ] {
        let answer = browser.send(&path, &[("name", "x"), ("scope_read", "on")]);
        assert_eq!((answer.status, &answer.body), (404, &nobody.body), "{path}");
    }
    let list = browser.see("/organizations").text();
    assert!(!list.contains(&other.store_id) && !list.contains(&other.organization_id));
}

#[test]
fn strangers_are_sent_to_the_login_and_back_to_where_they_wanted() {
    let server = TestServer::start();
    let mut browser = Browser::open(&server);
    let wanted = format!("/stores/{}?days=7", server.setup.store_id);
    let login = browser.see(&wanted).header("location").unwrap().to_owned();
    assert!(login.starts_with("/login?next=%2Fstores%2F"), "{login}");
    let form = [
        ("email", server.setup.email.as_str()),
        ("password", server.setup.password.as_str()),
        ("next", wanted.as_str()),
    ];
    assert_eq!(browser.send("/login", &form).header("location"), Some(wanted.as_str()));
    assert_eq!(browser.see(&wanted).status, 200);
    let form = [("email", form[0].1), ("password", form[1].1), ("next", "//evil.example")];
    assert_eq!(browser.send("/login", &form).header("location"), Some("/"));
}

#[test]
fn a_wrong_password_and_an_unknown_login_get_the_same_answer_and_tries_are_limited() {
    let server = TestServer::start();
    let mut browser = Browser::open(&server);
    let wrong = browser.send("/login", &[("email", &server.setup.email), ("password", "wrong password")]);
    let unknown = browser.send("/login", &[("email", "nobody@example.com"), ("password", "wrong password")]);
    assert_eq!((wrong.status, unknown.status), (422, 422));
    let without_email =
        |text: String| text.replace(&server.setup.email, "").replace("nobody@example.com", "");
    assert_eq!(without_email(wrong.text()), without_email(unknown.text()));
    assert!(browser.cookie().is_none());
    let limited = (0..60)
        .map(|_| browser.send("/login", &[("email", "nobody@example.com"), ("password", "wrong password")]))
        .find(|answer| answer.status == 429)
        .expect("tries are limited");
    assert!(limited.header("retry-after").is_some());
}

#[test]
fn logging_out_and_a_new_password_end_sessions() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let elsewhere = Browser::logged_in(&server).cookie().unwrap().to_owned();
    let form = [("current", "wrong password"), ("new", "another horse")];
    assert_eq!(browser.send("/account/password", &form).status, 422);
    let form = [("current", server.setup.password.as_str()), ("new", "another horse")];
    assert_eq!(browser.send("/account/password", &form).header("location"), Some("/account?changed"));
    assert_eq!(browser.see("/account").status, 200, "whoever changed it stays logged in");
    let mut other = Browser::open(&server).with_cookie(&elsewhere);
    assert_eq!(other.see("/account").status, 303, "every other session has ended");

    let kept = browser.cookie().unwrap().to_owned();
    let left = browser.send("/logout", &[]);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    let mut replayed = Browser::open(&server).with_cookie(&kept);
    assert_eq!(replayed.see("/account").status, 303, "the cookie opens nothing any more");
    let form = [("email", server.setup.email.as_str()), ("password", "another horse")];
    assert_eq!(Browser::open(&server).send("/login", &form).header("location"), Some("/"));
}

#[test]
fn over_tls_the_cookie_is_bound_to_the_host() {
    let server = TestServer::start_with(&["--public-url", "https://selektable.example"]);
    let browser = Browser::logged_in(&server);
    assert!(browser.cookie().unwrap().starts_with("__Host-selektable="));
}
