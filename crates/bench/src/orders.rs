//! The requests: orders as the seed's sample sends them, and the visualizations that half of their visitors made.

use std::io::Write;

use crate::load::Requests;

/// Visitors that orders are spread over; the even half of them visualized something.
pub(crate) const VISITORS: u64 = 40_000;

/// Where requests go and whose they are.
#[derive(Clone)]
pub(crate) struct Shop {
    /// `Host` header.
    pub(crate) host: String,
    /// The key's text.
    pub(crate) key: String,
    /// Ids of the store the orders are for.
    pub(crate) organization_id: String,
    /// See [`Shop::organization_id`].
    pub(crate) store_id: String,
    /// See [`Shop::organization_id`].
    pub(crate) widget_id: String,
    /// RFC 3339 instant of the orders.
    pub(crate) ordered_at: String,
    /// RFC 3339 instant of the visualizations, before the orders and inside the window.
    pub(crate) visualized_at: String,
}

impl Shop {
    fn post(&self, path: &str, body: &str, buffer: &mut Vec<u8>) {
        // Writing to a Vec can't fail.
        let _ = write!(
            buffer,
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            self.key,
            body.len(),
        );
    }
}

/// Orders: every one new, two lines each; visitor `n mod VISITORS`.
pub(crate) struct Orders(pub(crate) Shop);

impl Requests for Orders {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) {
        let visitor = n % VISITORS;
        let body = format!(
            r#"{{"orderId":"order-{n}","storeId":"{store}","organizationId":"{organization}","visitorId":"visitor-{visitor}","sessionId":"session-{visitor}","totalCents":12990,"currency":"EUR","platform":"custom","status":"completed","orderCreatedAt":"{at}","items":[{{"productId":"{bought}","quantity":1,"priceCents":9990,"totalCents":9990}},{{"productId":"lamp-7","quantity":2,"priceCents":1500,"totalCents":3000}}]}}"#,
            store = self.0.store_id,
            organization = self.0.organization_id,
            at = self.0.ordered_at,
            bought = product(visitor),
        );
        self.0.post("/api/webhooks/orders", &body, buffer);
    }
}

/// Visualizations: number `n` is by visitor `2n`.
pub(crate) struct Visualizations(pub(crate) Shop);

impl Requests for Visualizations {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) {
        let visitor = 2 * n;
        let body = format!(
            r#"{{"storeId":"{store}","widgetId":"{widget}","visitorId":"visitor-{visitor}","sessionId":"session-{visitor}","products":[{{"productId":"{shown}"}}],"createdAt":"{at}"}}"#,
            store = self.0.store_id,
            widget = self.0.widget_id,
            shown = product(visitor),
            at = self.0.visualized_at,
        );
        self.0.post("/api/v1/visualizations", &body, buffer);
    }
}

/// A number, because platforms' products are.
pub(crate) fn product(visitor: u64) -> u64 {
    10_000 + visitor % 500
}
