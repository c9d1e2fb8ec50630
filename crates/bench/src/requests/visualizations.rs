//! Visualizations, reported by a shop's server.

use super::Shop;
use super::shoppers::{Shopper, Shoppers};
use crate::load::Requests;

/// Visualizations, each new.
pub(crate) struct Visualizations {
    /// Whose.
    pub(crate) shop: Shop,
    /// By whom.
    pub(crate) shoppers: Shoppers,
    /// Whether number `n` is by the load's own visitor `2n`, to whom orders go back; else by any browser.
    pub(crate) before_orders: bool,
}

impl Requests for Visualizations {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize {
        let Shopper { visitor, session, product } =
            if self.before_orders { Shoppers::known(2 * n) } else { Shoppers::browser(n) };
        let body = format!(
            r#"{{"storeId":"{store}","widgetId":"{widget}","visitorId":"{visitor}","sessionId":"{session}","products":[{{"productId":"{product}"}}],"createdAt":"{at}"}}"#,
            store = self.shop.store_id,
            widget = self.shop.widget_id,
            at = self.shoppers.visualized_at(),
        );
        self.shop.post("/api/v1/visualizations", &body, buffer)
    }

    fn kinds(&self) -> Vec<&'static str> {
        vec!["visualizations"]
    }
}
