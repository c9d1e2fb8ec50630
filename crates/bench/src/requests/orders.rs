//! Orders as the seed's sample sends them.

use super::Shop;
use super::shoppers::Shoppers;
use crate::load::Requests;

/// Orders: every one new, two lines each.
pub(crate) struct Orders {
    /// Whose.
    pub(crate) shop: Shop,
    /// By whom.
    pub(crate) shoppers: Shoppers,
}

impl Requests for Orders {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize {
        let shopper = self.shoppers.of_order(n);
        let body = format!(
            r#"{{"orderId":"order-{n}","storeId":"{store}","organizationId":"{organization}","visitorId":"{visitor}","sessionId":"{session}","totalCents":12990,"currency":"EUR","platform":"custom","status":"completed","orderCreatedAt":"{at}","items":[{{"productId":"{bought}","quantity":1,"priceCents":9990,"totalCents":9990}},{{"productId":"lamp-7","quantity":2,"priceCents":1500,"totalCents":3000}}]}}"#,
            store = self.shop.store_id,
            organization = self.shop.organization_id,
            visitor = shopper.visitor,
            session = shopper.session,
            at = self.shoppers.ordered_at(),
            bought = shopper.product,
        );
        self.shop.post("/api/webhooks/orders", &body, buffer)
    }

    fn kinds(&self) -> Vec<&'static str> {
        vec!["orders"]
    }
}
