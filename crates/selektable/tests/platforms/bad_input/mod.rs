//! Deliveries that are wrong: what each is answered, and that nothing of it is stored.
//!
//! The tables are split by what is wrong. What is not trusted is 401, whatever is in it; what is trusted is never
//! answered with an error for its content.

mod bodies;
mod odd;
mod requests;
mod signatures;

use serde_json::{Value, json};

use crate::orders::{shopify, woocommerce};
use crate::shop::{Kind, PlatformShop, Sent};
use crate::support::{TestServer, exchange};

/// When the orders of the tables were changed.
const PLACED: &str = "2026-11-20T10:00:00Z";

/// A wrong delivery and its answer.
struct Case {
    name: String,
    sent: Way,
    status: u16,
    /// The problem's code; the reason why it was ignored; or what it did.
    said: &'static str,
}

/// How it is sent.
enum Way {
    /// By a client that writes HTTP well.
    Well(Sent),
    /// Byte for byte.
    Raw(Vec<u8>),
}

impl Case {
    fn untrusted(name: &str, sent: Sent) -> Self {
        Self::refused(name, sent, 401, "invalid_signature")
    }

    fn refused(name: &str, sent: Sent, status: u16, said: &'static str) -> Self {
        Self { name: name.to_owned(), sent: Way::Well(sent), status, said }
    }

    fn ignored(name: &str, sent: Sent, said: &'static str) -> Self {
        Self::refused(name, sent, 200, said)
    }
}

/// The stores that deliveries are sent to.
struct Scene {
    server: TestServer,
    shopify: PlatformShop,
    woocommerce: PlatformShop,
}

impl Scene {
    fn open() -> Self {
        let server = TestServer::start();
        let shopify = PlatformShop::open(&server, Kind::Shopify);
        let woocommerce =
            PlatformShop::named(&server, Kind::WooCommerce, "Woo", Kind::WooCommerce.host(), &[]);
        Self { server, shopify, woocommerce }
    }

    /// A right order of Shopify, to be broken.
    fn good(&self) -> Sent {
        self.of_shopify("orders/create", &shopify(1, PLACED))
    }

    fn of_shopify(&self, topic: &str, body: &Value) -> Sent {
        Sent::new(&self.shopify, topic, body.to_string().as_bytes())
    }

    fn of_woocommerce(&self, topic: &str, body: &Value) -> Sent {
        Sent::new(&self.woocommerce, topic, body.to_string().as_bytes())
    }

    /// What is wrong with the answer of a case.
    fn faults(&mut self, case: &Case) -> Option<String> {
        let (status, body) = match &case.sent {
            Way::Well(sent) => {
                // A connection of its own: some of them are closed by their answer.
                let server = &self.server;
                self.shopify.client = crate::support::Client::with_key(server, &self.shopify.setup.api_key);
                let answer = self.shopify.send(sent);
                (answer.status, answer.json)
            }
            Way::Raw(bytes) => {
                let text = exchange(&self.server, bytes).text;
                let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
                let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
                (status, serde_json::from_str(body).unwrap_or_default())
            }
        };
        let said = [&body["code"], &body["reason"], &body["result"]].into_iter().find_map(Value::as_str);
        let is_right = status == case.status && said == Some(case.said);
        (!is_right).then(|| {
            format!("{}: {status} {said:?} instead of {} {:?}: {body}", case.name, case.status, case.said)
        })
    }

    /// Whether anything is here that a wrong delivery left behind, records of its refusal apart.
    fn is_untouched(&mut self) -> bool {
        [&mut self.shopify, &mut self.woocommerce].into_iter().all(|shop| {
            shop.client = crate::support::Client::with_key(&self.server, &shop.setup.api_key);
            let link = shop.get("platform").json["link"]["state"].clone();
            shop.conversions() == 0
                && (link == "waiting" || link == "owner_lost_access")
                && shop.get("privacy-requests").json["data"] == json!([])
        })
    }
}

#[test]
fn every_wrong_delivery_gets_its_answer_and_stores_nothing() {
    let mut scene = Scene::open();
    let cases: Vec<Case> = [signatures::cases(&scene), requests::cases(&scene), bodies::cases(&scene)]
        .into_iter()
        .flatten()
        .collect();
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(scene.faults(case));
        if !scene.is_untouched() {
            wrong.push(format!("{}: something was stored", case.name));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases went wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    println!("{} wrong deliveries, each with its answer", cases.len());
    for (topic, sent) in [
        ("orders/create", scene.good()),
        (
            "order.created",
            scene.of_woocommerce("order.created", &woocommerce(1, "processing", "2026-11-20T09:00:30")),
        ),
    ] {
        assert_eq!(scene.shopify.send(&sent).json["result"], "created", "a right {topic} still gets through");
    }
}
