//! A shop that tells of its past: visualizations and orders of so many days ago.

use serde_json::{Value, json};

use super::browser::Browser;
use super::support::{Client, TestServer};

const DAY_MS: f64 = 86_400_000.0;

/// One store's server and storefront.
pub(crate) struct Shop<'a> {
    server: &'a TestServer,
    client: Client,
    now_ms: i64,
}

impl<'a> Shop<'a> {
    /// A shop that sends with its own key.
    pub(crate) fn open(server: &'a TestServer) -> Self {
        let now_ms = selektable::ambient::now().as_millis();
        Self { server, client: Client::connect(server), now_ms }
    }

    /// The address of one of the store's pages.
    pub(crate) fn page(&self, page: &str) -> String {
        format!("/stores/{}{page}", self.server.setup.store_id)
    }

    /// The widget that was set up.
    pub(crate) fn widget(&self) -> String {
        self.server.setup.widget_id.clone()
    }

    /// Another widget.
    pub(crate) fn add_widget(&self, browser: &mut Browser, name: &str) -> String {
        let form = [("name", name), ("type", "room-visualizer"), ("accent", ""), ("retention", "24")];
        let made = browser.send(&self.page("/widgets/new"), &form);
        let href = made.header("location").expect("the widget's page").to_owned();
        href.rsplit_once('/').expect("a path").1.to_owned()
    }

    fn days_ago(&self, days: f64) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "some days in milliseconds")]
        let millis = (days * DAY_MS) as i64;
        selektable_domain::time::Timestamp::from_millis(self.now_ms - millis).to_rfc3339()
    }

    /// A visualization of one product.
    pub(crate) fn show(&mut self, widget: &str, visitor: &str, product: &str, days_ago: f64) {
        let setup = &self.server.setup;
        let shown = json!({
            "storeId": setup.store_id, "widgetId": widget, "visitorId": visitor, "sessionId": "s-shown",
            "products": [{ "productId": product }], "createdAt": self.days_ago(days_ago),
        });
        let answer = self.client.post("/api/v1/visualizations", &shown);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// An order of one product, with more fields or others.
    pub(crate) fn order(&mut self, id: &str, visitor: &str, product: &str, days_ago: f64, more: Value) {
        let setup = &self.server.setup;
        let mut order = json!({
            "orderId": id, "storeId": setup.store_id, "organizationId": setup.organization_id,
            "visitorId": visitor, "sessionId": "s-order", "totalCents": 10_000, "currency": "EUR",
            "platform": "custom", "status": "completed", "orderCreatedAt": self.days_ago(days_ago),
            "items": [{ "productId": product, "quantity": 1, "priceCents": 10_000, "totalCents": 10_000 }],
        });
        let Value::Object(more) = more else { panic!("more fields are an object") };
        order.as_object_mut().expect("an object").extend(more);
        let answer = self.client.post("/api/webhooks/orders", &order);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// The same, as it is usual.
    pub(crate) fn plain_order(&mut self, id: &str, visitor: &str, product: &str, days_ago: f64) {
        self.order(id, visitor, product, days_ago, json!({}));
    }
}
