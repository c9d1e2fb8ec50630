//! A store of a platform, and deliveries as its platform sends them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::platform::signature;
use serde_json::Value;

use crate::support::{Answer, Client, Setup, TestServer, set_up};

/// Which platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Shopify,
    WooCommerce,
}

impl Kind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
        }
    }

    /// The host that the fixtures of this platform name.
    pub const fn host(self) -> &'static str {
        match self {
            Self::Shopify => "jsmith.myshopify.com",
            Self::WooCommerce => "example.com",
        }
    }

    /// Names of the headers of topic, signature and shop.
    pub const fn headers(self) -> [&'static str; 3] {
        match self {
            Self::Shopify => ["X-Shopify-Topic", "X-Shopify-Hmac-Sha256", "X-Shopify-Shop-Domain"],
            Self::WooCommerce => ["X-WC-Webhook-Topic", "X-WC-Webhook-Signature", "X-WC-Webhook-Source"],
        }
    }

    /// What the header of the shop says.
    pub fn claim(self, host: &str) -> String {
        match self {
            Self::Shopify => host.to_owned(),
            Self::WooCommerce => format!("https://{host}/"),
        }
    }

    /// The route without a store.
    pub fn route(self) -> String {
        format!("/api/webhooks/{}/orders", self.code())
    }
}

/// A store of a platform on a server.
pub struct PlatformShop {
    pub kind: Kind,
    pub setup: Setup,
    pub secret: String,
    pub client: Client,
}

impl PlatformShop {
    /// A store that answers to the host of the fixtures.
    pub fn open(server: &TestServer, kind: Kind) -> Self {
        Self::named(server, kind, "Platform Shop", kind.host(), &[])
    }

    /// A store of an organization of this name and its own host.
    pub fn named(server: &TestServer, kind: Kind, name: &str, host: &str, more: &[&str]) -> Self {
        let arguments = [&["--platform", kind.code(), "--domain", host], more].concat();
        let email = format!("{}@example.com", name.replace(' ', "-"));
        let setup = set_up(server.data(), name, &email, &arguments);
        let secret = setup.webhook_secret.clone().unwrap_or_default();
        let client = Client::with_key(server, &setup.api_key);
        Self { kind, setup, secret, client }
    }

    /// Sends a delivery as the platform does, to the route without a store.
    pub fn deliver(&mut self, topic: &str, body: &[u8]) -> Answer {
        let sent = Sent::new(self, topic, body);
        self.send(&sent)
    }

    /// The same, and it must be answered 200 with this result.
    pub fn accept(&mut self, topic: &str, body: &Value, result: &str) -> Answer {
        let answer = self.deliver(topic, body.to_string().as_bytes());
        assert_eq!(
            (answer.status, answer.json["result"].as_str()),
            (200, Some(result)),
            "{topic}: {}",
            answer.text()
        );
        assert_eq!(answer.json["success"], true);
        answer
    }

    /// Sends anything.
    pub fn send(&mut self, sent: &Sent) -> Answer {
        let headers: Vec<(&str, &str)> =
            sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.client.request("POST", &sent.path, &headers, &sent.body).expect("an answer")
    }

    /// `GET` of a route of the store.
    pub fn get(&mut self, rest: &str) -> Answer {
        self.client.get(&format!("/api/v1/stores/{}/{rest}", self.setup.store_id))
    }

    /// One conversion as the API gives it.
    pub fn conversion(&mut self, order: &str) -> Value {
        let answer = self.get(&format!("conversions/{order}"));
        assert_eq!(answer.status, 200, "{order}: {}", answer.text());
        answer.json
    }

    /// What the API says of an order that must not depend on how it came: all but ids and times of receipt.
    pub fn state(&mut self, order: &str) -> Value {
        let mut found = self.conversion(order);
        let fields = found.as_object_mut().expect("an object");
        for name in ["conversionId", "receivedAt", "deliveries", "ledger", "decision", "occurredAt"] {
            fields.remove(name);
        }
        found
    }

    /// How many conversions the store has.
    pub fn conversions(&mut self) -> usize {
        let answer = self.get("conversions?limit=200");
        answer.json["data"].as_array().unwrap_or_else(|| panic!("no list: {}", answer.text())).len()
    }

    /// Deliveries, newest first.
    pub fn deliveries(&mut self, query: &str) -> Vec<Value> {
        let answer = self.get(&format!("deliveries?{query}"));
        answer.json["data"].as_array().unwrap_or_else(|| panic!("no list: {}", answer.text())).clone()
    }

    /// Refused deliveries once so many are recorded: they are written after the answer, so that a refusal takes the same
    /// time whichever store it was meant for.
    pub fn refused(&mut self, number: usize) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let found = self.deliveries("outcome=refused&limit=200");
            if found.len() >= number {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "only {} refusals: {found:?}", found.len());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Says in the shopper's browser what `events` says.
    pub fn browse(&mut self, visitor: &str, events: &Value, headers: &[(&str, &str)]) -> Answer {
        let body = serde_json::json!({
            "storeId": self.setup.store_id, "visitorId": visitor, "sessionId": format!("s-{visitor}"),
            "sentAt": 1_000_000, "events": events,
        });
        let headers = [&[("Content-Type", "text/plain")], headers].concat();
        self.client.request("POST", "/api/events", &headers, body.to_string().as_bytes()).expect("an answer")
    }

    /// Records a picture of a product.
    pub fn visualize(&mut self, visitor: &str, product: &str, at: &str) {
        let body = serde_json::json!({
            "storeId": self.setup.store_id, "widgetId": self.setup.widget_id, "visitorId": visitor,
            "sessionId": format!("s-{visitor}"), "createdAt": at, "products": [{ "productId": product }],
        });
        let answer = self.client.post("/api/v1/visualizations", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// A delivery to be sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sent {
    /// As the shop's platform would send it.
    pub fn new(shop: &PlatformShop, topic: &str, body: &[u8]) -> Self {
        let [topic_name, signature_name, host_name] = shop.kind.headers();
        let headers = [
            ("Content-Type", "application/json".to_owned()),
            (topic_name, topic.to_owned()),
            (signature_name, sign(body, &shop.secret)),
            (host_name, shop.kind.claim(shop.kind.host())),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Self { path: shop.kind.route(), headers, body: body.to_vec() }
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// With another value of a header, or one more.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.and(name, value)
    }

    /// With one more header, also of a name that is there.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// To another address.
    pub fn to(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }
}

/// The signature of a body.
pub fn sign(body: &[u8], secret: &str) -> String {
    signature::sign(body, &WebhookSecret::parse(secret).expect("a secret"))
}

/// A recorded payload.
pub fn fixture(name: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/platforms");
    std::fs::read(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A recorded payload as JSON.
pub fn fixture_json(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).expect("JSON")
}
