//! `selektable demo` as a newcomer meets it: started, walked through, stopped, started again.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can not go on says where"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::{Answer, Client, program};

/// A running demo; killed when dropped.
struct Demo {
    child: Child,
    shop: SocketAddr,
    server: SocketAddr,
    profile: Value,
}

impl Demo {
    fn start(data: &Path) -> Self {
        let mut child = program()
            .args(["demo", "--listen", "127.0.0.1:0", "--shop-listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let text: Vec<String> =
            lines.map_while(Result::ok).take_while(|line| !line.contains("  5. ")).collect();
        let address = |name: &str| -> SocketAddr {
            let line = text.iter().find(|line| line.trim_start().starts_with(name));
            let line = line.unwrap_or_else(|| panic!("no address of the {name}: {text:#?}"));
            line.rsplit("http://").next().and_then(|address| address.parse().ok()).expect("an address")
        };
        let (shop, server) = (address("Shop"), address("Dashboard"));
        let profile = std::fs::read_to_string(data.join("demo/demo.json")).expect("a profile");
        Self { child, shop, server, profile: serde_json::from_str(&profile).expect("JSON") }
    }

    fn id(&self, name: &str) -> &str {
        self.profile[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.profile))
    }

    fn api(&self) -> Client {
        Client::to(self.server, self.id("apiKey"))
    }

    fn report(&self, name: &str) -> Value {
        let answer = self.api().get(&format!("/api/v1/stores/{}/{name}", self.id("storeId")));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json
    }

    /// Submits a form of the shop and follows it to the thank-you page; gives the page's text and the order's number.
    fn submit(&self, path: &str, form: &str) -> (String, String) {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let mut browser = Client::to(self.shop, "");
        let redirect = browser.request("POST", path, &headers, form.as_bytes()).expect("an answer");
        assert_eq!(redirect.status, 303, "{}", redirect.text());
        let place = redirect.header("location").expect("a place").to_owned();
        let page: Answer = browser.request("GET", &place, &[], b"").expect("an answer");
        (page.text(), place.rsplit('=').next().expect("a number").to_owned())
    }

    /// `SIGTERM`, and the exit code.
    fn stop(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.expect("kill is there").success());
        self.child.wait().expect("the demo ends").code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_order_of_the_shop_is_direct_with_its_time_and_money_and_a_second_start_doubles_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(folder.path());
    let before = demo.report("summary");
    assert!(before["visualizations"].as_u64() > Some(299), "{before}");
    assert_eq!(before["revenue"].as_array().map(Vec::len), Some(2), "two currencies: {before}");

    let picture = json!({
        "storeId": demo.id("storeId"), "widgetId": demo.id("widgetId"), "visitorId": "walker",
        "sessionId": "walk", "products": [{"productId": "armchair-kade"}],
    });
    assert!(demo.api().post("/api/v1/visualizations", &picture).status < 300);
    let form = "visitorId=walker&sessionId=walk&productId=armchair-kade&quantity=1&name=x&email=x";
    let (thanks, number) = demo.submit("/checkout/complete", form);
    assert!(thanks.contains("Direct: a picture was made of this product"), "{thanks}");
    let conversion = demo.report(&format!("conversions/{number}"));
    assert_eq!(conversion["attribution"]["type"], json!("direct"), "{conversion}");
    assert_eq!(conversion["attribution"]["attributedCents"], json!(48_900), "{conversion}");
    assert!(conversion["attribution"]["timeToConversionSeconds"].as_u64() < Some(600), "{conversion}");

    let (thanks, number) = demo.submit("/appointment/book", "visitorId=walker&sessionId=walk&name=x");
    assert!(thanks.contains("Direct: a picture was made in the same visit"), "{thanks}");
    assert_eq!(demo.report(&format!("conversions/{number}"))["totalCents"], json!(0));

    let walked = demo.report("summary");
    assert_eq!(walked["visualizations"].as_u64(), before["visualizations"].as_u64().map(|count| count + 1));
    assert_eq!(walked["conversions"].as_u64(), before["conversions"].as_u64().map(|count| count + 2));
    assert_eq!(demo.stop(), Some(0));

    let again = Demo::start(folder.path());
    assert_eq!(again.report("summary"), walked);
}

#[test]
fn the_login_that_is_printed_opens_the_dashboard() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(folder.path());
    let form = "email=demo%40example.com&password=selektable-demo";
    let origin = format!("http://{}", demo.server);
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", origin.as_str())];
    let answer =
        Client::to(demo.server, "").request("POST", "/login", &headers, form.as_bytes()).expect("an answer");
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.header("set-cookie").is_some());
}

#[test]
fn two_demos_on_one_folder_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(folder.path());
    let second = program()
        .args(["demo", "--listen", "127.0.0.1:0", "--shop-listen", "127.0.0.1:0", "--reset", "--data-dir"])
        .arg(folder.path())
        .output()
        .expect("the program starts");
    assert_eq!(second.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&second.stderr);
    assert!(complaint.contains("another selektable process"), "{complaint}");
    assert_eq!(demo.report("summary")["revenue"].as_array().map(Vec::len), Some(2));
}
