//! A small shop's history: two shoppers, three pictures, four orders, in January 2026.

use serde_json::{Value, json};

use super::{Answer, Client, TestServer};

/// A server with the history, and a client with the key that writes.
pub struct Shop {
    pub server: TestServer,
    pub client: Client,
}

impl Shop {
    /// Ann saw a sofa and a lamp and bought the sofa, then a table; Bob saw a chair and bought it twelve days later,
    /// too late for the window of seven days; Eve bought and saw nothing.
    pub fn open() -> Self {
        let server = TestServer::start();
        let client = Client::connect(&server);
        let mut shop = Self { server, client };
        shop.visualize("pic-1", "ann", "sofa", "2026-01-10T10:00:00Z");
        shop.visualize("pic-2", "ann", "lamp", "2026-01-12T10:00:00Z");
        shop.visualize("pic-3", "bob", "chair", "2026-01-01T10:00:00Z");
        for (id, visitor, product, cents, at) in [
            ("a-1", "ann", "sofa", 80_000, "2026-01-12T10:00:00Z"),
            ("a-2", "ann", "table", 20_000, "2026-01-13T10:00:00Z"),
            ("b-1", "bob", "chair", 9_000, "2026-01-13T12:00:00Z"),
            ("e-1", "eve", "sofa", 1_000, "2026-01-14T12:00:00Z"),
        ] {
            shop.order(&json!({
                "orderId": id, "visitorId": visitor, "sessionId": visitor, "totalCents": cents,
                "orderCreatedAt": at,
                "items": [{ "productId": product, "quantity": 1, "priceCents": cents, "totalCents": cents }],
            }));
        }
        shop
    }

    /// Records a picture of a product.
    pub fn visualize(&mut self, id: &str, visitor: &str, product: &str, at: &str) {
        let setup = &self.server.setup;
        let body = json!({
            "storeId": setup.store_id, "widgetId": setup.widget_id, "visualizationId": id, "visitorId": visitor,
            "sessionId": visitor, "createdAt": at, "products": [{ "productId": product }],
        });
        let answer = self.client.post("/api/v1/visualizations", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Sends an order; what is not said is an order of 100 in EUR, paid.
    pub fn order(&mut self, fields: &Value) -> Answer {
        let setup = &self.server.setup;
        let mut body = json!({
            "storeId": setup.store_id, "organizationId": setup.organization_id, "totalCents": 100,
            "currency": "EUR", "platform": "custom", "status": "completed", "items": [],
        });
        for (key, value) in fields.as_object().unwrap() {
            body[key] = value.clone();
        }
        let answer = self.client.post("/api/webhooks/orders", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }

    /// The path of a route of the store.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/stores/{}/{rest}", self.server.setup.store_id)
    }

    /// `GET` of a route of the store.
    pub fn get(&mut self, rest: &str) -> Answer {
        let path = self.path(rest);
        self.client.get(&path)
    }

    /// The same, as CSV: its lines.
    pub fn csv(&mut self, rest: &str) -> Vec<String> {
        let answer = self.ask("GET", rest, &[("Accept", "text/csv")], b"");
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"), "{}", answer.text());
        answer.text().lines().map(str::to_owned).collect()
    }

    /// `POST` of JSON to a route of the store.
    pub fn post(&mut self, rest: &str, body: &Value) -> Answer {
        let path = self.path(rest);
        self.client.post(&path, body)
    }

    /// Any request to a route of the store, with the key.
    pub fn ask(&mut self, method: &str, rest: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let key = format!("Bearer {}", self.server.setup.api_key);
        let headers = [headers, &[("Authorization", key.as_str())]].concat();
        self.client.request(method, &self.path(rest), &headers, body).expect("an answer")
    }

    /// `PUT` of JSON to a route of the store.
    pub fn put(&mut self, rest: &str, body: &Value) -> Answer {
        self.ask("PUT", rest, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// The decision of an order as it is explained.
    pub fn decision(&mut self, order: &str) -> Value {
        let answer = self.get(&format!("conversions/{order}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json["decision"].clone()
    }

    /// A key of the organization that only reads.
    pub fn read_key(&self) -> String {
        let org = self.server.setup.organization_id.as_str();
        let output = self.server.run(&["key", "create", "--org", org, "--json", "--scope", "read"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        made["apiKey"].as_str().expect("a key").to_owned()
    }
}
