//! Rules by what a merchant does with them: draft, try, publish, roll back.

use super::browser::Browser;
use super::pages::check;
use super::shop::Shop;
use super::support::{Answer, TestServer};

/// The form of the first rules, with another window.
fn form(days: &str) -> [(&'static str, &str); 7] {
    [
        ("window", days),
        ("window_unit", "days"),
        ("model", "last_touch"),
        ("basis", "order"),
        ("products", "group"),
        ("leads", "same_session"),
        ("counts", "paid"),
    ]
}

/// A shop whose one order came ten days after its visualization.
fn shop(server: &TestServer) -> Shop<'_> {
    let mut shop = Shop::open(server);
    let widget = shop.widget();
    shop.show(&widget, "v-1", "sofa", 11.0);
    shop.plain_order("a/1", "v-1", "sofa", 1.0);
    shop
}

/// The page as soon as nothing on it goes on any more; the server answers when it has something new to say.
fn settled(browser: &mut Browser, path: &str) -> Answer {
    for _ in 0..600 {
        let answer = browser.see(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        check(path, &answer);
        if !answer.text().contains("data-live") {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{path} goes on and on");
}

/// The revision a form on a page was made of.
fn revision(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split("name=\"revision\" value=\"").nth(1).expect("a form with its revision");
    rest.split('"').next().expect("its value").to_owned()
}

#[test]
fn a_new_store_says_its_rules_in_words_and_has_nothing_to_roll_back() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let path = format!("/stores/{}/rules", server.setup.store_id);
    let page = browser.see(&path);
    check(&path, &page);
    let text = page.text();
    let said = "Orders are credited to visualizations of the 7 days before, all credit to the last one; ruleset 1 from the beginning.";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("In force<span") && text.contains("all conversions"), "{text}");
    assert!(!text.contains("roll-back\""), "{text}");
    assert_eq!(text.matches("Example: ").count(), 5, "each model has a worked example: {text}");
    let one = browser.see(&format!("{path}/1"));
    check("/rules/1", &one);
    assert!(one.text().contains("there is nothing to publish"), "{}", one.text());
    for lost in ["2", "0", "x", "1/publish"] {
        assert_ne!(browser.see(&format!("{path}/{lost}")).status, 200, "{lost}");
    }
    let gone = browser.send(&format!("{path}/roll-back"), &[("revision", "1")]);
    assert_eq!(gone.status, 409);
    assert!(gone.text().contains("There is nothing to roll back to"), "{}", gone.text());
}

#[test]
fn a_form_is_refused_with_every_fault_beside_its_field() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let path = format!("/stores/{}/rules", server.setup.store_id);
    let mut wrong = form("400");
    wrong[2].1 = "guessing";
    let refused = browser.send(&path, &wrong);
    assert_eq!(refused.status, 422);
    check("/rules refused", &refused);
    let text = refused.text();
    assert!(text.contains("from 1 hour to 365 days") && text.contains("value=\"400\""), "{text}");
    assert!(text.contains("Choose one of the answers given."), "{text}");
    let same = browser.send(&path, &form("7"));
    assert_eq!(same.status, 422);
    assert!(same.text().contains("These rules are in force already"), "{}", same.text());
    assert_eq!(browser.send_from(&path, &form("8"), &[("Sec-Fetch-Site", "cross-site")]).status, 403);
}

#[test]
fn a_draft_is_tried_published_for_everything_and_rolled_back() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let shop = shop(&server);
    let rules = shop.page("/rules");
    let draft = browser.send(&rules, &form("14")).header("location").expect("the draft").to_owned();
    assert_eq!(draft, format!("{rules}/2"));
    let page = browser.see(&draft);
    check(&draft, &page);
    let text = page.text();
    assert!(text.contains("Ruleset 2 is a draft: it decides nothing yet. It differs from the rules in force in attribution window."), "{text}");
    assert!(text.contains("<strong>14 days</strong>"), "{text}");

    let tried = settled(&mut browser, &format!("{draft}?try=all")).text();
    assert!(tried.contains("Of 1 conversion of all history 1 would change: €100.00 more direct."), "{tried}");
    assert!(tried.contains(&shop.page("/conversions/a%2F1")), "an order leads to its evidence: {tried}");
    assert!(browser.see(&shop.page("")).text().contains("0 of 1"), "trying changes nothing");

    let publish = format!("{draft}/publish");
    let stands = revision(&browser.see(&draft));
    let published = browser.send(&publish, &[("when", "everything"), ("revision", &stands)]);
    assert_eq!(published.header("location"), Some(format!("{rules}?published=2").as_str()));
    let text = settled(&mut browser, &format!("{rules}?published=2")).text();
    assert!(text.contains("Ruleset 2 is published.") && text.contains("of the 14 days before"), "{text}");
    assert!(browser.see(&shop.page("")).text().contains("1 of 1"), "the past is decided again");
    let again = browser.send(&publish, &[("when", "everything"), ("revision", &stands)]);
    assert_eq!(again.status, 409, "the form was made of an earlier revision");
    assert!(again.text().contains("were changed since this page was opened"), "{}", again.text());

    let page = browser.see(&rules);
    assert!(page.text().contains("takes the newest publication back"), "{}", page.text());
    let back = browser.send(&format!("{rules}/roll-back"), &[("revision", &revision(&page))]);
    assert_eq!(back.header("location"), Some(format!("{rules}?rolled_back=1").as_str()));
    let text = settled(&mut browser, &rules).text();
    assert!(text.contains("of the 7 days before") && text.contains("Rolled back"), "{text}");
    assert!(browser.see(&shop.page("")).text().contains("0 of 1"));
}

#[test]
fn rules_published_from_now_on_leave_the_past_alone() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let shop = shop(&server);
    let rules = shop.page("/rules");
    let draft = browser.send(&rules, &form("14")).header("location").expect("the draft").to_owned();
    let stands = revision(&browser.see(&draft));
    let publish = format!("{draft}/publish");
    for (date, when) in [("", "date"), ("2026-02-30", "date"), ("", "whenever")] {
        let form = [("when", when), ("date", date), ("revision", &stands)];
        let refused = browser.send(&publish, &form);
        assert_eq!(refused.status, 422, "{when} {date}");
        check("/publish refused", &refused);
    }
    let published = browser.send(&publish, &[("when", "now"), ("revision", &stands)]);
    assert_eq!(published.status, 303, "{}", published.text());
    let text = settled(&mut browser, &rules).text();
    assert!(text.contains("ruleset 2 since ") && text.contains("In force before"), "{text}");
    assert!(browser.see(&shop.page("")).text().contains("0 of 1"), "the past stays");

    Shop::open(&server).plain_order("b", "stranger", "sofa", 0.0);
    for page in ["", "/models", "/lag"] {
        let text = browser.see(&shop.page(page)).text();
        let made = "Made under ruleset 2 (1 conversion) and 1 (1 conversion). In force now: Ruleset 2: ";
        assert!(text.contains(made), "{page}: {text}");
    }
}
