//! Products, near misses and aliases, by what a merchant does with them.

use super::browser::Browser;
use super::pages::check;
use super::shop::Shop;
use super::support::{Answer, TestServer};

/// A shop where 123 was visualized, and 456 bought twice; a third order bought 123 itself.
fn shop(server: &TestServer) -> Shop<'_> {
    let mut shop = Shop::open(server);
    let widget = shop.widget();
    for visitor in ["v-1", "v-2", "v-3"] {
        shop.show(&widget, visitor, "123", 2.0);
    }
    shop.plain_order("1", "v-1", "456", 1.0);
    shop.plain_order("2", "v-2", "456", 0.5);
    shop.plain_order("3", "v-3", "123", 0.5);
    shop
}

fn location(answer: &Answer) -> String {
    answer.header("location").unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text())).to_owned()
}

#[test]
fn a_near_miss_is_joined_by_one_button_and_undone_by_another() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let shop = shop(&server);
    let path = shop.page("/products?days=7");
    let page = browser.see(&path);
    check(&path, &page);
    let text = page.text();
    assert!(text.contains("1 product visualized in the last 7 days; 1 was bought by somebody who had visualized it: lines of €100.00."), "{text}");
    assert!(text.contains("<strong>2 orders</strong>") && text.contains("€200.00"), "{text}");
    assert!(text.contains("Join 456 to 123"), "{text}");

    let join = shop.page("/products/join");
    let form = [("variant", "456"), ("says", "variant"), ("product", "123"), ("days", "7")];
    let joined = location(&browser.send(&join, &form));
    let page = browser.see(&joined);
    check(&joined, &page);
    let text = page.text();
    assert!(text.contains("456 is a variant of 123 now. 2 orders changed."), "{text}");
    assert!(!text.contains("Join 456") && text.contains("3 of 3"), "{text}");
    assert!(browser.see(&shop.page("/conversions/1")).text().contains("<strong>Direct.</strong>"));

    let undo = [("undo", "1"), ("variant", "456"), ("says", "nothing"), ("product", ""), ("days", "7")];
    assert!(text.contains("name=\"says\" value=\"nothing\""), "{text}");
    let text = {
        let undone = location(&browser.send(&join, &undo));
        browser.see(&undone).text()
    };
    assert!(text.contains("Undone: ") && text.contains("2 orders changed."), "{text}");
    assert!(text.contains("Join 456 to 123"), "{text}");
    assert_eq!(browser.send(&join, &[("variant", ""), ("says", "variant")]).status, 400);
    let foreign = browser.send_from(&join, &form, &[("Sec-Fetch-Site", "cross-site")]);
    assert_eq!(foreign.status, 403);
}

#[test]
fn lines_of_the_alias_table_are_added_found_changed_and_removed() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let shop = shop(&server);
    let path = shop.page("/products/aliases");
    let empty = browser.see(&path);
    check(&path, &empty);
    assert!(empty.text().contains("No id is known as a variant of another product."));

    let added = browser.send(&path, &[("variant", "456"), ("says", "variant"), ("product", "123")]);
    let text = browser.see(&location(&added)).text();
    assert!(text.contains("456: saved. 2 orders changed.") && text.contains("your table"), "{text}");
    let own = browser.send(&path, &[("variant", "<7>"), ("says", "own"), ("product", "")]);
    let page = browser.see(&location(&own));
    check(&path, &page);
    assert!(page.text().contains("No order is decided differently."), "{}", page.text());
    assert!(page.text().contains("Your table decides on 2 ids"), "{}", page.text());

    let found = browser.see(&format!("{path}?id=45")).text();
    assert!(found.contains("data-copy=\"456\"") && !found.contains("&#60;7&#62;"), "{found}");
    assert!(browser.see(&format!("{path}?id=9")).text().contains("No id in the table begins so."));

    for (variant, says, product) in
        [("", "own", ""), ("5", "variant", "5"), ("5", "variant", "null"), ("5", "", "")]
    {
        let refused = browser.send(&path, &[("variant", variant), ("says", says), ("product", product)]);
        assert_eq!(refused.status, 422, "{variant} {says} {product}");
        check("/aliases refused", &refused);
    }
    let removed = browser.send(&path, &[("variant", "456"), ("says", "nothing"), ("product", "123")]);
    let text = browser.see(&location(&removed)).text();
    assert!(text.contains("2 orders changed.") && !text.contains("data-copy=\"456\""), "{text}");
}

/// An import form as browsers send it.
fn import(browser: &mut Browser, path: &str, typed: &str, file: &str) -> Answer {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"lines\"\r\n\r\n{typed}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"aliases.csv\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n--b--\r\n"
    );
    let headers = [("Content-Type", "multipart/form-data; boundary=b"), ("Sec-Fetch-Site", "same-origin")];
    browser.ask("POST", &format!("{path}/import"), &headers, &body)
}

#[test]
fn a_table_is_imported_whole_or_not_at_all_and_exported_as_it_can_be_imported() {
    let server = TestServer::start();
    let mut browser = Browser::logged_in(&server);
    let path = format!("/stores/{}/products/aliases", server.setup.store_id);
    let refused = import(&mut browser, &path, "a,p\nalone\n", "undefined,p\nb,q\n");
    assert_eq!(refused.status, 422);
    check("/import refused", &refused);
    let text = refused.text();
    assert!(
        text.contains("<li>Line 2: ") && text.contains("<li>Line 3: the variant stands for nobody"),
        "{text}"
    );
    assert!(text.contains("a,p\nalone"), "what was typed is kept: {text}");
    assert!(text.contains("No id is known"), "nothing was taken: {text}");
    assert_eq!(import(&mut browser, &path, "", "").status, 422);

    let lines: Vec<String> = (100..220).map(|id| format!("v{id},p")).collect();
    let taken = import(&mut browser, &path, "variant,product\n=x,", &lines.join("\n"));
    let page = browser.see(&location(&taken));
    check(&path, &page);
    assert!(page.text().contains("121 lines imported, 121 changed."), "{}", page.text());
    assert!(page.text().contains("rel=\"next\""), "a long table has pages");
    let next = browser.see(&format!("{path}?after=v148")).text();
    assert!(next.contains("data-copy=\"v149\"") && !next.contains("data-copy=\"v148\""), "{next}");

    let csv = browser.see(&format!("{path}.csv"));
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text();
    assert!(text.starts_with("variant,product,origin\r\n'=x,,table\r\nv100,p,table\r\n"), "{text}");
    let again = location(&import(&mut browser, &path, "", &text));
    assert!(again.contains("imported=121") && again.contains("changed=0"), "{again}");
}
